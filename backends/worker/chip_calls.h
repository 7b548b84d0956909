// The operations of a chip worker, for hosts that drive it in their own process: open, send, receive, notify, wait.
//
// Any thread, several at once; each call takes the chip worker's lock for short turns and sleeps without it: a wait holds up
// no other call. A timeout of 0 is one probe, an infinite one waits for ever; time that runs out is WOULD_BLOCK. Payloads are
// the caller's memory: copied once into the ring, once out of it. What was opened stays open when this object goes; what it
// hands out is kept alive by its shared_ptr, and answers CHANNEL_CLOSED or REGION_CLOSED once it was closed. One of these a
// chip worker: a region has one listener.
#ifndef L3LINK_BACKENDS_WORKER_CHIP_CALLS_H_
#define L3LINK_BACKENDS_WORKER_CHIP_CALLS_H_

#include <cstdint>
#include <map>
#include <memory>
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

// Room for one message, and what came into it: the first header.payload_bytes of the room.
struct IncomingMessage {
  absl::Span<std::byte> room;
  uint32_t lane = 0;
  MessageHeader header = {};
};

struct SharedMemoryInfo {
  std::byte* host_ptr;  // of the region's data, while it is open
  uint64_t device_ptr;  // of the same, as the chip sees it
  uint64_t data_bytes;
  uint32_t signal_count;
};

class ChipCalls {
 public:
  // `worker` outlives this.
  explicit ChipCalls(ChipWorker* worker) : worker_(*worker) {}

  // As ObjectTable's; configs may have zeros for defaults.
  absl::StatusOr<std::shared_ptr<HostChannel>> OpenChannel(absl::string_view name, const ChannelConfig& config);
  absl::StatusOr<std::shared_ptr<HostRegion>> OpenSharedMemory(absl::string_view name, const RegionConfig& config);
  // What is open by that name. CHANNEL_NOT_FOUND, REGION_NOT_FOUND.
  absl::StatusOr<std::shared_ptr<HostChannel>> FindChannel(absl::string_view name);
  absl::StatusOr<std::shared_ptr<HostRegion>> FindSharedMemory(absl::string_view name);
  // For everybody: waiting calls end. CHANNEL_CLOSED, REGION_CLOSED when that was done before.
  absl::Status CloseChannel(HostChannel& channel);
  absl::Status CloseSharedMemory(HostRegion& region);
  void CloseEverything();
  absl::Status ResetLane(HostChannel& channel, Direction direction, uint32_t lane);

  // Sends in order, each on the lane of its route; answers how many went, at least one. WOULD_BLOCK when none found room in
  // time, MESSAGE_TOO_LARGE (before any is sent), LANE_NOT_FOUND without lanes, LANE_POISONED (of a batch over several lanes
  // some may have gone on the others), CHANNEL_CLOSED.
  absl::StatusOr<size_t> ChannelSend(HostChannel& channel, absl::Span<const OutgoingMessage> messages,
                                     absl::Duration timeout);
  absl::Status ChannelSend(HostChannel& channel, const OutgoingMessage& message, absl::Duration timeout);

  // Takes what is there, at least one message, lanes in fair turn, each into its room, and gives the ring's room back; answers
  // how many. WOULD_BLOCK when none came in time; LANE_POISONED when a lane is poisoned and no other has a message;
  // LANE_NOT_FOUND, CHANNEL_CLOSED. MESSAGE_TOO_LARGE when the first is larger than its room: it stays where it is, its header
  // is in messages[0], and the next call begins with it.
  absl::StatusOr<size_t> ChannelRecv(HostChannel& channel, absl::Span<IncomingMessage> messages,
                                     absl::Duration timeout);

  // REGION_CLOSED.
  absl::StatusOr<SharedMemoryInfo> GetSharedMemoryInfo(HostRegion& region);
  // RANGE_OUT_OF_REGION, REGION_CLOSED, REGION_POISONED. The copy holds up no other call.
  absl::Status SharedMemoryRead(HostRegion& region, uint64_t offset, absl::Span<std::byte> out);
  absl::Status SharedMemoryWrite(HostRegion& region, uint64_t offset, absl::Span<const std::byte> data);
  // The signal's value afterwards; everything written before is visible to whoever sees it.
  absl::StatusOr<uint64_t> SharedMemoryNotify(HostRegion& region, const Notification& notification);
  // The signal's value that met the condition. WOULD_BLOCK when none did in time, REGION_CLOSED, REGION_POISONED.
  absl::StatusOr<uint64_t> SharedMemoryWait(HostRegion& region, const Condition& condition, absl::Duration timeout);

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
  // Repeats `try_once` under the lock until it moved something or failed; sleeps between without it. WOULD_BLOCK.
  template <typename Try>
  absl::StatusOr<size_t> TryUntil(HostChannel& channel, Direction direction, absl::Duration timeout,
                                  absl::string_view what, Try try_once);
  // One pass under the lock: how many went or came; why nothing can any more.
  absl::StatusOr<size_t> TrySend(HostChannel& channel, absl::Span<const OutgoingMessage> messages);
  absl::StatusOr<size_t> TryRecv(HostChannel& channel, absl::Span<IncomingMessage> messages);
  LaneResult TakeOne(HostChannel& channel, uint32_t lane, IncomingMessage* message, bool* too_large);
  absl::StatusOr<bool> TryWait(HostRegion& region, const Condition& condition, uint64_t* value);

  ChipWorker& worker_;
  std::map<uint64_t, uint32_t> next_lane_;  // by channel generation: where its next receive begins; under the lock
  std::map<uint64_t, RegionWaits> region_waits_;  // by region generation; under the lock
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_WORKER_CHIP_CALLS_H_
