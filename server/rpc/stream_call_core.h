// One bidirectional call on a completion queue, without its message types: which operations are under way, and when it ends.
//
//   listening --call came--> running --Finish--> finishing --all tags back--> deleted
//
// - One read is always outstanding while the call runs: the node never stops reading a stream.
// - One message slot for writes: free -> claimed -> ready -> in flight -> claimed (by the handler again) -> free.
// - A write or finish is *decided* by whoever found the work, usually under a chip worker's lock, and *started* right after
//   that lock is released, on the same thread: StartPending is never called with a lock held, and gRPC never runs under one.
// - Finish happens once: after the write in flight. A call whose client went away is finished as well, by the core itself.
// - The object counts its outstanding tags and pending starts, and deletes itself (and its handler) with the last one.
//
// Reads, OnWritten and OnOver come on the queue's thread, one at a time; the methods of the handler's side are for any thread.
#ifndef L3LINK_SERVER_RPC_STREAM_CALL_CORE_H_
#define L3LINK_SERVER_RPC_STREAM_CALL_CORE_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/rpc/tag.h"

namespace l3link {

class StreamCallCore {
 public:
  // The context of the RPC: peer, deadline, metadata. Valid once the handler is made.
  grpc::ServerContext& context() { return context_; }

  // --- The handler's side. A true answer of Commit, Release and Finish means: a start is owed. Whoever got it must call
  // StartPending once its locks are released; under a chip worker's lock, by ChipLock::Defer of a DeferredStart. ---

  // Takes the message slot to fill it; false while it is taken, or when the call is finishing.
  [[nodiscard]] bool TryClaim() ABSL_LOCKS_EXCLUDED(mu_);
  // The claimed slot is filled: to be sent.
  [[nodiscard]] bool Commit() ABSL_LOCKS_EXCLUDED(mu_);
  // The claimed slot is not needed after all.
  [[nodiscard]] bool Release() ABSL_LOCKS_EXCLUDED(mu_);
  // Ends the call once the slot is free; the first status stays.
  [[nodiscard]] bool Finish(grpc::Status status) ABSL_LOCKS_EXCLUDED(mu_);
  bool finishing() const ABSL_LOCKS_EXCLUDED(mu_);

  // Starts what is ready. No lock is held; the call may be gone when it returns.
  void StartPending() ABSL_LOCKS_EXCLUDED(mu_);

 protected:
  StreamCallCore();
  virtual ~StreamCallCore() = default;

  // Asks gRPC for a call; the start tag comes back with it.
  void Listen();

  // The typed shell's part.
  virtual void IssueRequest(Tag* done) = 0;
  virtual void IssueRead(Tag* done) = 0;
  virtual void IssueWrite(Tag* done) = 0;
  virtual void IssueFinish(const grpc::Status& status, Tag* done) = 0;
  virtual void OnStarted() = 0;  // make the handler, listen for the next call
  virtual void OnFrame() = 0;
  virtual void OnHalfClose() = 0;
  virtual void OnWritten(bool ok) = 0;
  virtual void OnOver(bool cancelled) = 0;

 private:
  enum class Slot { kFree, kClaimed, kReady, kInFlight };
  enum class Ending { kNo, kWanted, kStarted };

  void OnRequestDone(bool ok);
  void OnReadDone(bool ok);
  void OnWriteDone(bool ok);
  void OnFinishDone(bool ok);
  void OnCallDone(bool ok);

  void ReadNext() ABSL_LOCKS_EXCLUDED(mu_);
  bool OweStart() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Unref() ABSL_LOCKS_EXCLUDED(mu_);

  grpc::ServerContext context_;
  MemberTag<StreamCallCore, &StreamCallCore::OnRequestDone> request_tag_{this};
  MemberTag<StreamCallCore, &StreamCallCore::OnReadDone> read_tag_{this};
  MemberTag<StreamCallCore, &StreamCallCore::OnWriteDone> write_tag_{this};
  MemberTag<StreamCallCore, &StreamCallCore::OnFinishDone> finish_tag_{this};
  MemberTag<StreamCallCore, &StreamCallCore::OnCallDone> done_tag_{this};

  mutable absl::Mutex mu_;  // a leaf: taken under any other lock
  Slot slot_ ABSL_GUARDED_BY(mu_) = Slot::kFree;
  Ending ending_ ABSL_GUARDED_BY(mu_) = Ending::kNo;
  grpc::Status status_ ABSL_GUARDED_BY(mu_);
  bool start_owed_ ABSL_GUARDED_BY(mu_) = false;
  int refs_ ABSL_GUARDED_BY(mu_) = 0;  // outstanding tags, and one for a start that is owed
};

}  // namespace l3link

#endif  // L3LINK_SERVER_RPC_STREAM_CALL_CORE_H_
