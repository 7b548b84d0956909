// One attempt at a bidirectional streaming RPC over the poller's completion queue: a read is under way, or left for a moment; at
// most one write at a time; and the end is told exactly once, after everything under way has come back.
//
// Where both ends take turns the next read is begun after the write that answers the last: what gRPC then has to tell the node of
// its window goes along with the write, and not before in a packet of its own that wakes the node for nothing.
//
// Owned by a driver (StreamDriver, WatchStream). Reactions run in the poller without any lock of this class;
// Write may be called from any thread after ReserveWrite.
#ifndef L3LINK_CLIENT_BIDI_CALL_H_
#define L3LINK_CLIENT_BIDI_CALL_H_

#include <atomic>
#include <memory>
#include <utility>

#include "client/poller.h"
#include "client/turn_guess.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/status.h"

namespace l3link::client {

enum class WriteKind {
  kAsks,  // is answered
  kTells,
  kLast,
};

template <typename Request, typename Response>
class BidiCall {
 public:
  using Stream = grpc::ClientAsyncReaderWriter<Request, Response>;

  class Reactions {
   public:
    virtual void OnStarted() = 0;
    // Answers whether this end has its turn: more is to come only when it has written again.
    virtual bool OnRead(std::shared_ptr<const Response> frame) = 0;
    virtual void OnWritten() = 0;
    // The last one; the call may be destroyed in it.
    virtual void OnEnded(const grpc::Status& status) = 0;

   protected:
    ~Reactions() = default;
  };

  BidiCall(Poller* poller, Reactions* reactions) : poller_(*poller), reactions_(reactions) {}
  BidiCall(const BidiCall&) = delete;
  BidiCall& operator=(const BidiCall&) = delete;

  // For the stub's PrepareAsyncStream.
  grpc::ClientContext* context() { return &context_; }
  // Once, right after construction.
  void Start(std::unique_ptr<Stream> stream) {
    stream_ = std::move(stream);
    stream_->StartCall(&start_tag_);
  }

  // Reserves the right to one Write, which must follow; false when the call is over. The call lives until it is written.
  bool ReserveWrite() {
    int pending = pending_.load(std::memory_order_relaxed);
    do {
      if (pending == 0) return false;
      // relaxed: a count only; what it guards is ordered by the owner's lock and the completion queue.
    } while (!pending_.compare_exchange_weak(pending, pending + 1, std::memory_order_relaxed));
    return true;
  }
  // Takes its own hold of the frame, or serializes it, before it returns; OnWritten follows (not when the call is ending).
  void Write(const Request& frame, WriteKind kind) {
    if (kind == WriteKind::kAsks) turns_.OnWrite();
    const bool reads = TakeRead();  // before the write: afterwards only what is under way keeps the call
    if (kind == WriteKind::kLast) {
      stream_->WriteLast(frame, grpc::WriteOptions(), &write_tag_);
    } else {
      stream_->Write(frame, &write_tag_);
    }
    if (reads) StartRead();
  }
  // Any thread, while the call lives.
  void Cancel() { context_.TryCancel(); }

 private:
  void OnStart(bool ok) {
    if (ok) {
      Read();
      reactions_->OnStarted();
    } else {
      Finish();
    }
    Done();
  }

  void Read() {
    pending_.fetch_add(1, std::memory_order_relaxed);
    StartRead();
  }

  void StartRead() {
    incoming_ = std::make_shared<Response>();
    stream_->Read(incoming_.get(), &read_tag_);
  }

  // Whether a read was left for later, which is the caller's to start now. It counts as under way.
  bool TakeRead() {
    return read_later_.load(std::memory_order_relaxed) && read_later_.exchange(false, std::memory_order_acquire);
  }

  void OnReadDone(bool ok) {
    if (!ok) {
      Finish();
    } else if (std::shared_ptr<Response> frame = std::move(incoming_); !turns_.OnRead()) {
      Read();
      reactions_->OnRead(std::move(frame));
    } else {
      ReadInTurn(std::move(frame));
    }
    Done();
  }

  void ReadInTurn(std::shared_ptr<Response> frame) {
    pending_.fetch_add(1, std::memory_order_relaxed);
    read_later_.store(true, std::memory_order_release);
    if (reactions_->OnRead(std::move(frame))) {
      if (!std::exchange(postponed_, true)) pending_.fetch_add(1, std::memory_order_relaxed);
      poller_.Postpone(&late_tag_);
    } else if (TakeRead()) {
      StartRead();
    }
  }

  void OnLate(bool) {
    postponed_ = false;
    if (TakeRead()) {
      turns_.OnWrong();
      StartRead();
    }
    Done();
  }

  void OnWriteDone(bool ok) {
    if (ok) reactions_->OnWritten();  // else the read fails too
    Done();
  }

  void Finish() {
    // The end need not wait for a read that was taken long ago. What is withdrawn leaves its place to this.
    if (!postponed_ || !poller_.Withdraw(&late_tag_)) pending_.fetch_add(1, std::memory_order_relaxed);
    postponed_ = false;
    stream_->Finish(&status_, &finish_tag_);
  }

  void OnFinished(bool) { Done(); }

  void Done() {
    // acq_rel: whoever is last sees what the others did; pairs with itself.
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) reactions_->OnEnded(status_);
  }

  Poller& poller_;
  Reactions* const reactions_;
  grpc::ClientContext context_;
  std::unique_ptr<Stream> stream_;
  std::shared_ptr<Response> incoming_;
  grpc::Status status_;
  TurnGuess turns_;
  std::atomic<bool> read_later_{false};
  bool postponed_ = false;       // OnLate is to come
  std::atomic<int> pending_{1};  // operations under way; the first is the start
  MemberTag<BidiCall, &BidiCall::OnStart> start_tag_{this};
  MemberTag<BidiCall, &BidiCall::OnReadDone> read_tag_{this};
  MemberTag<BidiCall, &BidiCall::OnLate> late_tag_{this};
  MemberTag<BidiCall, &BidiCall::OnWriteDone> write_tag_{this};
  MemberTag<BidiCall, &BidiCall::OnFinished> finish_tag_{this};
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_BIDI_CALL_H_
