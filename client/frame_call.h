// One streaming call whose frames are gRPC's buffers rather than messages, for bulk. Each operation waits for its end.
//
// Of one thread: the caller's, which polls a completion queue of the call's own.
#ifndef L3LINK_CLIENT_FRAME_CALL_H_
#define L3LINK_CLIENT_FRAME_CALL_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "client/connection.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace l3link::client {

// Begins with the first Write and ends with Finish; one that is destroyed before is cancelled.
class FrameCall {
 public:
  // `method` as on the wire: "/package.Service/Method".
  FrameCall(const Connection& connection, const std::string& method, absl::Duration timeout);
  ~FrameCall();
  FrameCall(const FrameCall&) = delete;
  FrameCall& operator=(const FrameCall&) = delete;

  // All: false when the call is over; Finish says why. Read also when the node has sent all.
  bool Write(const grpc::ByteBuffer& frame);
  bool WritesDone();
  bool Read(grpc::ByteBuffer* frame);
  grpc::Status Finish();

 private:
  bool Wait();

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_FRAME_CALL_H_
