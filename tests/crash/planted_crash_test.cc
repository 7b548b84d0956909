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

TEST_F(PlantedCrashTest, ACloseThatForgetsTheQuarantineIsFound) {
  HostRegion& region = daemon().region("notes");
  ExpectFound(
      [&] {
        daemon().journal().Clear(2);  // before its range is listed
        daemon().table().CloseRegion(region);
        return true;
      },
      "neither before nor after");
}

}  // namespace
}  // namespace l3link
