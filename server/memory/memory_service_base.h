// What MemoryService is served by: unary calls by the callback API; on completion queues Stream (server/rpc), and Read and
// Write with frames as gRPC has them (transfer_calls.h).
//
// Derive from MemoryServiceBase and override the others; give Stream to a MemoryStreamAcceptor.
#ifndef L3LINK_SERVER_MEMORY_MEMORY_SERVICE_BASE_H_
#define L3LINK_SERVER_MEMORY_MEMORY_SERVICE_BASE_H_

#include "l3link/v1/memory.grpc.pb.h"
#include "server/rpc/stream_call.h"
#include "server/rpc/unary_call.h"

namespace l3link {

template <typename Base>
using MemoryCallbackCalls =
    v1::MemoryService::WithCallbackMethod_OpenRegion<v1::MemoryService::WithCallbackMethod_GetRegion<
        v1::MemoryService::WithCallbackMethod_ListRegions<v1::MemoryService::WithCallbackMethod_CloseRegion<
            v1::MemoryService::WithCallbackMethod_Test<v1::MemoryService::WithCallbackMethod_Wait<Base>>>>>>;

template <typename Base>
using MemoryTransfers = v1::MemoryService::WithRawMethod_Read<v1::MemoryService::WithRawMethod_Write<Base>>;

using MemoryServiceBase = MemoryCallbackCalls<MemoryTransfers<
    v1::MemoryService::WithAsyncMethod_Notify<v1::MemoryService::WithAsyncMethod_Stream<v1::MemoryService::Service>>>>;

using MemoryStreamCall = StreamCall<MemoryServiceBase, v1::MemoryServiceStreamRequest, v1::MemoryServiceStreamResponse>;
using MemoryStreamAcceptor =
    StreamAcceptor<MemoryServiceBase, v1::MemoryServiceStreamRequest, v1::MemoryServiceStreamResponse>;

using NotifyAcceptor = UnaryAcceptor<MemoryServiceBase, v1::NotifyRequest, v1::NotifyResponse>;

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_MEMORY_SERVICE_BASE_H_
