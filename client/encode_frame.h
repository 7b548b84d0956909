// A stream's frame as bytes for the transport: large payloads are not copied but kept alive until it is done with them.
//
// Pure; any thread. The frame's payload must not change from then on.
#ifndef L3LINK_CLIENT_ENCODE_FRAME_H_
#define L3LINK_CLIENT_ENCODE_FRAME_H_

#include "client/packed_frame.h"
#include "grpcpp/support/byte_buffer.h"

namespace l3link::client {

// The bytes that Protobuf would write for `frame`.
grpc::ByteBuffer EncodeFrame(const RequestFrame& frame);

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_ENCODE_FRAME_H_
