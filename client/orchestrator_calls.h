// The operations that hosts have at every layer, on remote workers: open, send, receive, notify, wait.
//
// Names, arguments and errors are those of an in-process chip worker (backends/worker/chip_calls.h), so that a program moves
// from one to the other; everything is done by Channel and Region, whose further methods may be used beside these. What
// differs is what distance makes different: a sent message is on its way when the call returns, and `host_ptr` is 0.
//
// Any thread, several at once. A wait holds up no other call. A timeout of 0 is one probe, an infinite one waits for ever;
// time that runs out is WOULD_BLOCK (IsWouldBlock). Payloads and data are the caller's memory. What was opened stays open
// when this object or the handle goes; a handle names one generation, and answers CHANNEL_CLOSED or REGION_CLOSED once that
// was closed by anybody.
#ifndef L3LINK_CLIENT_ORCHESTRATOR_CALLS_H_
#define L3LINK_CLIENT_ORCHESTRATOR_CALLS_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/channel.h"
#include "client/message.h"
#include "client/orchestrator.h"
#include "client/region.h"
#include "client/signal_condition.h"
#include "client/worker_address.h"

namespace l3link::client {

struct SharedMemoryInfo {
  uint64_t host_ptr = 0;    // a remote caller has none
  uint64_t device_ptr = 0;  // of the region's data, as the chip sees it
  uint64_t data_bytes = 0;
  uint32_t signal_count = 0;
};

class OrchestratorCalls {
 public:
  // `orchestrator` outlives this.
  explicit OrchestratorCalls(const Orchestrator* orchestrator) : orchestrator_(*orchestrator) {}

  // As Orchestrator::OpenChannel and OpenRegion; configs may have zeros for defaults, and an empty name lets the node make
  // one up. PLATFORM_UNSUPPORTED, WORKER_NOT_FOUND, INVALID_ARGUMENT_FIELD, CONFIG_MISMATCH, ARENA_FULL, ...
  absl::StatusOr<std::shared_ptr<Channel>> OpenChannel(const WorkerAddress& worker, std::string_view name,
                                                       const v1::ChannelConfig& config = {}) const;
  absl::StatusOr<std::shared_ptr<Region>> OpenSharedMemory(const WorkerAddress& worker, std::string_view name,
                                                           const v1::RegionConfig& config) const;
  // For everybody: waiting calls end. CHANNEL_CLOSED, REGION_CLOSED when that was done before.
  absl::Status CloseChannel(Channel& channel) const;
  absl::Status CloseSharedMemory(Region& region) const;

  // Takes one message for the lane of its route. Once it is taken it is published in order, over a broken connection too,
  // unless the session is lost first: a later call says so, Channel::Flush waits for it. WOULD_BLOCK when the ring had no room
  // in time, and lane_depth messages are on their way to it: not taken. MESSAGE_TOO_LARGE (before there is room),
  // LANE_NOT_FOUND without lanes, LANE_HELD by another session, LANE_POISONED, CHANNEL_CLOSED.
  absl::Status ChannelSend(Channel& channel, const OutgoingMessage& message, absl::Duration timeout) const;
  // The next message, lanes in fair turn, copied into its room and acknowledged. WOULD_BLOCK when none came in time.
  // MESSAGE_TOO_LARGE when it is larger than its room: it stays where it is, its size is in `message`, and the next call
  // begins with it. LANE_HELD, LANE_POISONED when no other lane has a message; LANE_NOT_FOUND, CHANNEL_CLOSED.
  absl::Status ChannelRecv(Channel& channel, IncomingMessage* message, absl::Duration timeout) const;

  // REGION_CLOSED.
  absl::StatusOr<SharedMemoryInfo> GetSharedMemoryInfo(Region& region) const;
  // RANGE_OUT_OF_REGION, REGION_CLOSED, REGION_POISONED.
  absl::Status SharedMemoryRead(Region& region, uint64_t offset, absl::Span<char> out) const;
  absl::Status SharedMemoryWrite(Region& region, uint64_t offset, std::string_view data) const;
  // The signal's value afterwards; everything written before is visible to whoever sees it. SIGNAL_NOT_FOUND,
  // SIGNAL_NOT_HOST_WRITTEN, REGION_CLOSED, REGION_POISONED.
  absl::StatusOr<uint64_t> SharedMemoryNotify(Region& region, const SignalChange& change) const;
  // The signal's value that met the condition. WOULD_BLOCK when none did in time, SIGNAL_NOT_FOUND, REGION_CLOSED,
  // REGION_POISONED.
  absl::StatusOr<uint64_t> SharedMemoryWait(Region& region, const SignalCondition& condition,
                                            absl::Duration timeout) const;

 private:
  const Orchestrator& orchestrator_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_ORCHESTRATOR_CALLS_H_
