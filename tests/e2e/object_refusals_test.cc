// Refusals that need a chip which stands still, or an arena that is gone: what is busy stays, what waits for the chip says so.
#include <signal.h>
#include <unistd.h>

#include <string>

#include "client/errors.h"
#include "tests/e2e/client_fixture.h"

namespace l3link::client {
namespace {

class ObjectRefusalsTest : public ClientFixture {
 protected:
  ObjectRefusalsTest() : ClientFixture({"--sim-program=echo", "--arena-bytes=4Mi"}) {}

  void SignalChip(int signal) {
    const auto chips = orchestrator_->ListChips();
    ASSERT_TRUE(chips.ok()) << chips.status();
    ASSERT_NE((*chips)[0].pid(), 0u);
    ASSERT_EQ(kill(static_cast<pid_t>((*chips)[0].pid()), signal), 0);
  }

  absl::Status OpenAndCloseRegion() {
    v1::RegionConfig config;
    config.set_data_bytes(256 << 10);
    const auto region = orchestrator_->OpenRegion(0, "passing", config);
    return region.ok() ? (*region)->Close() : region.status();
  }
};

TEST_F(ObjectRefusalsTest, AChannelThatDoesNotDrainStaysOpenWithAllThatIsInIt) {
  const auto channel = OpenChannel("busy");
  SignalChip(SIGSTOP);
  const auto stream = Open(*channel, LanePair(0));
  SendNumbers(*stream, 0, 3);
  ASSERT_TRUE(stream->Flush(kLong).ok());
  const absl::Status busy = channel->Close(true, absl::Milliseconds(50)).status();
  EXPECT_EQ(busy.code(), absl::StatusCode::kDeadlineExceeded) << busy;
  EXPECT_TRUE(HasReason(busy, v1::OBJECT_BUSY)) << busy;
  EXPECT_EQ(MetadataOf(busy)["channel"], "busy");
  EXPECT_EQ(MetadataOf(busy)["undelivered"], "3");
  SignalChip(SIGCONT);
  ReceiveNumbers(*stream, 0, 3);
  ASSERT_TRUE(stream->Flush(kLong).ok());
  stream->Close(kLong).IgnoreError();
  const auto dropped = channel->Close(true, kLong);
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_EQ(*dropped, 0u);
}

TEST_F(ObjectRefusalsTest, WhatAStandingChipMayStillUseIsGivenToNobodyElse) {
  const auto channel = OpenChannel("kept");
  const auto stream = Open(*channel, LanePair(0));
  SendNumbers(*stream, 0, 3);
  ReceiveNumbers(*stream, 0, 3);
  SignalChip(SIGSTOP);
  absl::Status refused;
  for (int i = 0; i < 64 && refused.ok(); ++i) refused = OpenAndCloseRegion();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_TRUE(HasReason(refused, v1::QUARANTINE_FULL)) << refused;
  EXPECT_GT(std::stoull("0" + MetadataOf(refused)["quarantined_bytes"]), 1u << 20) << refused;
  SignalChip(SIGCONT);
  SendNumbers(*stream, 3, 3);
  ReceiveNumbers(*stream, 3, 3);
  // The chip looks at the directory, and what was closed is free again.
  while (HasReason(refused, v1::QUARANTINE_FULL)) refused = OpenAndCloseRegion();
  EXPECT_TRUE(refused.ok()) << refused;
}

TEST_F(ObjectRefusalsTest, ARegionWhoseMemoryIsGoneSaysSoToEveryCall) {
  v1::RegionConfig config;
  config.set_data_bytes(4096);
  config.set_signal_count(2);
  const auto region = orchestrator_->OpenRegion(0, "lost", config);
  ASSERT_TRUE(region.ok()) << region.status();
  ASSERT_TRUE((*region)->Write(0, "before").ok());
  ASSERT_EQ(truncate((node_.state_dir() + "/chips/0/arena").c_str(), 4096), 0);
  std::string bytes(6, '-');
  const absl::Status read = (*region)->Read(0, absl::MakeSpan(bytes), kLong);
  EXPECT_EQ(read.code(), absl::StatusCode::kDataLoss) << read;
  for (const absl::Status& status :
       {read, (*region)->Write(0, "after", kLong), (*region)->Notify({.signal = 0, .value = 1}).status(),
        (*region)->Test({{SignalCondition{.signal = 0}}}).status(),
        (*region)->Wait({.signal = 0, .target = 1}, kLong).status()}) {
    EXPECT_TRUE(HasReason(status, v1::REGION_POISONED)) << status;
    EXPECT_EQ(MetadataOf(status)["region"], "lost") << status;
    EXPECT_EQ(MetadataOf(status)["poison"], "ARENA_GONE") << status;
  }
  EXPECT_EQ(bytes, "------");
  const auto listed = orchestrator_->ListRegions(0);
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_TRUE((*listed)[0].poisoned());
}

}  // namespace
}  // namespace l3link::client
