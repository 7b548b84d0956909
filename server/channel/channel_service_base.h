// What ChannelService is served by: unary calls by the callback API, Stream on completion queues (server/rpc).
//
// Derive from ChannelServiceBase and override the unary calls; give Stream to a ChannelStreamAcceptor.
#ifndef L3LINK_SERVER_CHANNEL_CHANNEL_SERVICE_BASE_H_
#define L3LINK_SERVER_CHANNEL_CHANNEL_SERVICE_BASE_H_

#include "l3link/v1/channel.grpc.pb.h"
#include "server/rpc/stream_call.h"

namespace l3link {

template <typename Base>
using ChannelUnaryCalls =
    v1::ChannelService::WithCallbackMethod_OpenChannel<v1::ChannelService::WithCallbackMethod_GetChannel<
        v1::ChannelService::WithCallbackMethod_ListChannels<v1::ChannelService::WithCallbackMethod_CloseChannel<
            v1::ChannelService::WithCallbackMethod_Send<v1::ChannelService::WithCallbackMethod_Receive<
                v1::ChannelService::WithCallbackMethod_Ack<v1::ChannelService::WithCallbackMethod_Peek<Base>>>>>>>>;

// Stream with requests as they came; gRPC generates only both sides raw, or none.
class RawStreamRequests : public v1::ChannelService::WithRawMethod_Stream<v1::ChannelService::Service> {
 public:
  void RequestStream(grpc::ServerContext* context,
                     grpc::ServerAsyncReaderWriter<v1::StreamResponse, grpc::ByteBuffer>* stream,
                     grpc::CompletionQueue* new_call_queue, grpc::ServerCompletionQueue* queue, void* tag) {
    constexpr int kStream = 4;  // of the service's methods
    grpc::Service::RequestAsyncBidiStreaming(kStream, context, stream, new_call_queue, queue, tag);
  }
};

using ChannelServiceBase = ChannelUnaryCalls<RawStreamRequests>;

using ChannelStreamCall = StreamCall<ChannelServiceBase, grpc::ByteBuffer, v1::StreamResponse>;
using ChannelStreamAcceptor = StreamAcceptor<ChannelServiceBase, grpc::ByteBuffer, v1::StreamResponse>;

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_CHANNEL_SERVICE_BASE_H_
