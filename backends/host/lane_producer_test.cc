#include "backends/host/lane_producer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "backends/host/journal/lane_journal.h"
#include "backends/host/testing/lane_memory.h"

namespace l3link {
namespace {

LaneGeometry Shape(uint32_t depth, uint32_t most, uint64_t ring, uint32_t alignment = 8) {
  return {depth, most, ring, alignment, false};
}

OutgoingMessage Text(absl::string_view text, uint32_t route = 0, uint64_t correlation_id = 0) {
  return {route, correlation_id, AsBytes(text)};
}

TEST(LaneProducerTest, WritesDescriptorAndPayloadAndThenTail) {
  LaneMemory memory(Shape(4, 16, 64));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text("hello", 7, 42)), LaneResult::kOk);
  ASSERT_EQ(lane.Stage(Text("world!")), LaneResult::kOk);
  EXPECT_EQ(memory.producer().tail, 0u) << "staged is not published";
  EXPECT_EQ(lane.staged(), 2u);
  lane.Publish();
  EXPECT_EQ(memory.producer().tail, 2u);
  EXPECT_EQ(lane.published_bytes(), 11u);
  EXPECT_EQ(memory.slot(0).correlation_id, 42u);
  EXPECT_EQ(memory.slot(0).route, 7u);
  EXPECT_EQ(memory.slot(1).sequence, 1u);
  EXPECT_EQ(memory.slot(1).payload_position, 8u);
  EXPECT_EQ(memory.slot(1).payload_bytes, 6u);
  EXPECT_EQ(memory.slot(1).crc32c, 0u);
  EXPECT_EQ(memory.RingText(8, 6), "world!");
}

TEST(LaneProducerTest, PutsAChecksumIntoTheDescriptorWhereAsked) {
  LaneGeometry shape = Shape(4, 16, 64);
  shape.checksum = true;
  LaneMemory memory(shape);
  LaneProducer lane(memory.base(), shape, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text("123456789")), LaneResult::kOk);
  EXPECT_EQ(memory.slot(0).crc32c, 0xe3069283u);
}

// A run is nothing but its messages: the same bytes come to lie in the same places.
TEST(LaneProducerTest, StagesARunAsItStagesItsMessages) {
  std::mt19937 random(11);
  const auto next = [&random](uint64_t bound) { return random() % bound; };
  for (int round = 0; round < 200; ++round) {
    const uint32_t scale = round % 2 == 0 ? 1 : 100;  // some runs are of more bytes than are copied at once
    LaneGeometry shape = Shape(1u << next(5), scale * (1 + next(40)), scale * (80 + 8 * next(20)));
    shape.checksum = next(2) == 0;
    LaneMemory one_memory(shape), run_memory(shape);
    LaneProducer one_by_one(one_memory.base(), shape, &one_memory.bell, &one_memory.journal);
    LaneProducer in_runs(run_memory.base(), shape, &run_memory.bell, &run_memory.journal);
    for (int step = 0; step < 40; ++step) {
      const size_t count = next(20);
      std::vector<uint32_t> sizes, routes;
      std::vector<uint64_t> ids;
      std::string payloads;
      for (size_t i = 0; i < count; ++i) {
        routes.push_back(static_cast<uint32_t>(random()));
        ids.push_back(random());
        sizes.push_back(static_cast<uint32_t>(next(shape.max_message_bytes + 1)));
        payloads.append(sizes.back(), static_cast<char>('a' + next(26)));
      }
      const absl::string_view whole = absl::string_view(payloads).substr(0, next(payloads.size() + 1));
      const bool words = next(2) == 0;
      StagedRun expected;
      for (; expected.count < count; ++expected.count) {
        const uint32_t bytes = sizes[expected.count];
        if (expected.bytes + bytes > whole.size()) break;
        const absl::string_view text = whole.substr(expected.bytes, bytes);
        if (one_by_one.Stage(words ? Text(text, routes[expected.count], ids[expected.count]) : Text(text)) !=
            LaneResult::kOk)
          break;
        expected.bytes += bytes;
      }
      ASSERT_EQ(in_runs.PollConsumed(), LaneResult::kOk);
      const StagedRun staged = in_runs.StageRun(
          {count, sizes.data(), words ? routes.data() : nullptr, words ? ids.data() : nullptr, AsBytes(whole)});
      ASSERT_EQ(staged.count, expected.count);
      ASSERT_EQ(staged.bytes, expected.bytes);
      one_by_one.Publish();
      in_runs.Publish();
      ASSERT_EQ(in_runs.published_bytes(), one_by_one.published_bytes());
      const uint64_t head = one_by_one.consumed() + next(one_by_one.published() - one_by_one.consumed() + 1);
      one_memory.SetHead(head);
      run_memory.SetHead(head);
      ASSERT_EQ(one_by_one.PollConsumed(), LaneResult::kOk);
    }
    const uint64_t bytes = l3_lane_bytes(shape.lane_depth, shape.ring_bytes);
    ASSERT_EQ(std::memcmp(one_memory.base(), run_memory.base(), bytes), 0) << "round " << round;
    ASSERT_EQ(one_memory.LoadedJournal().hot().digest, run_memory.LoadedJournal().hot().digest);
  }
}

