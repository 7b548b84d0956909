// NodeService: what this node is, its chips, and the two repairs by hand, which are logged with the caller's address.
//
// Callbacks; any thread; nothing here waits.
#ifndef L3LINK_SERVER_NODE_SERVICE_H_
#define L3LINK_SERVER_NODE_SERVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "l3link/v1/node.grpc.pb.h"
#include "server/channel/leases.h"
#include "server/node.h"

namespace l3link {

class NodeService final : public v1::NodeService::CallbackService {
 public:
  // `programs`: what each worker's supervised chip was told to run, by worker id; may be shorter. Node and leases outlive it.
  NodeService(Node* node, Leases* leases, std::vector<std::string> programs = {})
      : node_(*node), leases_(*leases), programs_(std::move(programs)) {}

  grpc::ServerUnaryReactor* GetNode(grpc::CallbackServerContext* context, const v1::GetNodeRequest* request,
                                    v1::GetNodeResponse* response) override;
  grpc::ServerUnaryReactor* ListChips(grpc::CallbackServerContext* context, const v1::ListChipsRequest* request,
                                      v1::ListChipsResponse* response) override;
  grpc::ServerUnaryReactor* ResetLane(grpc::CallbackServerContext* context, const v1::ResetLaneRequest* request,
                                      v1::ResetLaneResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseLease(grpc::CallbackServerContext* context, const v1::ReleaseLeaseRequest* request,
                                         v1::ReleaseLeaseResponse* response) override;

 private:
  v1::Chip ChipOf(ChipWorker& worker) const;
  absl::Status Reset(const v1::ResetLaneRequest& request, v1::ResetLaneResponse* response);
  absl::Status Release(const v1::ReleaseLeaseRequest& request, v1::ReleaseLeaseResponse* response);

  Node& node_;
  Leases& leases_;
  const std::vector<std::string> programs_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_NODE_SERVICE_H_
