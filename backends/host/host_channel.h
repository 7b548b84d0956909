// A channel as the host holds it: its config, and a producer or consumer for each lane.
//
// Called by whoever holds the chip worker's lock. Owned by ObjectTable and shared with whoever is using it: after a close
// it is `closed()`, its memory stays mapped (quarantined or given back), and nothing may be published through it.
#ifndef L3LINK_BACKENDS_HOST_HOST_CHANNEL_H_
#define L3LINK_BACKENDS_HOST_HOST_CHANNEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "backends/host/extent_allocator.h"
#include "backends/host/journal/lane_journal.h"
#include "backends/host/lane_consumer.h"
#include "backends/host/lane_geometry.h"
#include "backends/host/lane_producer.h"
#include "backends/host/poison.h"

namespace l3link {

// With every default filled in.
struct ChannelConfig {
  uint32_t host_to_chip_lanes = 1;
  uint32_t chip_to_host_lanes = 1;
  LaneGeometry lane;

  bool operator==(const ChannelConfig& other) const;
  uint32_t lane_count(Direction direction) const {
    return direction == Direction::kHostToChip ? host_to_chip_lanes : chip_to_host_lanes;
  }
};

// Told, under the chip worker's lock, that a lane may have changed. Must not block, and must not open, close or reset
// anything; it may take itself out of `listener` or `waiters`.
class LaneListener {
 public:
  virtual ~LaneListener() = default;
  // The chip rang this lane: messages came, or room did; or an audit poisoned it.
  virtual void OnLaneActivity() = 0;
  // The lane is over: reset (it has another generation now) or its channel was closed. Called once, then forgotten.
  virtual void OnLaneGone(bool channel_closed) = 0;
};

// One lane of either direction, with what is the host's alone.
struct HostLane {
  uint64_t generation = 0;
  uint64_t offset = 0;                     // in the arena
  std::unique_ptr<LaneJournal> journal;    // outlives the two below
  std::unique_ptr<LaneProducer> producer;  // host_to_chip
  std::unique_ptr<LaneConsumer> consumer;  // chip_to_host
  LaneListener* listener = nullptr;        // whoever holds the lane, at most one
  std::vector<LaneListener*> waiters;      // momentary: unary calls, closers; told of activity after the holder

  // Whoever puts itself into `listener` or `waiters` then calls consumer->Look() or producer->LookForRoom(): nobody asked the
  // chip to ring before.

  const absl::optional<Poison>& poison() const { return producer ? producer->poison() : consumer->poison(); }
  void SetPoison(PoisonReason reason, std::string evidence);
};

class HostChannel {
 public:
  // `block`: of the journal.
  HostChannel(uint64_t generation, std::string name, const ChannelConfig& config, const Extent& place,
              const Extent& block);

  // lane < lane_count of the direction.
  HostLane& lane(Direction direction, uint32_t lane) { return lanes_[static_cast<int>(direction)][lane]; }
  const HostLane& lane(Direction direction, uint32_t lane) const { return lanes_[static_cast<int>(direction)][lane]; }
  uint32_t lane_count(Direction direction) const { return config_.lane_count(direction); }
  // The ABI's rule: route mod lane_count. The direction has lanes.
  uint32_t LaneOfRoute(Direction direction, uint32_t route) const { return route % lane_count(direction); }

  uint64_t generation() const { return generation_; }
  const std::string& name() const { return name_; }
  const ChannelConfig& config() const { return config_; }
  uint64_t offset() const { return place_.offset; }
  uint64_t bytes() const { return place_.bytes; }
  const Extent& block() const { return block_; }  // in the journal
  bool closed() const { return closed_; }

 private:
  friend class ObjectTable;

  const uint64_t generation_;
  const std::string name_;
  const ChannelConfig config_;
  const Extent place_;
  const Extent block_;
  uint32_t directory_index_ = 0;
  bool closed_ = false;
  std::vector<HostLane> lanes_[2];
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_HOST_CHANNEL_H_
