// One streaming call whose frames are gRPC's buffers rather than messages, for bulk. Each operation waits for its end.
//
// Of one thread, the caller's. It waits in the poller, so that it does gRPC's work for the call itself; in a reaction, which
// must not wait for others, in a queue of the call's own.
#ifndef L3LINK_CLIENT_FRAME_CALL_H_
#define L3LINK_CLIENT_FRAME_CALL_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "client/connection.h"
#include "client/monitor.h"
#include "client/poller.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace l3link::client {

// Begins with the first Write and ends with Finish; one that is destroyed before is cancelled.
class FrameCall {
 public:
  // `method` as on the wire: "/package.Service/Method". The connection outlives the call.
  FrameCall(Connection* connection, const std::string& method, absl::Duration timeout);
  ~FrameCall();
  FrameCall(const FrameCall&) = delete;
  FrameCall& operator=(const FrameCall&) = delete;

  // All: false when the call is over; Finish says why. Read also when the node has sent all.
  bool Write(const grpc::ByteBuffer& frame);
  bool WritesDone();
  bool Read(grpc::ByteBuffer* frame);
  grpc::Status Finish();

 private:
  void OnDone(bool ok);
  bool Wait();

  Poller& poller_;
  const std::unique_ptr<grpc::CompletionQueue> own_queue_;  // in a reaction
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  MemberTag<FrameCall, &FrameCall::OnDone> tag_{this};
  Mutex mutex_;
  Condition changed_;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  bool ok_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_FRAME_CALL_H_
