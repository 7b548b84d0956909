// Reads a messages frame of a stream and leaves its payload where it is.
//
// Pure functions over foreign bytes; any thread. Knows the canonical form only, as Protobuf's own libraries write it: fields in
// order, none twice or unknown. For whatever else there is Protobuf's parser.
#ifndef L3LINK_SERVER_CHANNEL_MESSAGES_DECODER_H_
#define L3LINK_SERVER_CHANNEL_MESSAGES_DECODER_H_

#include <google/protobuf/io/zero_copy_stream.h>

#include "l3link/v1/channel.pb.h"
#include "server/channel/frame_payload.h"

namespace l3link {

// True: `bytes` are a StreamRequest with packed messages or a fragment, now in `request` but for payloads or data; those are in
// `payload`, as views of what `bytes` hands out. Otherwise both hold nothing of use. Keeps what `request` has allocated.
bool DecodeMessages(google::protobuf::io::ZeroCopyInputStream* bytes, v1::StreamRequest* request,
                    FramePayload* payload);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_MESSAGES_DECODER_H_
