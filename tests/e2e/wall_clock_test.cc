// The wall clock jumps by hours and weeks, back and forth, every few milliseconds, under node, chip and client: nothing that
// is promised depends on it. Under each of them the clock is another one (tests/support/wall_clock_shift.c).
#include "tests/support/wall_clock.h"

#include <sys/time.h>

#include <chrono>
#include <ctime>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/errors.h"
#include "client/orchestrator.h"
#include "gtest/gtest.h"
#include "l3link/v1/channel.grpc.pb.h"
#include "l3link/v1/memory.grpc.pb.h"
#include "l3link/v1/node.grpc.pb.h"
#include "tests/support/test_node.h"

namespace l3link::client {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr absl::Duration kTtl = absl::Seconds(3);   // a busy machine takes its time, too
constexpr absl::Duration kLong = absl::Minutes(2);  // the test's own watchdog is shorter

class WallClockTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node_.ready()) << node_.log();
    auto orchestrator = Orchestrator::Connect({node_.unix_target()});
    ASSERT_TRUE(orchestrator.ok()) << orchestrator.status();
    orchestrator_ = *std::move(orchestrator);
    v1::ChannelConfig config;
    config.set_host_to_chip_lanes(1);
    config.set_chip_to_host_lanes(1);
    auto channel = orchestrator_->OpenChannel(0, "jobs", config);
    ASSERT_TRUE(channel.ok()) << channel.status();
    channel_ = *std::move(channel);
    v1::RegionConfig region;
    region.set_data_bytes(64);
    auto opened = orchestrator_->OpenRegion(0, "notes", region);
    ASSERT_TRUE(opened.ok()) << opened.status();
    region_ = *std::move(opened);
  }

  StreamOptions Options(const std::string& session) {
    StreamOptions options;
    options.send = options.receive = LaneChoice::Lane(0);
    options.session_id = session;
    options.lease_ttl = kTtl;
    return options;
  }

  // Each message once, in order, with its bytes.
  void Exchange(LaneStream& stream, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i, ++exchanged_) {
      const absl::Status sent = stream.Send({std::to_string(exchanged_), 0, exchanged_}, kLong);
      ASSERT_TRUE(sent.ok()) << sent;
      const auto batch = stream.Receive(kLong);
      ASSERT_TRUE(batch.ok()) << batch.status();
      ASSERT_EQ(batch->size(), 1u);
      ASSERT_EQ(batch->front().sequence, exchanged_);
      ASSERT_EQ(batch->front().payload, std::to_string(exchanged_));
    }
  }

  v1::Chip Chip() {
    grpc::ClientContext context;
    v1::ListChipsResponse chips;
    const grpc::Status listed = v1::NodeService::NewStub(node_.Connect())->ListChips(&context, {}, &chips);
    EXPECT_TRUE(listed.ok()) << listed.error_message();
    return listed.ok() ? chips.chips(0) : v1::Chip();
  }

  WallClock clock_;
  TestNode node_{{"--platform=a2a3sim=1", "--sim-program=echo"}};
  std::unique_ptr<Orchestrator> orchestrator_;
  std::unique_ptr<Channel> channel_;
  std::unique_ptr<Region> region_;
  uint64_t exchanged_ = 0;
};

// That the clock is another one at all, here and in the daemon, whose log has its dates from it.
TEST_F(WallClockTest, IsAnotherClockHereAndInTheDaemon) {
  const time_t before = time(nullptr);
  clock_.Set(absl::Hours(24 * 400));
  const time_t after = time(nullptr);
  EXPECT_GE(after - before, 24 * 3600 * 400);
  EXPECT_EQ(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) / 60, after / 60);
  timeval now;
  gettimeofday(&now, nullptr);
  EXPECT_EQ(now.tv_sec / 60, after / 60);
  EXPECT_EQ(node_.Terminate(), 0) << node_.log();
  char date[16];
  strftime(date, sizeof(date), "%Y-%m-%d", localtime(&after));
  EXPECT_NE(node_.log().find(date), std::string::npos) << date << " is not in\n" << node_.log();
}

TEST_F(WallClockTest, StreamsGoOnUnderTheirLeaseBusyAndIdle) {
  JumpingClock jumps(&clock_);
  auto stream = channel_->OpenStream(Options("mine"));
  ASSERT_TRUE(stream.ok()) << stream.status();
  const uint64_t epoch = (*stream)->positions().epoch;
  for (const auto until = Steady::now() + milliseconds(2500); Steady::now() < until;) Exchange(**stream, 50);
  std::this_thread::sleep_for(milliseconds(7000));  // idle for two of its leases, with its renewals alone
  Exchange(**stream, 50);
  EXPECT_EQ((*stream)->positions().epoch, epoch) << "the lease ran out";
  EXPECT_EQ((*stream)->positions().reconnects, 0u) << "the connection was given up";
  const v1::Chip chip = Chip();
  EXPECT_EQ(chip.state(), v1::CHIP_STATE_RUNNING);
  EXPECT_EQ(chip.attach_count(), 1u) << "the chip or its node took the other for dead";
  EXPECT_EQ(node_.log().find("lost"), std::string::npos) << node_.log();
  EXPECT_GT(jumps.jumps(), 100u);
}

