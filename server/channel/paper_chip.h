// For tests: one lane of each direction on heap memory, with a chip that does by hand exactly what a test tells it.
#ifndef L3LINK_SERVER_CHANNEL_PAPER_CHIP_H_
#define L3LINK_SERVER_CHANNEL_PAPER_CHIP_H_

#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "backends/abi/arena_layout.h"
#include "backends/abi/channel_layout.h"
#include "backends/host/host_bell.h"
#include "backends/host/journal/lane_journal.h"
#include "backends/host/lane_consumer.h"
#include "backends/host/lane_producer.h"

namespace l3link {

class PaperChip {
 public:
  explicit PaperChip(const LaneGeometry& geometry)
      : geometry_(geometry),
        to_chip_(Memory()),
        to_host_(Memory()),
        to_chip_block_(LaneBlockBytes(0) / sizeof(uint64_t)),
        to_host_block_(LaneBlockBytes(geometry.lane_depth) / sizeof(uint64_t)),
        to_chip_journal_(Begun(&to_chip_block_, 0, 7)),
        to_host_journal_(Begun(&to_host_block_, geometry.lane_depth, 8)),
        producer(Base(to_chip_), geometry, &bell_, &to_chip_journal_),
        consumer(Base(to_host_), geometry, &bell_, &to_host_journal_) {}

  // Takes the next message of the host_to_chip lane; "-" when there is none.
  std::string Take() {
    auto* lane = Base(to_chip_);
    const uint64_t tail = l3_load_acquire_u64(&reinterpret_cast<l3_producer_line*>(lane)->tail);
    if (taken_ == tail) return "-";
    const l3_descriptor& slot = Slot(lane, taken_);
    std::string payload(reinterpret_cast<char*>(lane) + l3_lane_ring_at(geometry_.lane_depth) +
                            slot.payload_position % geometry_.ring_bytes,
                        slot.payload_bytes);
    SetHead(taken_ + 1);
    return payload;
  }
  void SetHead(uint64_t head) {
    taken_ = head;
    l3_store_release_u64(&reinterpret_cast<l3_consumer_line*>(Base(to_chip_) + L3_LANE_CONSUMER_AT)->head, head);
  }

  // Publishes a message on the chip_to_host lane. The test minds the room.
  void Give(absl::string_view payload, uint32_t route = 0, uint64_t correlation_id = 0) {
    auto* lane = Base(to_host_);
    const uint64_t position = l3_payload_position(end_, payload.size(), geometry_.ring_bytes, geometry_.alignment);
    l3_descriptor& slot = Slot(lane, given_);
    slot = {};
    slot.sequence = given_;
    slot.correlation_id = correlation_id;
    slot.payload_position = position;
    slot.payload_bytes = static_cast<uint32_t>(payload.size());
    slot.route = route;
    std::memcpy(reinterpret_cast<char*>(lane) + l3_lane_ring_at(geometry_.lane_depth) + position % geometry_.ring_bytes,
                payload.data(), payload.size());
    end_ = position + payload.size();
    SetTail(given_ + 1);
  }
  void SetTail(uint64_t tail) {
    given_ = tail;
    l3_store_release_u64(&reinterpret_cast<l3_producer_line*>(Base(to_host_))->tail, tail);
  }

  // What a restarted daemon would know to have been delivered.
  uint64_t JournaledDelivered() {
    LaneJournal journal(reinterpret_cast<std::byte*>(to_host_block_.data()), geometry_.lane_depth);
    if (!journal.Load()) std::abort();
    return journal.hot().reached.count;
  }

 private:
  using Memory64 = std::unique_ptr<std::byte, decltype(&std::free)>;

  Memory64 Memory() const {
    const size_t bytes = l3_lane_bytes(geometry_.lane_depth, geometry_.ring_bytes);
    Memory64 memory(static_cast<std::byte*>(std::aligned_alloc(L3_PAGE_BYTES, bytes)), &std::free);
    std::memset(memory.get(), 0, bytes);
    return memory;
  }
  static std::byte* Base(const Memory64& memory) { return memory.get(); }
  static LaneJournal Begun(std::vector<uint64_t>* block, uint64_t digests, uint64_t generation) {
    LaneJournal journal(reinterpret_cast<std::byte*>(block->data()), digests);
    journal.Begin(generation, 0);
    return journal;
  }
  l3_descriptor& Slot(std::byte* lane, uint64_t sequence) const {
    return reinterpret_cast<l3_descriptor*>(lane + L3_LANE_DESCRIPTORS_AT)[sequence & (2 * geometry_.lane_depth - 1)];
  }

  const LaneGeometry geometry_;
  l3_arena_header header_ = {};
  HostBell bell_{&header_, std::function<void(uint32_t*)>([](uint32_t*) {})};  // std: trivial ones trip -Wuninitialized
  Memory64 to_chip_;
  Memory64 to_host_;
  std::vector<uint64_t> to_chip_block_, to_host_block_;
  LaneJournal to_chip_journal_, to_host_journal_;
  uint64_t taken_ = 0;
  uint64_t given_ = 0;
  uint64_t end_ = 0;

 public:
  LaneProducer producer;  // the host's sides
  LaneConsumer consumer;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_PAPER_CHIP_H_