TEST(LaneProducerTest, RefusesWhenDescriptorRingIsFull) {
  LaneMemory memory(Shape(2, 8, 64));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text("a")), LaneResult::kOk);
  ASSERT_EQ(lane.Stage(Text("b")), LaneResult::kOk);
  EXPECT_EQ(lane.Stage(Text("c")), LaneResult::kFull);
  EXPECT_EQ(lane.full_count(), 1u);
  lane.Publish();
  memory.SetHead(1);
  EXPECT_EQ(lane.Stage(Text("c")), LaneResult::kOk);
  EXPECT_EQ(lane.consumed(), 1u);
}

TEST(LaneProducerTest, RefusesWhenPayloadRingIsFullThoughSlotsAreFree) {
  LaneMemory memory(Shape(8, 16, 32));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  const std::string largest(16, 'x');
  ASSERT_EQ(lane.Stage(Text(largest)), LaneResult::kOk);
  ASSERT_EQ(lane.Stage(Text(largest)), LaneResult::kOk);
  EXPECT_EQ(lane.Stage(Text("y")), LaneResult::kFull);
  EXPECT_EQ(lane.Stage(Text("")), LaneResult::kOk) << "a message of 0 bytes needs a slot only";
  lane.Publish();
  memory.SetHead(1);
  EXPECT_EQ(lane.Stage(Text("y")), LaneResult::kOk);
}

TEST(LaneProducerTest, WorksWithADepthOfOne) {
  LaneMemory memory(Shape(1, 16, 32));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  for (uint64_t i = 0; i < 20; ++i) {
    const std::string text(i % 17, static_cast<char>('a' + i));
    ASSERT_EQ(lane.Stage(Text(text)), LaneResult::kOk) << i;
    ASSERT_EQ(lane.Stage(Text("z")), LaneResult::kFull) << i;
    lane.Publish();
    EXPECT_EQ(memory.RingText(memory.slot(i).payload_position % 32, text.size()), text);
    memory.SetHead(i + 1);
  }
}

TEST(LaneProducerTest, MovesAPayloadToTheNextLapRatherThanAcrossTheEnd) {
  LaneMemory memory(Shape(8, 24, 48));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text(std::string(20, 'a'))), LaneResult::kOk);  // 0..20
  ASSERT_EQ(lane.Stage(Text(std::string(8, 'b'))), LaneResult::kOk);   // 24..32
  lane.Publish();
  memory.SetHead(2);
  ASSERT_EQ(lane.Stage(Text(std::string(24, 'c'))), LaneResult::kOk);
  EXPECT_EQ(memory.slot(2).payload_position, 48u);
  EXPECT_EQ(memory.RingText(0, 24), std::string(24, 'c'));
}

TEST(LaneProducerTest, PoisonsWhenHeadPassesTail) {
  LaneMemory memory(Shape(4, 16, 64));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text("a")), LaneResult::kOk);
  lane.Publish();
  memory.SetHead(2);
  EXPECT_EQ(lane.PollConsumed(), LaneResult::kPoisoned);
  ASSERT_TRUE(lane.poison().has_value());
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kHeadRange);
  EXPECT_EQ(lane.poison()->evidence, "head 2 > tail 1");
  EXPECT_EQ(lane.Stage(Text("b")), LaneResult::kPoisoned);
  memory.SetHead(1);
  EXPECT_EQ(lane.PollConsumed(), LaneResult::kPoisoned) << "sticky";
}

TEST(LaneProducerTest, PoisonsWhenHeadGoesBack) {
  LaneMemory memory(Shape(4, 16, 64));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text("a")), LaneResult::kOk);
  lane.Publish();
  memory.SetHead(1);
  ASSERT_EQ(lane.LookForRoom(), LaneResult::kOk);
  memory.SetHead(0);
  ASSERT_EQ(lane.LookForRoom(), LaneResult::kPoisoned);
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kHeadRange);
  EXPECT_EQ(lane.consumed(), 1u);
}

