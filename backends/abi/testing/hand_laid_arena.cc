#include "backends/abi/testing/hand_laid_arena.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <cstring>

#include "backends/abi/crc32c.h"

namespace l3link {
namespace {

// Rings without asking whether it is needed: a test's host need not be thrifty.
void RingAlways(uint32_t* rung) { __atomic_fetch_add(rung, 1, __ATOMIC_SEQ_CST); }

}  // namespace

HandLaidArena::HandLaidArena(void* base, uint64_t bytes, uint32_t directory_capacity)
    : base_(static_cast<char*>(base)), header_(static_cast<l3_arena_header*>(base)) {
  l3_arena_identity& identity = header_->identity;
  identity.abi_version = L3_ABI_VERSION;
  identity.entry_bytes = sizeof(l3_directory_entry);
  identity.arena_bytes = bytes;
  identity.directory_at = L3_PAGE_BYTES;
  identity.directory_capacity = directory_capacity;
  identity.data_at = l3_align_up(L3_PAGE_BYTES + directory_capacity * sizeof(l3_directory_entry), L3_PAGE_BYTES);
  identity.generation = 1;
  next_free_ = identity.data_at;
  header_->host.host_state = L3_HOST_SERVING;
  __atomic_store_n(&identity.magic, L3_ARENA_MAGIC, __ATOMIC_RELEASE);
}

l3_directory_entry& HandLaidArena::Entry(uint32_t index) {
  return reinterpret_cast<l3_directory_entry*>(base_ + header_->identity.directory_at)[index];
}

uint64_t HandLaidArena::Allocate(uint64_t bytes) {
  const uint64_t offset = next_free_;
  next_free_ = l3_align_up(next_free_ + bytes, L3_PAGE_BYTES);
  return offset;
}

HandObject HandLaidArena::Enter(uint32_t kind, std::string_view name, uint64_t offset, uint64_t bytes,
                                uint64_t generation) {
  const uint32_t index = header_->host.directory_used;
  l3_directory_entry& entry = Entry(index);
  entry.kind = kind;
  entry.offset = offset;
  entry.bytes = bytes;
  memcpy(entry.name, name.data(), name.size());
  __atomic_store_n(&entry.generation, generation, __ATOMIC_RELEASE);
  __atomic_store_n(&header_->host.directory_used, index + 1, __ATOMIC_RELEASE);
  DirectoryChanged();
  return {generation, index, offset};
}

void HandLaidArena::DirectoryChanged() {
  __atomic_fetch_add(&header_->host.directory_version, 1, __ATOMIC_SEQ_CST);
  WakeChip();
}

void HandLaidArena::WakeChip() {
  __atomic_fetch_add(&header_->to_chip.word, 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, &header_->to_chip.word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

HandObject HandLaidArena::AddChannel(std::string_view name, const HandChannelShape& shape) {
  const uint32_t lanes = shape.host_to_chip + shape.chip_to_host;
  l3_channel_geometry geometry = {};
  geometry.generation = next_generation_++;
  geometry.lane_count[L3_HOST_TO_CHIP] = shape.host_to_chip;
  geometry.lane_count[L3_CHIP_TO_HOST] = shape.chip_to_host;
  geometry.lane_depth = shape.lane_depth;
  geometry.max_message_bytes = shape.max_message_bytes;
  geometry.ring_bytes = shape.ring_bytes;
  if (geometry.ring_bytes == 0) geometry.ring_bytes = 2 * l3_align_up(shape.max_message_bytes, shape.alignment);
  if (geometry.ring_bytes == 0) geometry.ring_bytes = shape.alignment;
  geometry.alignment = shape.alignment;
  geometry.flags = shape.checksum ? L3_CHANNEL_CHECKSUM : 0;
  geometry.lane_bytes = l3_lane_bytes(geometry.lane_depth, geometry.ring_bytes);
  const uint64_t head_bytes = l3_channel_head_bytes(lanes);
  const uint64_t bytes = head_bytes + lanes * geometry.lane_bytes;
  const uint64_t offset = Allocate(bytes);
  memcpy(base_ + offset, &geometry, sizeof(geometry));
  auto* table = reinterpret_cast<l3_lane_entry*>(base_ + offset + L3_LANE_TABLE_AT);
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    table[lane].offset = offset + head_bytes + lane * geometry.lane_bytes;
    table[lane].generation = next_generation_++;
  }
  return Enter(L3_OBJECT_CHANNEL, name, offset, bytes, geometry.generation);
}

HandObject HandLaidArena::AddRegion(std::string_view name, uint64_t data_bytes, const std::vector<uint8_t>& writers) {
  const auto signals = static_cast<uint32_t>(writers.size());
  const uint64_t bytes = l3_align_up(l3_region_data_at(signals) + data_bytes, L3_PAGE_BYTES);
  const uint64_t offset = Allocate(bytes);
  auto* head = reinterpret_cast<l3_region_head*>(base_ + offset);
  head->shape.generation = next_generation_++;
  head->shape.data_bytes = data_bytes;
  head->shape.data_at = l3_region_data_at(signals);
  head->shape.signals_at = l3_region_signals_at(signals);
  head->shape.signal_count = signals;
  memcpy(base_ + offset + L3_REGION_WRITERS_AT, writers.data(), writers.size());
  return Enter(L3_OBJECT_REGION, name, offset, bytes, head->shape.generation);
}

void HandLaidArena::Close(const HandObject& object) {
  __atomic_store_n(&Entry(object.index).generation, 0, __ATOMIC_SEQ_CST);
  DirectoryChanged();
}

void HandLaidArena::ResetLane(const HandObject& channel, int direction, uint32_t index) {
  const HandLane lane = Lane(channel, direction, index);
  auto* entry = reinterpret_cast<l3_lane_entry*>(base_ + channel.offset + L3_LANE_TABLE_AT) +
                (direction == L3_CHIP_TO_HOST ? lane.geometry.lane_count[L3_HOST_TO_CHIP] : 0) + index;
  __atomic_store_n(&entry->generation, 0, __ATOMIC_SEQ_CST);
  __atomic_store_n(&entry->offset, Allocate(lane.geometry.lane_bytes), __ATOMIC_SEQ_CST);
  __atomic_store_n(&entry->generation, next_generation_++, __ATOMIC_SEQ_CST);
  DirectoryChanged();
}

HandLane HandLaidArena::Lane(const HandObject& channel, int direction, uint32_t index) {
  HandLane lane;
  memcpy(&lane.geometry, base_ + channel.offset, sizeof(lane.geometry));
  const auto* entry = reinterpret_cast<l3_lane_entry*>(base_ + channel.offset + L3_LANE_TABLE_AT) +
                      (direction == L3_CHIP_TO_HOST ? lane.geometry.lane_count[L3_HOST_TO_CHIP] : 0) + index;
  char* at = base_ + entry->offset;
  lane.producer = reinterpret_cast<l3_producer_line*>(at);
  lane.consumer = reinterpret_cast<l3_consumer_line*>(at + L3_LANE_CONSUMER_AT);
  lane.slots = reinterpret_cast<l3_descriptor*>(at + L3_LANE_DESCRIPTORS_AT);
  lane.ring = at + l3_lane_ring_at(lane.geometry.lane_depth);
  return lane;
}

l3_signal& HandLaidArena::Signal(const HandObject& region, uint32_t signal) {
  return reinterpret_cast<l3_signal*>(base_ + region.offset + Region(region).shape.signals_at)[signal];
}

bool HandLaidArena::Send(HandLane lane, uint32_t route, uint64_t correlation_id, std::string_view payload) {
  const uint64_t tail = lane.producer->tail;
  const uint64_t head = __atomic_load_n(&lane.consumer->head, __ATOMIC_ACQUIRE);
  if (tail - head == lane.geometry.lane_depth) return false;
  const auto end_before = [&lane](uint64_t sequence) {
    return sequence == 0 ? 0 : lane.Slot(sequence - 1).payload_position + lane.Slot(sequence - 1).payload_bytes;
  };
  const uint64_t position =
      l3_payload_position(end_before(tail), payload.size(), lane.geometry.ring_bytes, lane.geometry.alignment);
  if (position + payload.size() - end_before(head) > lane.geometry.ring_bytes) return false;
  memcpy(lane.ring + position % lane.geometry.ring_bytes, payload.data(), payload.size());
  l3_descriptor& slot = lane.Slot(tail);
  slot = {};
  slot.sequence = tail;
  slot.correlation_id = correlation_id;
  slot.payload_position = position;
  slot.payload_bytes = static_cast<uint32_t>(payload.size());
  slot.route = route;
  if (lane.geometry.flags & L3_CHANNEL_CHECKSUM) slot.crc32c = l3_crc32c(payload.data(), payload.size());
  __atomic_store_n(&lane.producer->tail, tail + 1, __ATOMIC_SEQ_CST);
  RingAlways(&lane.producer->rung);
  WakeChip();
  return true;
}

std::optional<HandMessage> HandLaidArena::Receive(HandLane lane) {
  const uint64_t head = lane.consumer->head;
  if (__atomic_load_n(&lane.producer->tail, __ATOMIC_ACQUIRE) == head) return std::nullopt;
  const l3_descriptor& slot = lane.Slot(head);
  HandMessage message{slot.sequence, slot.correlation_id, slot.route,
                      std::string(lane.ring + slot.payload_position % lane.geometry.ring_bytes, slot.payload_bytes)};
  __atomic_store_n(&lane.consumer->head, head + 1, __ATOMIC_SEQ_CST);
  RingAlways(&lane.consumer->rung);
  WakeChip();
  return message;
}

void HandLaidArena::SetSignal(const HandObject& region, uint32_t signal, uint64_t value) {
  __atomic_store_n(&Signal(region, signal).value, value, __ATOMIC_SEQ_CST);
  RingAlways(&Region(region).host.rung);
  WakeChip();
}

}  // namespace l3link
