// Orchestrator's channels and regions: open, find, list, close.
#include <utility>

#include "client/durations.h"
#include "client/orchestrator.h"

namespace l3link::client {

absl::StatusOr<std::unique_ptr<Channel>> Orchestrator::OpenChannel(const WorkerAddress& worker, std::string_view name,
                                                                   const v1::ChannelConfig& config) const {
  auto at = Resolve(worker);
  if (!at.ok()) return at.status();
  v1::OpenChannelRequest request;
  request.set_worker_id(worker.worker());
  request.set_name(std::string(name));
  *request.mutable_config() = config;
  auto answer = (*at)->Call((*at)->channels(), &v1::ChannelService::Stub::OpenChannel, request);
  if (!answer.ok()) return answer.status();
  return std::make_unique<Channel>(*at, std::move(*answer->mutable_channel()), answer->created());
}

absl::StatusOr<std::unique_ptr<Channel>> Orchestrator::FindChannel(const WorkerAddress& worker, std::string_view name,
                                                                   uint64_t generation) const {
  auto at = Resolve(worker);
  if (!at.ok()) return at.status();
  v1::GetChannelRequest request;
  request.mutable_channel()->set_worker_id(worker.worker());
  request.mutable_channel()->set_name(std::string(name));
  request.mutable_channel()->set_generation(generation);
  auto answer = (*at)->Call((*at)->channels(), &v1::ChannelService::Stub::GetChannel, request);
  if (!answer.ok()) return answer.status();
  return std::make_unique<Channel>(*at, std::move(*answer->mutable_channel()), false);
}

absl::StatusOr<std::vector<v1::Channel>> Orchestrator::ListChannels(const WorkerAddress& worker) const {
  auto at = Resolve(worker);
  if (!at.ok()) return at.status();
  v1::ListChannelsRequest request;
  request.set_worker_id(worker.worker());
  auto answer = (*at)->Call((*at)->channels(), &v1::ChannelService::Stub::ListChannels, request);
  if (!answer.ok()) return answer.status();
  return std::vector<v1::Channel>(answer->channels().begin(), answer->channels().end());
}

absl::StatusOr<std::vector<v1::Channel>> Orchestrator::ListAllChannels(std::string_view name) const {
  auto at = node(name);
  if (!at.ok()) return at.status();
  auto answer = (*at)->Call((*at)->channels(), &v1::ChannelService::Stub::ListChannels, v1::ListChannelsRequest());
  if (!answer.ok()) return answer.status();
  return std::vector<v1::Channel>(answer->channels().begin(), answer->channels().end());
}

absl::StatusOr<uint64_t> Orchestrator::CloseChannel(const WorkerAddress& worker, std::string_view name, bool drain,
                                                    absl::Duration timeout) const {
  auto channel = FindChannel(worker, name);
  if (!channel.ok()) return channel.status();
  return (*channel)->Close(drain, timeout);
}

absl::StatusOr<std::unique_ptr<Region>> Orchestrator::OpenRegion(const WorkerAddress& worker, std::string_view name,
                                                                 const v1::RegionConfig& config) const {
  auto at = Resolve(worker);
  if (!at.ok()) return at.status();
  v1::OpenRegionRequest request;
  request.set_worker_id(worker.worker());
  request.set_name(std::string(name));
  *request.mutable_config() = config;
  auto answer = (*at)->Call((*at)->memory(), &v1::MemoryService::Stub::OpenRegion, request);
  if (!answer.ok()) return answer.status();
  return std::make_unique<Region>(*at, std::move(*answer->mutable_region()), answer->created());
}

absl::StatusOr<std::unique_ptr<Region>> Orchestrator::FindRegion(const WorkerAddress& worker, std::string_view name,
                                                                 uint64_t generation) const {
  auto at = Resolve(worker);
  if (!at.ok()) return at.status();
  v1::GetRegionRequest request;
  request.mutable_region()->set_worker_id(worker.worker());
  request.mutable_region()->set_name(std::string(name));
  request.mutable_region()->set_generation(generation);
  auto answer = (*at)->Call((*at)->memory(), &v1::MemoryService::Stub::GetRegion, request);
  if (!answer.ok()) return answer.status();
  return std::make_unique<Region>(*at, std::move(*answer->mutable_region()), false);
}

absl::StatusOr<std::vector<v1::Region>> Orchestrator::ListRegions(const WorkerAddress& worker) const {
  auto at = Resolve(worker);
  if (!at.ok()) return at.status();
  v1::ListRegionsRequest request;
  request.set_worker_id(worker.worker());
  auto answer = (*at)->Call((*at)->memory(), &v1::MemoryService::Stub::ListRegions, request);
  if (!answer.ok()) return answer.status();
  return std::vector<v1::Region>(answer->regions().begin(), answer->regions().end());
}

absl::StatusOr<std::vector<v1::Region>> Orchestrator::ListAllRegions(std::string_view name) const {
  auto at = node(name);
  if (!at.ok()) return at.status();
  auto answer = (*at)->Call((*at)->memory(), &v1::MemoryService::Stub::ListRegions, v1::ListRegionsRequest());
  if (!answer.ok()) return answer.status();
  return std::vector<v1::Region>(answer->regions().begin(), answer->regions().end());
}

absl::Status Orchestrator::CloseRegion(const WorkerAddress& worker, std::string_view name) const {
  auto region = FindRegion(worker, name);
  return region.ok() ? (*region)->Close() : region.status();
}

}  // namespace l3link::client
