// Operations that store in the wrong order: the harness must see each of them fail.
#include "backends/host/lane_descriptor.h"
#include "backends/host/testing/lane_memory.h"
#include "tests/crash/crash_fixture.h"

namespace l3link {
namespace {

l3_producer_line& ProducerLine(CrashFiles& files, const HostLane& lane) {
  return *reinterpret_cast<l3_producer_line*>(files.arena().data() + lane.offset);
}

l3_consumer_line& ConsumerLine(CrashFiles& files, const HostLane& lane) {
  return *reinterpret_cast<l3_consumer_line*>(files.arena().data() + lane.offset + L3_LANE_CONSUMER_AT);
}

class PlantedCrashTest : public CrashTest {
 protected:
  void ExpectFound(CrashRun::Operation wrong, const std::string& evidence) {
    CrashRun run(&files_, std::move(wrong));
    EXPECT_TRUE(run.faults().empty()) << "uninterrupted, it is the same: " << run.faults().front();
    run.Run();
    ASSERT_FALSE(run.faults().empty()) << "nobody noticed";
    ExpectHas(run.faults().front(), evidence);
  }
};

TEST_F(PlantedCrashTest, TailBeforeItsIntentIsFound) {
  HostLane& lane = daemon().channel("summed").lane(Direction::kHostToChip, 0);
  ExpectFound(
      [&] {
        const LaneHot hot = lane.journal->hot();
        if (lane.producer->Stage({1, 2, AsBytes("early")}) != LaneResult::kOk) return false;
        const uint64_t tail = hot.settled.count + 1;
        const l3_descriptor& slot = reinterpret_cast<l3_descriptor*>(files_.arena().data() + lane.offset +
                                                                     L3_LANE_DESCRIPTORS_AT)[hot.settled.count % 8];
        l3_store_release_u64(&ProducerLine(files_, lane).tail, tail);
        lane.journal->Intend({tail, slot.payload_position + 5}, DigestDescriptor(0, slot));
        lane.journal->Commit({tail, slot.payload_position + 5}, hot.bytes + 5);
        return true;
      },
      "POISON RECOVERY tail");
}

TEST_F(PlantedCrashTest, HeadBeforeItsAckIsFound) {
  HostLane& lane = daemon().channel("text").lane(Direction::kChipToHost, 0);
  ExpectFound(
      [&] {
        l3_store_release_u64(&ConsumerLine(files_, lane).head, 7);
        return lane.consumer->Ack(7);
      },
      "POISON RECOVERY head 7 > 6 acked");
}

TEST_F(PlantedCrashTest, DeliveredBeforeItsDigestIsFound) {
  HostLane& lane = daemon().channel("text").lane(Direction::kChipToHost, 0);
  ExpectFound(
      [&] {
        std::string text;
        if (!ReceiveFromChip(*lane.consumer, &text)) return false;  // has set the digest
        const uint64_t digest = lane.journal->Digest(7);
        lane.journal->SetDigest(7, 0);
        lane.consumer->JournalDelivered();
        lane.journal->SetDigest(7, digest);
        return true;
      },
      "POISON EQUIVOCATION");
}

TEST_F(PlantedCrashTest, AHalfOfABatchIsFound) {
  LaneProducer& lane = daemon().producer("summed");
  ExpectFound(
      [&] {
        for (const char* text : {"one", "two"}) {
          if (lane.Stage({1, 2, AsBytes(text)}) != LaneResult::kOk) return false;
          lane.Publish();
        }
        return true;
      },
      "neither before nor after");
}

TEST_F(PlantedCrashTest, ADirectoryEntryBeforeTheCatalogueIsFound) {
  auto* directory = reinterpret_cast<l3_directory_entry*>(files_.arena().data() + sizeof(l3_arena_header));
  ExpectFound(
      [&] {
        l3_directory_entry& entry = directory[1];  // of what was closed
        if (entry.generation != 0) return false;
        entry.kind = L3_OBJECT_REGION;
        entry.offset = kArenaBytes - L3_PAGE_BYTES;
        entry.bytes = L3_PAGE_BYTES;
        l3_store_release_u64(&entry.generation, 1000);
        l3_store_release_u64(&entry.generation, 0);
        return true;
      },
      "the chip could see 258048+4096, now it is free");
}

TEST_F(PlantedCrashTest, ASignalBeforeItsJournalIsFound) {
  HostRegion& region = daemon().region("notes");
  auto* signals = reinterpret_cast<l3_signal*>(files_.arena().data() + region.offset() + l3_region_signals_at(4));
  ExpectFound(
      [&] {
        l3_store_release_u64(&signals[3].value, 44);
        return region.Notify({3, NotifyOp::kSet, 44}).ok();
      },
      "the chip could see 44 of region");
}

TEST_F(PlantedCrashTest, ACloseThatForgetsTheQuarantineIsFound) {
  HostRegion& region = daemon().region("notes");
  ExpectFound(
      [&] {
        daemon().journal().Clear(2);  // before its range is listed
        daemon().table().CloseRegion(region);
        return true;
      },
      "the chip could see 40960+8192, now it is free");
}

}  // namespace
}  // namespace l3link
