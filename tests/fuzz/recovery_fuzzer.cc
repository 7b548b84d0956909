// A daemon that finds the journal and the arena of a dead one, with any damage to both.
//
// A history, then a death, then damage, then recovery. What must hold: without damage everything stands where it stood. With
// damage recovery refuses, or poisons, or what it answers is within bounds: objects lie in the arena, apart from one another and
// from what is opened next, and counts are within their lanes. What was recovered can be used, and recovered again as it is.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/host/object_config.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/journal_damage.h"
#include "tests/fuzz/recovery_history.h"

namespace l3link::fuzz {
namespace {

constexpr uint64_t kArenaBytes = 48 * L3_PAGE_BYTES;
constexpr uint32_t kMaxObjects = 4;
constexpr Direction kBothDirections[] = {Direction::kHostToChip, Direction::kChipToHost};

class Bench {
 public:
  explicit Bench(FuzzInput* input) : input_(*input), arena_(kArenaBytes, kMaxObjects) {}

  void Run() {
    History(&input_, &arena_).Run();
    const Standings before = History::Stand(*arena_.table);
    const std::vector<Place> places = PlacesOf(arena_);
    const int damages = input_.Byte() % 8;
    for (int i = 0; i < damages; ++i) DamageOne(input_, places);
    absl::Status status = arena_.Restart();
    if (damages == 0) CheckUndamaged(status, before);
    if (!status.ok()) return CheckRefusal(status);
    CheckAll();
    Again();
    UseAll();
    Again();
    OpenMore();
    CheckAll();
    CloseAll();
    Again();
    FUZZ_CHECK(arena_.table->channels().empty() && arena_.table->regions().empty(), "closed, and there again");
  }

 private:
  static std::string Told(const Standing& at) {
    return absl::StrCat(at.given, " and ", at.ahead, " of generation ", at.generation, " at ", at.offset, ", epoch ",
                        at.epoch, at.poisoned ? ", poisoned" : "");
  }

  void CheckUndamaged(const absl::Status& status, const Standings& before) {
    FUZZ_CHECK(status.ok(), status.ToString());
    const Standings after = History::Stand(*arena_.table);
    FUZZ_CHECK(before.size() == after.size(), absl::StrCat(before.size(), " objects, then ", after.size()));
    for (const auto& [name, standing] : before) {
      const auto found = after.find(name);
      FUZZ_CHECK(found != after.end(), absl::StrCat(name, " is lost"));
      FUZZ_CHECK(found->second == standing, absl::StrCat(name, ": ", Told(standing), ", then ", Told(found->second)));
    }
  }

  void CheckRefusal(const absl::Status& status) {
    FUZZ_CHECK(absl::IsDataLoss(status) || absl::IsFailedPrecondition(status) || absl::IsNotFound(status),
               status.ToString());
    FUZZ_CHECK(!status.message().empty(), "refused without a word");
  }

  // The next daemon, and nothing happened in between: it finds what this one has.
  void Again() {
    if (CountedOut()) return;
    const Standings before = History::Stand(*arena_.table);
    const absl::Status status = arena_.Restart();
    FUZZ_CHECK(status.ok(), absl::StrCat("recovered once, and not again: ", status.ToString()));
    CheckUndamaged(status, before);
  }

  // Damage has put a counter so near to its end that what was done since has passed that.
  bool CountedOut() const {
    const ChipJournal& journal = *arena_.journal;
    return journal.directory_version() > ChipJournal::kMostCounted ||
           journal.unlisted_version() > ChipJournal::kMostCounted ||
           journal.newest_generation() - journal.identity().arena_generation > ChipJournal::kMostCounted;
  }

  // --- Bounds. ---

  void CheckAll() {
    std::vector<Extent> extents;
    std::vector<uint64_t> generations;
    for (const auto& [name, channel] : arena_.table->channels()) {
      const ChannelConfig& config = channel->config();
      const uint64_t lanes = uint64_t{config.host_to_chip_lanes} + config.chip_to_host_lanes;
      extents.push_back({channel->offset(), l3_channel_head_bytes(lanes)});
      generations.push_back(channel->generation());
      for (Direction direction : kBothDirections) {
        for (uint32_t i = 0; i < channel->lane_count(direction); ++i) {
          const HostLane& lane = channel->lane(direction, i);
          extents.push_back({lane.offset, l3_lane_bytes(config.lane.lane_depth, config.lane.ring_bytes)});
          CheckLane(lane, config.lane);
        }
      }
    }
    for (const auto& [name, region] : arena_.table->regions()) {
      extents.push_back({region->offset(), region->bytes()});
      generations.push_back(region->generation());
    }
    CheckApart(std::move(extents), ArenaDataAt(kMaxObjects), kArenaBytes);
    for (uint64_t generation : generations) {
      FUZZ_CHECK(generation != 0, "an object of no generation");
      FUZZ_CHECK(generation <= arena_.journal->newest_generation(), absl::StrCat("generation ", generation));
    }
  }

