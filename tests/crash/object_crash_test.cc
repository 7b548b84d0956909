// Crashes of what happens to objects: opened, closed, notified.
#include "tests/crash/crash_fixture.h"

namespace l3link {
namespace {

constexpr size_t kRecoverySample = 5;

TEST_F(CrashTest, OpenChannelIsWhollyThereOrNotAtAll) {
  CrashRun run(&files_, [&] { return daemon().table().OpenChannel("new", CrashChannelConfig(2, true)).ok(); });
  EXPECT_EQ(run.before().find("channel new "), std::string::npos);
  ExpectHas(run.after(), "channel new ");
  run.Run();
  run.CrashRecovery(kRecoverySample);
  Report(run, "open channel");
}

TEST_F(CrashTest, OpenRegionIsWhollyThereOrNotAtAll) {
  CrashRun run(&files_, [&] { return daemon().table().OpenRegion("new", CrashRegionConfig()).ok(); });
  EXPECT_EQ(run.before().find("region new "), std::string::npos);
  ExpectHas(run.after(), "region new ");
  run.Run();
  run.CrashRecovery(kRecoverySample);
  Report(run, "open region");
}

// Its lanes lie in two places, and both are quarantined or neither is.
TEST_F(CrashTest, CloseChannelIsWhollyThereOrNotAtAll) {
  HostChannel& channel = daemon().channel("text");
  CrashRun run(&files_, [&] { return daemon().table().CloseChannel(channel), channel.closed(); });
  ExpectHas(run.before(), "channel text ");
  EXPECT_EQ(run.after().find("channel text "), std::string::npos);
  run.Run();
  run.CrashRecovery(kRecoverySample);
  Report(run, "close channel");
}

TEST_F(CrashTest, CloseRegionIsWhollyThereOrNotAtAll) {
  HostRegion& region = daemon().region("notes");
  CrashRun run(&files_, [&] { return daemon().table().CloseRegion(region), region.closed(); });
  ExpectHas(run.before(), "region notes ");
  EXPECT_EQ(run.after().find("region notes "), std::string::npos);
  run.Run();
  run.CrashRecovery(kRecoverySample);
  Report(run, "close region");
}

// No place is left for the range: all that is free is kept from use, first with the region still there.
TEST_F(CrashTest, CloseWithAFullListKeepsWhatIsFreeFromUse) {
  HostChannel& channel = daemon().channel("text");
  HostRegion& region = daemon().region("notes");
  for (uint32_t listed = 2; listed < kMaxObjects; ++listed)
    ASSERT_TRUE(daemon().table().ResetLane(channel, Direction::kHostToChip, 1).ok());
  ASSERT_EQ(daemon().journal().unlisted_version(), 0u);
  auto find_no_place = [&] {
    const Extent range[] = {{region.offset(), region.bytes()}};
    return daemon().journal().ListQuarantined(range, daemon().table().directory_version() + 1, 1).empty();
  };
  CrashRun run(&files_, [&] { return daemon().table().CloseRegion(region), region.closed(); }, {find_no_place});
  EXPECT_EQ(run.after().find("region notes "), std::string::npos);
  run.Run();
  run.CrashRecovery(kRecoverySample);
  Report(run, "close, full list");
}

TEST_F(CrashTest, NotifyIsWhollyThereOrNotAtAll) {
  HostRegion& region = daemon().region("notes");
  CrashRun run(&files_, [&] { return region.Notify({3, NotifyOp::kAdd, 1000}).ok(); });
  ExpectHas(run.before(), " 40 0 42 43 \"");
  ExpectHas(run.after(), " 40 0 42 1043 \"");
  run.Run();
  run.CrashRecovery(kRecoverySample);
  Report(run, "notify");
}

// Two ranges, one after the other: of the lane that was reset, then of the channel that was closed.
TEST_F(CrashTest, ReleaseOfTheQuarantineLosesNoSpaceAndGivesNoneTwice) {
  const uint64_t version = daemon().table().directory_version();
  l3_directory_acknowledge(&scenario_.chip(), version);
  auto release_the_first = [&] {
    l3_directory_acknowledge(&scenario_.chip(), version - 1);
    return daemon().table().ReleaseQuarantine(false), true;
  };
  CrashRun run(&files_, [&] { return daemon().table().ReleaseQuarantine(false), true; }, {release_the_first});
  ExpectHas(run.before(), "quarantined 16384+4096 28672+12288\n");
  ExpectHas(run.after(), "quarantined\n");
  run.Run();
  Report(run, "release");
}

}  // namespace
}  // namespace l3link