// Not a tick, a timer or a renewal may wait until the clock is there again.
TEST_F(WallClockTest, OneStepBackByAMonthStopsNothing) {
  auto stream = channel_->OpenStream(Options("mine"));
  ASSERT_TRUE(stream.ok()) << stream.status();
  const uint64_t epoch = (*stream)->positions().epoch;
  Exchange(**stream, 10);
  clock_.Set(absl::Hours(-24 * 30));
  std::this_thread::sleep_for(milliseconds(7000));  // idle for two of its leases
  Exchange(**stream, 10);
  EXPECT_EQ((*stream)->positions().epoch, epoch) << "the lease ran out";
  EXPECT_EQ((*stream)->positions().reconnects, 0u);
  EXPECT_EQ(Chip().attach_count(), 1u);
}

TEST_F(WallClockTest, ALostClientsLeaseEndsAfterItsTtlAndNotBefore) {
  for (const absl::Duration jump : {absl::Hours(24 * 30), absl::Hours(-24 * 30)}) {
    clock_.Set(absl::ZeroDuration());
    auto lost = channel_->OpenStream(Options(absl::StrCat("lost", absl::FormatDuration(jump))));
    ASSERT_TRUE(lost.ok()) << lost.status();
    const auto granted = Steady::now();
    (*lost)->Abandon();
    clock_.Set(jump);
    const auto refused = channel_->OpenStream(Options("next"));
    EXPECT_TRUE(HasReason(refused.status(), v1::LANE_HELD)) << refused.status();
    auto next = channel_->OpenStream(Options("next"));
    while (HasReason(next.status(), v1::LANE_HELD)) {
      std::this_thread::sleep_for(milliseconds(20));
      next = channel_->OpenStream(Options("next"));
    }
    ASSERT_TRUE(next.ok()) << next.status();
    EXPECT_GE(Steady::now() - granted, absl::ToChronoMilliseconds(kTtl));
  }
}

TEST_F(WallClockTest, WaitsEndAtTheirTimeoutAndNotBefore) {
  JumpingClock jumps(&clock_);
  for (int i = 0; i < 3; ++i) {
    const auto began = Steady::now();
    const auto waited = region_->Wait({0, 1}, absl::Milliseconds(700));
    ASSERT_TRUE(waited.ok()) << waited.status();
    EXPECT_FALSE(waited->satisfied);
    EXPECT_GE(Steady::now() - began, milliseconds(700));
  }
  auto waiting = std::async(std::launch::async, [&] { return region_->Wait({0, 1}, kLong); });
  std::this_thread::sleep_for(milliseconds(200));
  ASSERT_TRUE(region_->Notify({0, 1}).ok());
  const auto ended = waiting.get();
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_TRUE(ended->satisfied);
}

// Of calls that the node itself ends, by what is left of their deadline.
TEST_F(WallClockTest, ReceivesEndAtTheirTimeoutAndNotBefore) {
  const auto stub = v1::ChannelService::NewStub(node_.Connect());
  v1::ReceiveRequest request;
  request.mutable_channel()->set_name("jobs");
  request.mutable_timeout()->set_nanos(300'000'000);
  for (int i = 0; i < 12; ++i) {
    if (i == 10) clock_.Set(absl::Hours(-24 * 30));  // by then absl::Now() looks at the clock now and then only
    grpc::ClientContext context;
    v1::ReceiveResponse response;
    context.set_deadline(gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(120, GPR_TIMESPAN)));
    const auto began = Steady::now();
    const grpc::Status received = stub->Receive(&context, request, &response);
    EXPECT_TRUE(received.ok()) << received.error_message();
    EXPECT_GE(Steady::now() - began, milliseconds(300)) << i;
  }
}

// Also one that the caller gave as a time of the wall clock: gRPC takes what is left of it at the call's start.
TEST_F(WallClockTest, CallsEndAtTheirDeadlineAndNotBefore) {
  const auto stub = v1::MemoryService::NewStub(node_.Connect());
  v1::WaitRequest request;
  request.mutable_region()->set_name("notes");
  request.add_conditions()->set_target(1);
  for (const absl::Duration jump : {absl::Hours(24 * 30), absl::Hours(-24 * 30)}) {
    clock_.Set(absl::ZeroDuration());
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + milliseconds(800));
    const auto began = Steady::now();
    auto call = std::async(std::launch::async, [&] {
      v1::WaitResponse response;
      return stub->Wait(&context, request, &response);
    });
    std::this_thread::sleep_for(milliseconds(100));  // it has begun
    clock_.Set(jump);
    EXPECT_EQ(call.get().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << absl::FormatDuration(jump);
    EXPECT_GE(Steady::now() - began, milliseconds(750)) << absl::FormatDuration(jump);
  }
}

TEST_F(WallClockTest, AKilledDaemonsStreamsResume) {
  JumpingClock jumps(&clock_);
  StreamOptions options = Options("mine");
  options.lease_ttl = kLong;  // however long a start takes here
  auto stream = channel_->OpenStream(options);
  ASSERT_TRUE(stream.ok()) << stream.status();
  for (int i = 1; i <= 3; ++i) {
    Exchange(**stream, 100);
    node_.Kill();
    node_.Restart();
    ASSERT_TRUE(node_.ready()) << node_.log();
    Exchange(**stream, 100);
  }
  EXPECT_GE((*stream)->positions().reconnects, 3u);
}

}  // namespace
}  // namespace l3link::client

int main(int argc, char** argv) {
  l3link::RunUnderWallClock(argv);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