  static void CheckApart(std::vector<Extent> extents, uint64_t begin, uint64_t end) {
    std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
    for (const Extent& extent : extents) {
      FUZZ_CHECK(extent.offset >= begin && extent.bytes <= end && extent.offset <= end - extent.bytes,
                 absl::StrCat(extent.bytes, " bytes at ", extent.offset, " where ", begin, " is free"));
      begin = extent.end();
    }
  }

  static void CheckLane(const HostLane& lane, const LaneGeometry& geometry) {
    if (lane.poison().has_value()) return;
    if (lane.producer) {
      const LaneProducer& producer = *lane.producer;
      FUZZ_CHECK(producer.published() - producer.consumed() <= geometry.lane_depth,
                 absl::StrCat(producer.published(), " published, ", producer.consumed(), " consumed"));
    } else {
      const LaneConsumer& consumer = *lane.consumer;
      FUZZ_CHECK(consumer.acked() <= consumer.delivered(), absl::StrCat(consumer.acked()));
      FUZZ_CHECK(consumer.published() - consumer.acked() <= geometry.lane_depth,
                 absl::StrCat(consumer.published(), " published, ", consumer.acked(), " acked"));
    }
  }

  // --- Use. ---

  void UseAll() {
    for (const auto& [name, channel] : arena_.table->channels()) {
      for (Direction direction : kBothDirections) {
        for (uint32_t i = 0; i < channel->lane_count(direction); ++i) {
          HostLane& lane = channel->lane(direction, i);
          direction == Direction::kHostToChip ? Send(*lane.producer) : Receive(*lane.consumer);
          CheckLane(lane, channel->config().lane);
        }
      }
    }
    for (const auto& [name, region] : arena_.table->regions()) Use(*region);
    arena_.table->Audit();
  }

  void Send(LaneProducer& producer) {
    const std::vector<std::byte> payload(producer.geometry().max_message_bytes, std::byte{0x42});
    const uint64_t before = producer.published();
    for (uint32_t i = 0; i <= producer.geometry().lane_depth; ++i) {
      if (producer.Stage({i, i, payload}) != LaneResult::kOk) break;
    }
    producer.Publish();
    const uint64_t sequence = producer.consumed() + input_.Byte() % 4;
    MessageHeader header;
    absl::Span<const std::byte> peeked;
    if (producer.PeekAt(sequence, &header, &peeked) == LaneResult::kOk) {
      FUZZ_CHECK(peeked.size() <= producer.geometry().max_message_bytes, absl::StrCat(peeked.size()));
      FUZZ_CHECK(Within(peeked), absl::StrCat("message ", sequence, " lies outside of the arena"));
    }
    FUZZ_CHECK(producer.published() >= before, absl::StrCat(producer.published()));
  }

  void Receive(LaneConsumer& consumer) {
    MessageHeader header;
    std::string peeked;
    (void)consumer.PeekAt(consumer.acked() + input_.Byte() % 4, &header, &peeked);
    while (consumer.Poll() == LaneResult::kOk && consumer.Next(&header) == LaneResult::kOk) {
      FUZZ_CHECK(header.payload_bytes <= consumer.geometry().max_message_bytes, absl::StrCat(header.payload_bytes));
      std::vector<std::byte> payload(header.payload_bytes);
      if (consumer.CopyNext(absl::MakeSpan(payload)) != LaneResult::kOk) break;
      consumer.Advance();
      consumer.JournalDelivered();
      if (input_.Flag()) FUZZ_CHECK(consumer.Ack(consumer.delivered()), "an ack of what was delivered");
    }
  }

  void Use(HostRegion& region) {
    FUZZ_CHECK(Within(region.data()), "data outside of the arena");
    std::vector<std::byte> data(region.config().data_bytes);
    region.Read(0, absl::MakeSpan(data));
    region.Write(0, data);
    (void)region.Notify({0, NotifyOp::kSet, 5});
    (void)region.CheckOwnWords();
  }

  bool Within(absl::Span<const std::byte> bytes) const {
    const uint64_t offset = bytes.data() - arena_.memory.data();
    return offset <= kArenaBytes && bytes.size() <= kArenaBytes - offset;
  }

  void OpenMore() {
    ChannelConfig config;
    config.lane.lane_depth = 2;
    config.lane.max_message_bytes = 8;
    const absl::StatusOr<ChannelConfig> complete = CompleteChannelConfig(config, arena_.limits);
    for (uint32_t i = 0; i <= kMaxObjects; ++i) {
      auto opened = arena_.table->OpenChannel(absl::StrCat("more", i), *complete);
      if (!opened.ok()) break;
      FUZZ_CHECK(opened->created, "opened before");
    }
  }

  void CloseAll() {
    const auto channels = arena_.table->channels();
    for (const auto& [name, channel] : channels) arena_.table->CloseChannel(*channel);
    const auto regions = arena_.table->regions();
    for (const auto& [name, region] : regions) arena_.table->CloseRegion(*region);
    arena_.table->ReleaseQuarantine(/*chip_gone=*/true);
  }

  FuzzInput& input_;
  TestArena arena_;
};

}  // namespace
}  // namespace l3link::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  l3link::fuzz::FuzzInput input(data, size);
  l3link::fuzz::Bench(&input).Run();
  return 0;
}
