// MemoryService: regions of memory shared with the chip, and their signals.
//
// Unary calls run on gRPC's executor and never block: a Wait is a reactor that a listener or the node's ticker finishes.
// Stream, Read and Write run on the completion queues of server/rpc.
#ifndef L3LINK_SERVER_MEMORY_MEMORY_SERVICE_H_
#define L3LINK_SERVER_MEMORY_MEMORY_SERVICE_H_

#include <memory>

#include "absl/status/status.h"
#include "server/memory/memory_service_base.h"
#include "server/node.h"

namespace l3link {

class MemoryJournal;

class RegionHub;
struct Transfers;

class MemoryService final : public MemoryServiceBase {
 public:
  // `node` outlives the service, which is destroyed after the server and its queues have stopped.
  // `journal` outlives it; null: nothing is remembered beyond this daemon's life.
  MemoryService(Node* node, MemoryJournal* journal);
  ~MemoryService() override;

  // Takes Stream, Read, Write and Notify calls on the pool's queues, for Server::AddService. The server and the pool run.
  void StartStreams(QueuePool* pool);

  grpc::ServerUnaryReactor* OpenRegion(grpc::CallbackServerContext* context, const v1::OpenRegionRequest* request,
                                       v1::OpenRegionResponse* response) override;
  grpc::ServerUnaryReactor* GetRegion(grpc::CallbackServerContext* context, const v1::GetRegionRequest* request,
                                      v1::GetRegionResponse* response) override;
  grpc::ServerUnaryReactor* ListRegions(grpc::CallbackServerContext* context, const v1::ListRegionsRequest* request,
                                        v1::ListRegionsResponse* response) override;
  grpc::ServerUnaryReactor* CloseRegion(grpc::CallbackServerContext* context, const v1::CloseRegionRequest* request,
                                        v1::CloseRegionResponse* response) override;
  grpc::ServerUnaryReactor* Test(grpc::CallbackServerContext* context, const v1::TestRequest* request,
                                 v1::TestResponse* response) override;
  grpc::ServerUnaryReactor* Wait(grpc::CallbackServerContext* context, const v1::WaitRequest* request,
                                 v1::WaitResponse* response) override;

 private:
  struct Live;  // streams and waits that run now

  void Restore();
  absl::Status NotifyNow(const v1::NotifyRequest& request, v1::NotifyResponse* response);

  Node& node_;
  MemoryJournal* const journal_;
  std::unique_ptr<RegionHub> hub_;
  std::shared_ptr<Live> live_;  // uses the hub
  std::unique_ptr<MemoryStreamAcceptor> acceptor_;
  std::unique_ptr<NotifyAcceptor> notify_acceptor_;
  std::unique_ptr<Transfers> transfers_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_MEMORY_SERVICE_H_
