// Blocking calls on one chip, for hosts that drive it in their own process: open, send, receive, notify, wait.
//
// Any thread, several at once; each call takes the chip worker's lock for short turns and sleeps without it. A timeout of 0
// is one probe, an infinite one waits for ever. What was opened stays open when this object goes; what it hands out is kept
// alive by its shared_ptr, and answers CHANNEL_CLOSED or REGION_CLOSED once it was closed.
#ifndef L3LINK_BACKENDS_WORKER_CHIP_CALLS_H_
#define L3LINK_BACKENDS_WORKER_CHIP_CALLS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "backends/worker/activity_event.h"
#include "backends/worker/chip_worker.h"

namespace l3link {

struct ReceivedMessage {
  uint32_t lane = 0;
  MessageHeader header;
  std::string payload;
};

class ChipCalls {
 public:
  // `worker` outlives this.
  explicit ChipCalls(ChipWorker* worker) : worker_(*worker) {}

  // As ObjectTable's; configs may have zeros for defaults.
  absl::StatusOr<std::shared_ptr<HostChannel>> OpenChannel(absl::string_view name, const ChannelConfig& config);
  absl::StatusOr<std::shared_ptr<HostRegion>> OpenRegion(absl::string_view name, const RegionConfig& config);
  void CloseChannel(HostChannel& channel);
  void CloseRegion(HostRegion& region);
  absl::Status ResetLane(HostChannel& channel, Direction direction, uint32_t lane);

  // Sends in order, each on the lane of its route; answers how many went, at least one. WOULD_BLOCK when none found room in
  // time, MESSAGE_TOO_LARGE (before any is sent), LANE_NOT_FOUND without lanes, LANE_POISONED, CHANNEL_CLOSED.
  absl::StatusOr<size_t> ChannelSend(HostChannel& channel, absl::Span<const OutgoingMessage> messages,
                                     absl::Duration timeout);
  absl::Status ChannelSend(HostChannel& channel, const OutgoingMessage& message, absl::Duration timeout);

  // Takes up to `most` messages, lanes in fair turn, and gives their room back. WOULD_BLOCK when none came in time,
  // LANE_POISONED when a lane is poisoned and no other has a message, LANE_NOT_FOUND, CHANNEL_CLOSED.
  absl::StatusOr<std::vector<ReceivedMessage>> ChannelRecv(HostChannel& channel, size_t most, absl::Duration timeout);

  absl::Status MemoryRead(HostRegion& region, uint64_t offset, absl::Span<std::byte> out);
  absl::Status MemoryWrite(HostRegion& region, uint64_t offset, absl::Span<const std::byte> data);
  absl::StatusOr<uint64_t> MemoryNotify(HostRegion& region, const Notification& notification);
  // The signal's value that met the condition. WOULD_BLOCK when none did in time, REGION_CLOSED, REGION_POISONED.
  absl::StatusOr<uint64_t> MemoryWait(HostRegion& region, const Condition& condition, absl::Duration timeout);

  // True once the chip is in `state`.
  bool AwaitChipState(ChipState state, absl::Duration timeout);

 private:
  // One region's waiting calls share its one listener.
  struct RegionWaits : RegionListener {
    void OnRegionActivity(HostRegion&) override;
    void OnRegionGone(HostRegion&) override;
    std::vector<ActivityEvent*> events;
  };

  absl::Status CheckMessages(const HostChannel& channel, absl::Span<const OutgoingMessage> messages) const;
  // One pass under the lock: how many went or came; why nothing can any more.
  absl::StatusOr<size_t> TrySend(HostChannel& channel, absl::Span<const OutgoingMessage> messages);
  absl::Status TryRecv(HostChannel& channel, size_t most, std::vector<ReceivedMessage>* messages);
  LaneResult TakeOne(HostChannel& channel, uint32_t lane, std::vector<ReceivedMessage>* messages);
  absl::StatusOr<bool> TryWait(HostRegion& region, const Condition& condition, uint64_t* value);

  ChipWorker& worker_;
  std::map<uint64_t, uint32_t> next_lane_;  // by channel generation: where its next receive begins; under the lock
  std::map<uint64_t, RegionWaits> region_waits_;  // by region generation; under the lock
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_WORKER_CHIP_CALLS_H_
