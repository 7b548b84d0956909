// The end of a unary call of the callback API that is done when its method returns.
#ifndef L3LINK_SERVER_ANSWER_H_
#define L3LINK_SERVER_ANSWER_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "absl/status/status.h"
#include "server/errors.h"

namespace l3link {

// Finishes the call with `status`, converted; the response is sent when it is OK.
inline grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(status));
  return reactor;
}

}  // namespace l3link

#endif  // L3LINK_SERVER_ANSWER_H_
