// An arena laid out by hand, and a host played by hand, for tests: straight from the layout headers' text, sharing no code
// with backends/host or the chip-side calls, so that all three can be compared.
//
// Works over any zeroed memory: heap in unit tests, a mapped file against a real chip process. One thread. Never refuses:
// tests ask only for what fits, and may write every word themselves.
#ifndef L3LINK_BACKENDS_ABI_TESTING_HAND_LAID_ARENA_H_
#define L3LINK_BACKENDS_ABI_TESTING_HAND_LAID_ARENA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/abi/arena_layout.h"
#include "backends/abi/channel_layout.h"
#include "backends/abi/region_layout.h"

namespace l3link {

struct HandMessage {
  uint64_t sequence = 0;
  uint64_t correlation_id = 0;
  uint32_t route = 0;
  std::string payload;
};

// One lane, seen from the host by hand.
struct HandLane {
  l3_producer_line* producer;
  l3_consumer_line* consumer;
  l3_descriptor* slots;
  char* ring;
  l3_channel_geometry geometry;

  l3_descriptor& Slot(uint64_t sequence) { return slots[sequence % (2 * geometry.lane_depth)]; }
};

struct HandObject {
  uint64_t generation = 0;
  uint32_t index = 0;
  uint64_t offset = 0;
};

struct HandChannelShape {
  uint32_t host_to_chip = 1;
  uint32_t chip_to_host = 1;
  uint32_t lane_depth = 4;
  uint32_t max_message_bytes = 256;
  uint64_t ring_bytes = 0;  // 0: the least
  uint32_t alignment = 64;
  bool checksum = false;
};

class HandLaidArena {
 public:
  HandLaidArena(void* base, uint64_t bytes, uint32_t directory_capacity = 64);

  l3_arena_header& header() { return *header_; }
  char* base() { return base_; }
  l3_directory_entry& Entry(uint32_t index);

  HandObject AddChannel(std::string_view name, const HandChannelShape& shape);
  HandObject AddRegion(std::string_view name, uint64_t data_bytes, const std::vector<uint8_t>& writers);
  void Close(const HandObject& object);
  void ResetLane(const HandObject& channel, int direction, uint32_t index);

  HandLane Lane(const HandObject& channel, int direction, uint32_t index);
  l3_region_head& Region(const HandObject& region) { return *reinterpret_cast<l3_region_head*>(base_ + region.offset); }
  char* RegionData(const HandObject& region) { return base_ + region.offset + Region(region).shape.data_at; }
  l3_signal& Signal(const HandObject& region, uint32_t signal);

  // False when the lane or its ring is full.
  bool Send(HandLane lane, uint32_t route, uint64_t correlation_id, std::string_view payload);
  // The message at the lane's head, released; nullopt when there is none.
  std::optional<HandMessage> Receive(HandLane lane);
  void SetSignal(const HandObject& region, uint32_t signal, uint64_t value);

  void Beat() { __atomic_fetch_add(&header_->host.heartbeat, 1, __ATOMIC_RELAXED); }
  // Tells the chip about a change of the directory or of anything: wakes it whatever it has seen.
  void WakeChip();

 private:
  uint64_t Allocate(uint64_t bytes);
  HandObject Enter(uint32_t kind, std::string_view name, uint64_t offset, uint64_t bytes, uint64_t generation);
  void DirectoryChanged();

  char* const base_;
  l3_arena_header* const header_;
  uint64_t next_free_ = 0;
  uint64_t next_generation_ = 1;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_ABI_TESTING_HAND_LAID_ARENA_H_
