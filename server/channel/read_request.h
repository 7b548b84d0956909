// A frame of a client's stream, read out of the transport's buffers. Pure; any thread.
#ifndef L3LINK_SERVER_CHANNEL_READ_REQUEST_H_
#define L3LINK_SERVER_CHANNEL_READ_REQUEST_H_

#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"
#include "l3link/v1/channel.pb.h"
#include "server/channel/frame_payload.h"

namespace l3link {

// Takes `bytes`. Of packed messages and fragments the payload stays where it lies, and `payload` keeps it; `request` keeps what
// memory it can. MALFORMED_FRAME: no StreamRequest.
absl::Status ReadRequest(grpc::ByteBuffer* bytes, v1::StreamRequest* request, FramePayload* payload);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_READ_REQUEST_H_
