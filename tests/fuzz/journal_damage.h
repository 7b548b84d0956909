// Damage to what a dead daemon left: words of the journal and of the arena, changed as a fuzzer's input says, some of them with
// their CRC made right again, so that what is checked beyond the CRC is met too.
//
// The identity's CRC is left wrong: nothing behind it is meant to be met.
#ifndef L3LINK_TESTS_FUZZ_JOURNAL_DAMAGE_H_
#define L3LINK_TESTS_FUZZ_JOURNAL_DAMAGE_H_

#include <cstddef>
#include <cstring>
#include <vector>

#include "absl/types/span.h"
#include "backends/abi/crc32c.h"
#include "backends/host/catalogue.h"
#include "backends/host/journal/chip_journal_layout.h"
#include "backends/host/journal/lane_journal_layout.h"
#include "backends/host/journal/region_journal.h"
#include "backends/host/testing/memory_platform.h"
#include "tests/fuzz/fuzz_input.h"

namespace l3link::fuzz {

// Where in journal and arena there is something to change.
struct Place {
  absl::Span<std::byte> memory;
  void (*seal)(std::byte*) = nullptr;  // its CRCs; null: it has none, or they stay as they are
};

template <typename T>
void SealRecord(std::byte* at) {
  for (auto& copy : reinterpret_cast<AbLayout<T>*>(at)->copies) {
    copy.crc = l3_crc32c_extend(l3_crc32c(&copy.counter, sizeof(copy.counter)), copy.words, sizeof(copy.words));
  }
}

inline void SealEntry(std::byte* at) {
  auto& entry = *reinterpret_cast<CatalogueEntry*>(at);
  entry.crc = 0;
  entry.crc = l3_crc32c(&entry, sizeof(entry));
}

inline void AddLane(const HostLane& lane, absl::Span<std::byte> arena, std::byte* block, const LaneGeometry& geometry,
                    std::vector<Place>* places) {
  const uint64_t digests = lane.consumer ? geometry.lane_depth : 0;
  places->push_back({{block, sizeof(AbLayout<LaneHot>)}, &SealRecord<LaneHot>});
  places->push_back({{block + sizeof(AbLayout<LaneHot>), sizeof(AbLayout<LaneCold>)}, &SealRecord<LaneCold>});
  places->push_back({{block + offsetof(LaneBlock, retired), LaneBlockBytes(digests) - offsetof(LaneBlock, retired)}});
  places->push_back({arena.subspan(lane.offset, 16)});  // tail, and then head, with their rings
  places->push_back({arena.subspan(lane.offset + L3_LANE_CONSUMER_AT, 16)});
  places->push_back({arena.subspan(lane.offset + L3_LANE_DESCRIPTORS_AT,
                                   l3_lane_ring_at(geometry.lane_depth) - L3_LANE_DESCRIPTORS_AT)});
  places->push_back({arena.subspan(lane.offset + l3_lane_ring_at(geometry.lane_depth), geometry.ring_bytes)});
}

inline std::vector<Place> PlacesOf(TestArena& arena) {
  const absl::Span<std::byte> journal = arena.journal_memory.memory();
  std::vector<Place> places = {{journal.subspan(0, sizeof(JournalIdentity))},
                               {journal.subspan(sizeof(JournalIdentity), sizeof(JournalCounters))},
                               {journal.subspan(2 * L3_PAGE_BYTES, 4 * sizeof(QuarantineEntry))},
                               {arena.memory.subspan(256, 768)},
                               {arena.memory.subspan(L3_PAGE_BYTES, 4 * sizeof(l3_directory_entry))}};
  for (uint32_t i = 0; i < 4; ++i) {
    places.push_back(
        {journal.subspan(sizeof(JournalHead) + i * sizeof(CatalogueEntry), sizeof(CatalogueEntry)), &SealEntry});
  }
  for (const auto& [name, channel] : arena.table->channels()) {
    places.push_back({arena.memory.subspan(channel->offset(), 256)});
    for (Direction direction : {Direction::kHostToChip, Direction::kChipToHost}) {
      for (uint32_t i = 0; i < channel->lane_count(direction); ++i) {
        std::byte* block = journal.data() + channel->block().offset + JournalOffsetOf(channel->config(), direction, i);
        AddLane(channel->lane(direction, i), arena.memory, block, channel->config().lane, &places);
      }
    }
  }
  for (const auto& [name, region] : arena.table->regions()) {
    std::byte* block = journal.data() + region->block().offset;
    const uint64_t bytes = RegionJournal::BytesFor(region->signal_count());
    places.push_back({{block, sizeof(AbLayout<RegionHot>)}, &SealRecord<RegionHot>});
    places.push_back({{block + sizeof(AbLayout<RegionHot>), bytes - sizeof(AbLayout<RegionHot>)}});
    places.push_back({arena.memory.subspan(region->offset(), 1024)});
  }
  return places;
}

// One word, or a few bytes, of one place.
inline void DamageOne(FuzzInput& input, const std::vector<Place>& places) {
  const Place& place = places[input.Below(places.size())];
  const uint8_t how = input.Byte();
  if (how % 8 == 7) {
    const std::string bytes = input.Text(32);
    const size_t at = input.Below(place.memory.size() - std::min<size_t>(bytes.size(), place.memory.size()) + 1);
    std::memcpy(place.memory.data() + at, bytes.data(), std::min(bytes.size(), place.memory.size() - at));
  } else {
    const size_t bytes = how % 2 == 0 || place.memory.size() < 8 ? 4 : 8;
    if (place.memory.size() < bytes) return;
    std::byte* word = place.memory.data() + input.Below(place.memory.size() / bytes) * bytes;
    uint64_t value = 0;
    std::memcpy(&value, word, bytes);
    switch (how % 8 / 2) {
      case 0: value += (how >> 3) - 16; break;
      case 1: value ^= uint64_t{1} << (how >> 3) % (8 * bytes); break;
      default: value = input.Near(64); break;
    }
    std::memcpy(word, &value, bytes);
  }
  if (place.seal != nullptr && input.Byte() % 4 != 3) place.seal(place.memory.data());
}

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_JOURNAL_DAMAGE_H_
