// Crashes of what happens to sessions: grant, drop, retire, and a reset of the lane they hold.
#include "tests/crash/crash_fixture.h"

namespace l3link {
namespace {

constexpr uint64_t kKillEvery = 7;
constexpr size_t kRecoverySample = 5;

const GrantTerms kTerms = {5, absl::Seconds(30), "uid:3"};

TEST_F(CrashTest, GrantToTheSameSessionIsWhollyThereOrNotAtAll) {
  CrashRun run(&files_, [&] { return scenario_.to_chip_record().Grant("holder", kTerms) == 3; });
  ExpectHas(run.before(), "epoch 2 session holder from 1 of ");
  ExpectHas(run.after(), "epoch 3 session holder from 1 of ");
  run.Run();
  run.KillEvery(kKillEvery);
  run.CrashRecovery(kRecoverySample);
  Report(run, "grant, same session");
}

// Between the two: the earlier session is retired at its exact position, and nobody holds the lane.
TEST_F(CrashTest, GrantToANewSessionIsWhollyThereOrNotAtAll) {
  LaneRecord& record = scenario_.to_chip_record();
  auto retire = [&] { return record.Retire(), true; };
  CrashRun run(&files_, [&] { return record.Grant("newer", kTerms) == 3; }, {retire});
  ExpectHas(run.before(), "epoch 2 session holder from 1 of ");
  ExpectHas(run.after(), "epoch 3 session newer from 10 of ");
  ExpectHas(run.after(), " lease 5 by uid:3");
  ExpectHas(run.after(), "retired earlier of 2 by uid:1 from ");
  ExpectHas(run.after(), "retired holder of 2 by uid:2 from ");
  ExpectHas(run.after(), "from 1 at 10\n");
  run.Run();
  run.KillEvery(kKillEvery);
  run.CrashRecovery(kRecoverySample);
  Report(run, "grant, new session");
}

TEST_F(CrashTest, GrantOfAChipToHostLaneIsWhollyThereOrNotAtAll) {
  LaneRecord& record = scenario_.from_chip_record();
  auto retire = [&] { return record.Retire(), true; };
  CrashRun run(&files_, [&] { return record.Grant("newer", kTerms) == 3; }, {retire});
  ExpectHas(run.after(), "epoch 3 session newer from 6 of ");
  run.Run();
  Report(run, "grant, chip_to_host");
}

TEST_F(CrashTest, DropLeavesTheSession) {
  CrashRun drop(&files_, [&] { return scenario_.to_chip_record().Drop(), true; });
  ExpectHas(drop.before(), "session holder from 1 of 2 lease 2");
  ExpectHas(drop.after(), "session holder from 1 of 2 lease 0");
  drop.Run();
  Report(drop, "drop");
}

TEST_F(CrashTest, RetireIsWhollyThereOrNotAtAll) {
  CrashRun run(&files_, [&] { return scenario_.to_chip_record().Retire(), true; });
  ExpectHas(run.after(), "from 1 at 10\n");
  run.Run();
  Report(run, "retire");
}

// The holder is retired where it stood; then the lane is another one, empty, at a place that nobody else has.
TEST_F(CrashTest, ResetIsTheOldGenerationOrTheNew) {
  HostChannel& channel = daemon().channel("text");
  auto retire = [&] { return scenario_.to_chip_record().Retire(), true; };
  CrashRun run(&files_, [&] { return daemon().table().ResetLane(channel, Direction::kHostToChip, 0).ok(); }, {retire});
  ExpectHas(run.before(), "consumed 8 published 10 ");
  ExpectHas(run.after(), "consumed 0 published 0 ");
  ExpectHas(run.after(), "epoch 2; retired earlier of ");
  ExpectHas(run.after(), "from 1 at 10\n");
  run.Run();
  run.CrashRecovery(kRecoverySample);
  Report(run, "reset, host_to_chip");
}

TEST_F(CrashTest, ResetOfALaneFromTheChipIsTheOldGenerationOrTheNew) {
  HostChannel& channel = daemon().channel("text");
  auto retire = [&] { return scenario_.from_chip_record().Retire(), true; };
  CrashRun run(&files_, [&] { return daemon().table().ResetLane(channel, Direction::kChipToHost, 0).ok(); }, {retire});
  ExpectHas(run.before(), "acked 6 delivered 7 published 10 ");
  ExpectHas(run.after(), "acked 0 delivered 0 published 0 ");
  run.Run();
  Report(run, "reset, chip_to_host");
}

}  // namespace
}  // namespace l3link