TEST(LaneProducerTest, FillsAReservationInPieces) {
  LaneMemory memory(Shape(4, 16, 64));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  absl::Span<std::byte> place;
  ASSERT_EQ(lane.Reserve(3, 9, 6, &place), LaneResult::kOk);
  EXPECT_TRUE(lane.reserved());
  std::memcpy(place.data(), "abc", 3);
  std::memcpy(place.data() + 3, "def", 3);
  lane.AbandonReserved();
  EXPECT_FALSE(lane.reserved());
  lane.Publish();
  EXPECT_EQ(memory.producer().tail, 0u);
  ASSERT_EQ(lane.Reserve(3, 9, 6, &place), LaneResult::kOk);
  lane.CommitReserved();
  lane.Publish();
  EXPECT_EQ(memory.producer().tail, 1u);
  EXPECT_EQ(memory.RingText(0, 6), "abcdef");
}

TEST(LaneProducerTest, RingsOnlyAChipThatHasLookedAndWakesOnlyOneThatSleeps) {
  LaneMemory memory(Shape(8, 16, 128));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  auto publish = [&] {
    ASSERT_EQ(lane.Stage(Text("a")), LaneResult::kOk);
    lane.Publish();
  };
  publish();
  EXPECT_EQ(memory.producer().rung, 1u);
  EXPECT_EQ(memory.wakes, 0) << "nobody is armed";
  publish();
  EXPECT_EQ(memory.producer().rung, 1u) << "not looked since";
  memory.consumer().seen = 1;
  memory.header.to_chip.armed = 1;
  publish();
  EXPECT_EQ(memory.producer().rung, 2u);
  EXPECT_EQ(memory.header.to_chip.word, 1u);
  EXPECT_EQ(memory.wakes, 1);
}

TEST(LaneProducerTest, PeeksAtWhatIsUnconsumed) {
  LaneMemory memory(Shape(4, 16, 64));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text("a", 1, 2)), LaneResult::kOk);
  MessageHeader header;
  absl::Span<const std::byte> payload;
  EXPECT_EQ(lane.PeekAt(0, &header, &payload), LaneResult::kEmpty);
  lane.Publish();
  ASSERT_EQ(lane.PeekAt(0, &header, &payload), LaneResult::kOk);
  EXPECT_EQ(header.route, 1u);
  EXPECT_EQ(header.correlation_id, 2u);
  EXPECT_EQ(payload.size(), 1u);
}

TEST(LaneProducerTest, AuditFindsAChangedTail) {
  LaneMemory memory(Shape(4, 16, 64));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  EXPECT_TRUE(lane.CheckOwnWords());
  memory.SetTail(5);
  ASSERT_FALSE(lane.CheckOwnWords());
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kGeometry);
}

TEST(LaneProducerTest, RecoversOverNoSlotOfAnotherMessage) {
  LaneMemory memory(Shape(4, 16, 64));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text("a")), LaneResult::kOk);
  lane.Publish();
  memory.slot(0).sequence = 9;
  LaneJournal found = memory.LoadedJournal();
  LaneProducer restarted(memory.base(), memory.geometry, &memory.bell, &found);
  restarted.Recover();
  ASSERT_TRUE(restarted.poison().has_value());
  EXPECT_EQ(restarted.poison()->reason, PoisonReason::kRecovery);
  EXPECT_EQ(restarted.poison()->evidence, "slot of message 0 has sequence 9 instead of 0");
}

// Published and not committed, and then changed by the chip in a word of which nothing but the digest tells.
TEST(LaneProducerTest, RecoversOnlyWhatTheJournalIntended) {
  LaneMemory memory(Shape(4, 16, 64));
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text("a", 0, 42)), LaneResult::kOk);
  lane.Publish();
  auto* copies = reinterpret_cast<LaneBlock*>(memory.journal_block())->hot.copies;
  (copies[0].counter > copies[1].counter ? copies[0] : copies[1]).crc ^= 1;  // the commit
  memory.slot(0).correlation_id = 43;
  LaneJournal found = memory.LoadedJournal();
  LaneProducer restarted(memory.base(), memory.geometry, &memory.bell, &found);
  restarted.Recover();
  ASSERT_TRUE(restarted.poison().has_value());
  EXPECT_EQ(restarted.poison()->reason, PoisonReason::kRecovery);
  EXPECT_EQ(restarted.poison()->evidence, "what was published last is not what the journal intended");
}

TEST(LaneProducerTest, LostMemoryPoisonsAtThePublish) {
  LaneMemory memory(Shape(4, 16, 64));
  std::atomic<bool> fault{false};
  memory.bell.set_fault_flag(&fault);
  LaneProducer lane(memory.base(), memory.geometry, &memory.bell, &memory.journal);
  ASSERT_EQ(lane.Stage(Text("a")), LaneResult::kOk);
  fault = true;
  lane.Publish();
  ASSERT_TRUE(lane.poison().has_value());
  EXPECT_EQ(lane.poison()->reason, PoisonReason::kArenaGone);
}

}  // namespace
}  // namespace l3link
