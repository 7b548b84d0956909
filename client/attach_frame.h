// The first frame of a lane stream: from the application's options, and later from where its session stands.
// Stateless; any thread.
#ifndef L3LINK_CLIENT_ATTACH_FRAME_H_
#define L3LINK_CLIENT_ATTACH_FRAME_H_

#include <cstdint>

#include "client/packed_frame.h"
#include "client/stream_options.h"
#include "l3link/v1/channel.pb.h"

namespace l3link::client {

RequestFrame AttachFrame(const v1::ChannelId& channel, const StreamOptions& options);
// The same session on the same lanes as `before`, going on after `acked`.
RequestFrame ReattachFrame(const v1::ChannelId& channel, const StreamOptions& options, const v1::Attached& before,
                           uint64_t acked);

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_ATTACH_FRAME_H_
