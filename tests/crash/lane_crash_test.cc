// Crashes of what happens on a lane: publish, deliver, acknowledge.
#include "absl/strings/str_cat.h"
#include "backends/host/testing/lane_memory.h"
#include "tests/crash/crash_fixture.h"

namespace l3link {
namespace {

constexpr uint64_t kKillEvery = 7;
constexpr size_t kRecoverySample = 5;

// A batch that begins near the end of the ring and goes on at its start.
TEST_F(CrashTest, PublishIsWhollyThereOrNotAtAll) {
  LaneProducer& lane = daemon().producer("text");
  CrashRun run(&files_, [&] {
    const std::string first(60, 'f'), second(64, 's');
    if (lane.Stage({1, 2, AsBytes(first)}) != LaneResult::kOk) return false;
    if (lane.Stage({3, 4, AsBytes(second)}) != LaneResult::kOk) return false;
    lane.Publish();
    return !lane.poison().has_value();
  });
  ExpectHas(run.before(), "consumed 8 published 10 ");
  ExpectHas(run.after(), "consumed 8 published 12 ");
  run.Run();
  run.KillEvery(kKillEvery);
  run.CrashRecovery(kRecoverySample);
  Report(run, "publish");
}

TEST_F(CrashTest, DeliveryIsRememberedOrNot) {
  LaneConsumer& lane = daemon().consumer("text");
  CrashRun run(&files_, [&] {
    std::string text;
    if (!ReceiveFromChip(lane, &text) || !ReceiveFromChip(lane, &text)) return false;
    lane.JournalDelivered();
    return true;
  });
  ExpectHas(run.before(), "acked 6 delivered 7 published 10 ");
  ExpectHas(run.after(), "acked 6 delivered 9 published 10 ");
  ExpectHas(run.after(), "8 again correlation 8 ");
  run.Run();
  run.CrashRecovery(kRecoverySample);
  Report(run, "deliver");
}

TEST_F(CrashTest, AckIsWhollyThereOrNotAtAll) {
  LaneConsumer& lane = daemon().consumer("text");
  CrashRun run(&files_, [&] { return lane.Ack(7); });
  ExpectHas(run.before(), "acked 6 delivered 7 published 10 ");
  ExpectHas(run.after(), "acked 7 delivered 7 published 10 ");
  run.Run();
  run.KillEvery(1);
  run.CrashRecovery(kRecoverySample);
  Report(run, "ack");
}

// As a unary receive does it: the acknowledgement alone says that the message was delivered.
TEST_F(CrashTest, AckWithoutAJournaledDeliveryIsWhollyThereOrNotAtAll) {
  LaneConsumer& lane = daemon().consumer("text");
  CrashRun run(&files_, [&] {
    std::string text;
    return ReceiveFromChip(lane, &text) && lane.Ack(8);
  });
  ExpectHas(run.after(), "acked 8 delivered 8 published 10 ");
  run.Run();
  Report(run, "receive and ack");
}

}  // namespace
}  // namespace l3link
