#include "client/orchestrator.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/poller.h"

namespace l3link::client {

absl::StatusOr<std::unique_ptr<Orchestrator>> Orchestrator::Connect(const std::vector<std::string>& targets,
                                                                    const ConnectOptions& options) {
  if (targets.empty()) return absl::InvalidArgumentError("no target: name at least one, HOST:PORT or unix:PATH");
  auto poller = Poller::Shared();
  std::vector<std::shared_ptr<Connection>> connections;
  for (const std::string& target : targets) {
    connections.push_back(std::make_shared<Connection>(target, options, poller));
    if (absl::Status status = connections.back()->Identify(); !status.ok()) return status;
  }
  return std::unique_ptr<Orchestrator>(new Orchestrator(std::move(connections)));
}

Orchestrator::Orchestrator(std::vector<std::shared_ptr<Connection>> connections)
    : connections_(std::move(connections)) {}

Orchestrator::~Orchestrator() = default;

absl::StatusOr<std::shared_ptr<Connection>> Orchestrator::node(std::string_view node) const {
  if (node.empty() && connections_.size() == 1) return connections_[0];
  std::vector<std::shared_ptr<Connection>> named;
  for (const auto& connection : connections_) {
    if (connection->name() == node) named.push_back(connection);
  }
  if (named.size() == 1) return named[0];
  size_t index = 0;
  if (absl::SimpleAtoi({node.data(), node.size()}, &index) && index < connections_.size()) return connections_[index];
  const std::string names = absl::StrJoin(
      connections_, ", ", [](std::string* out, const auto& connection) { out->append(connection->name()); });
  if (named.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(named.size(), " nodes call themselves ", std::string(node),
                                                   ": use the target's index (of ", names, ")"));
  }
  if (node.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("which node? Write NODE/WORKER with one of ", names));
  }
  return absl::NotFoundError(absl::StrCat("node ", std::string(node), " is not one of ", names));
}

absl::StatusOr<std::shared_ptr<Connection>> Orchestrator::Resolve(const WorkerAddress& worker) const {
  if (!worker.status().ok()) return worker.status();
  return node(worker.node());
}

absl::StatusOr<v1::GetNodeResponse> Orchestrator::GetNode(std::string_view name) const {
  auto at = node(name);
  if (!at.ok()) return at.status();
  return (*at)->Call((*at)->nodes(), &v1::NodeService::Stub::GetNode, v1::GetNodeRequest());
}

absl::StatusOr<std::vector<v1::Chip>> Orchestrator::ListChips(std::string_view name) const {
  auto at = node(name);
  if (!at.ok()) return at.status();
  auto answer = (*at)->Call((*at)->nodes(), &v1::NodeService::Stub::ListChips, v1::ListChipsRequest());
  if (!answer.ok()) return answer.status();
  return std::vector<v1::Chip>(answer->chips().begin(), answer->chips().end());
}

absl::StatusOr<v1::LaneState> Orchestrator::ResetLane(const WorkerAddress& worker, std::string_view channel,
                                                      v1::Direction direction, uint32_t lane) const {
  auto at = Resolve(worker);
  if (!at.ok()) return at.status();
  v1::ResetLaneRequest request;
  request.mutable_channel()->set_worker_id(worker.worker());
  request.mutable_channel()->set_name(std::string(channel));
  request.set_direction(direction);
  request.set_lane(lane);
  auto answer = (*at)->Call((*at)->nodes(), &v1::NodeService::Stub::ResetLane, request);
  if (!answer.ok()) return answer.status();
  return answer->lane();
}

absl::StatusOr<v1::ReleaseLeaseResponse> Orchestrator::ReleaseLease(const WorkerAddress& worker,
                                                                    std::string_view channel, v1::Direction direction,
                                                                    uint32_t lane) const {
  auto at = Resolve(worker);
  if (!at.ok()) return at.status();
  v1::ReleaseLeaseRequest request;
  request.mutable_channel()->set_worker_id(worker.worker());
  request.mutable_channel()->set_name(std::string(channel));
  request.set_direction(direction);
  request.set_lane(lane);
  return (*at)->Call((*at)->nodes(), &v1::NodeService::Stub::ReleaseLease, request);
}

}  // namespace l3link::client
