#include "client/orchestrator_calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/errors.h"

namespace l3link::client {
namespace {

absl::Status As(absl::StatusCode code, v1::Reason reason, const absl::Status& status) {
  const absl::string_view words = status.message();
  return MakeError(code, reason, {words.data(), words.size()}, MetadataOf(status));
}

// A handle names one generation: a node that has no such object, or another in its place, says that this one was closed.
absl::Status OfChannel(const absl::Status& status) {
  if (HasReason(status, v1::CHANNEL_NOT_FOUND) || HasReason(status, v1::STALE_ID)) {
    return As(absl::StatusCode::kAborted, v1::CHANNEL_CLOSED, status);
  }
  if (HasReason(status, v1::DIRECTION_NOT_HELD)) return As(absl::StatusCode::kNotFound, v1::LANE_NOT_FOUND, status);
  return status;
}

absl::Status OfRegion(const absl::Status& status) {
  if (!HasReason(status, v1::REGION_NOT_FOUND) && !HasReason(status, v1::STALE_ID)) return status;
  return As(absl::StatusCode::kAborted, v1::REGION_CLOSED, status);
}

absl::Status NotMet(const Region& region, const SignalCondition& condition, const WaitResult& result,
                    absl::Duration timeout) {
  const std::string value = result.values.empty() ? "not known" : absl::StrCat(result.values[0]);
  return MakeError(absl::StatusCode::kDeadlineExceeded, v1::WOULD_BLOCK,
                   absl::StrCat("region ", region.name(), ": signal ", condition.signal, " is ", value, " after ",
                                absl::FormatDuration(timeout)),
                   {{"timeout", absl::FormatDuration(timeout)}, {"value", value}});
}

}  // namespace

absl::StatusOr<std::shared_ptr<Channel>> OrchestratorCalls::OpenChannel(const WorkerAddress& worker,
                                                                        std::string_view name,
                                                                        const v1::ChannelConfig& config) const {
  return orchestrator_.OpenChannel(worker, name, config);
}

absl::StatusOr<std::shared_ptr<Region>> OrchestratorCalls::OpenSharedMemory(const WorkerAddress& worker,
                                                                            std::string_view name,
                                                                            const v1::RegionConfig& config) const {
  return orchestrator_.OpenRegion(worker, name, config);
}

absl::Status OrchestratorCalls::CloseChannel(Channel& channel) const { return OfChannel(channel.Close().status()); }

absl::Status OrchestratorCalls::CloseSharedMemory(Region& region) const { return OfRegion(region.Close()); }

absl::Status OrchestratorCalls::ChannelSend(Channel& channel, const OutgoingMessage& message,
                                            absl::Duration timeout) const {
  return OfChannel(channel.SendWithinDepth(message, timeout));
}

absl::Status OrchestratorCalls::ChannelRecv(Channel& channel, IncomingMessage* message, absl::Duration timeout) const {
  return OfChannel(channel.ReceiveInto(message, timeout));
}

absl::StatusOr<SharedMemoryInfo> OrchestratorCalls::GetSharedMemoryInfo(Region& region) const {
  const absl::StatusOr<v1::Region> now = region.Refresh();
  if (!now.ok()) return OfRegion(now.status());
  return SharedMemoryInfo{0, now->device_address(), now->config().data_bytes(), now->config().signal_count()};
}

absl::Status OrchestratorCalls::SharedMemoryRead(Region& region, uint64_t offset, absl::Span<char> out) const {
  return OfRegion(region.Read(offset, out));
}

absl::Status OrchestratorCalls::SharedMemoryWrite(Region& region, uint64_t offset, std::string_view data) const {
  return OfRegion(region.Write(offset, data));
}

absl::StatusOr<uint64_t> OrchestratorCalls::SharedMemoryNotify(Region& region, const SignalChange& change) const {
  absl::StatusOr<uint64_t> value = region.Notify(change);
  if (!value.ok()) return OfRegion(value.status());
  return value;
}

absl::StatusOr<uint64_t> OrchestratorCalls::SharedMemoryWait(Region& region, const SignalCondition& condition,
                                                             absl::Duration timeout) const {
  const absl::StatusOr<WaitResult> result = region.Wait(condition, timeout);
  if (!result.ok()) return OfRegion(result.status());
  if (!result->satisfied) return NotMet(region, condition, *result, timeout);
  if (result->values.empty()) return absl::InternalError("the node sent no value with the condition that was met");
  return result->values[0];
}

}  // namespace l3link::client
