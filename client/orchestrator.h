// The client's front door: one or several nodes, their workers, and the channels and regions on them.
//
//   auto orch = l3link::client::Orchestrator::Connect({"unix:/run/l3link/l3linkd.sock"});
//   auto channel = (*orch)->OpenChannel(0, "work", {});
//   auto stream = (*channel)->OpenStream({.send = LaneChoice::Lane(0), .receive = LaneChoice::Lane(0)});
//   (*stream)->Send({"hello"});
//   auto reply = (*stream)->Receive(absl::Seconds(1));
//
// A worker is addressed as "NODE/WORKER" (NODE: the node's own name, or the target's index), or with one node by its index
// alone. Channels, streams and regions may outlive the Orchestrator; they share one poller (poller.h). Any thread.
#ifndef L3LINK_CLIENT_ORCHESTRATOR_H_
#define L3LINK_CLIENT_ORCHESTRATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/channel.h"
#include "client/connection.h"
#include "client/region.h"
#include "client/worker_address.h"
#include "l3link/v1/channel.pb.h"
#include "l3link/v1/memory.pb.h"
#include "l3link/v1/node.pb.h"

namespace l3link::client {

class Orchestrator {
 public:
  // Reaches every node and learns its name. Errors name the target that could not be reached.
  static absl::StatusOr<std::unique_ptr<Orchestrator>> Connect(const std::vector<std::string>& targets,
                                                               const ConnectOptions& options = {});
  ~Orchestrator();
  Orchestrator(const Orchestrator&) = delete;
  Orchestrator& operator=(const Orchestrator&) = delete;

  size_t node_count() const { return connections_.size(); }
  const std::string& node_name(size_t index) const { return connections_[index]->name(); }
  // By name, or by index of the target; empty: the only one. For calls that have no method here.
  absl::StatusOr<std::shared_ptr<Connection>> node(std::string_view node) const;

  absl::StatusOr<v1::GetNodeResponse> GetNode(std::string_view node = "") const;
  absl::StatusOr<std::vector<v1::Chip>> ListChips(std::string_view node = "") const;

  // Opens a channel, or finds the one with this name and config; an empty name lets the node make one up.
  absl::StatusOr<std::unique_ptr<Channel>> OpenChannel(const WorkerAddress& worker, std::string_view name,
                                                       const v1::ChannelConfig& config = {}) const;
  // One that is open; generation 0: whichever.
  absl::StatusOr<std::unique_ptr<Channel>> FindChannel(const WorkerAddress& worker, std::string_view name,
                                                       uint64_t generation = 0) const;
  absl::StatusOr<std::vector<v1::Channel>> ListChannels(const WorkerAddress& worker) const;
  absl::StatusOr<std::vector<v1::Channel>> ListAllChannels(std::string_view node = "") const;
  // Answers how many messages were dropped.
  absl::StatusOr<uint64_t> CloseChannel(const WorkerAddress& worker, std::string_view name, bool drain = false,
                                        absl::Duration timeout = absl::Seconds(10)) const;

  absl::StatusOr<std::unique_ptr<Region>> OpenRegion(const WorkerAddress& worker, std::string_view name,
                                                     const v1::RegionConfig& config) const;
  absl::StatusOr<std::unique_ptr<Region>> FindRegion(const WorkerAddress& worker, std::string_view name,
                                                     uint64_t generation = 0) const;
  absl::StatusOr<std::vector<v1::Region>> ListRegions(const WorkerAddress& worker) const;
  absl::StatusOr<std::vector<v1::Region>> ListAllRegions(std::string_view node = "") const;
  absl::Status CloseRegion(const WorkerAddress& worker, std::string_view name) const;

  // The operator's two tools; both are logged by the node.
  absl::StatusOr<v1::LaneState> ResetLane(const WorkerAddress& worker, std::string_view channel,
                                          v1::Direction direction, uint32_t lane) const;
  absl::StatusOr<v1::ReleaseLeaseResponse> ReleaseLease(const WorkerAddress& worker, std::string_view channel,
                                                        v1::Direction direction, uint32_t lane) const;

 private:
  explicit Orchestrator(std::vector<std::shared_ptr<Connection>> connections);

  // The node of an address.
  absl::StatusOr<std::shared_ptr<Connection>> Resolve(const WorkerAddress& worker) const;

  const std::vector<std::shared_ptr<Connection>> connections_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_ORCHESTRATOR_H_
