#include "backends/testkit/chip_player.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "backends/worker/worker.h"
#include "tests/support/temp_dir.h"

namespace l3link::testkit {
namespace {

using testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kBriefly = absl::Milliseconds(20);

absl::Span<const std::byte> Bytes(absl::string_view text) {
  return absl::MakeConstSpan(reinterpret_cast<const std::byte*>(text.data()), text.size());
}

// A host in this process, whose chip is played.
class ChipPlayerTest : public testing::Test {
 protected:
  ChipPlayerTest() {
    options_.sim.state_dir = dir_ / "state";
    options_.sim.external = true;
    options_.chip.arena_bytes = uint64_t{64} << 20;
    worker_ = Worker::Start(options_).value();
    player_ = ChipPlayer::Attach(arena_path(), kPatience).value();
  }
  std::string arena_path() const { return dir_ / "state/chips/0/arena"; }
  ChipCalls& host() { return worker_->calls(0); }

  std::shared_ptr<HostChannel> Channel(const std::string& name, const ChannelConfig& config = {}) {
    return host().OpenChannel(name, config).value();
  }
  std::shared_ptr<HostRegion> Region(const std::string& name) {
    RegionConfig config;
    config.data_bytes = 4096;
    config.signal_writers = {SignalWriter::kHost, SignalWriter::kChip, SignalWriter::kBoth};
    return host().OpenSharedMemory(name, config).value();
  }
  void HostSends(HostChannel& channel, absl::string_view payload, uint32_t route = 0, uint64_t correlation_id = 0) {
    ASSERT_EQ(host().ChannelSend(channel, OutgoingMessage{route, correlation_id, Bytes(payload)}, kPatience),
              absl::OkStatus());
  }
  std::string HostReceives(HostChannel& channel, uint64_t* correlation_id = nullptr) {
    std::string room(4096, '\0');
    IncomingMessage message{absl::MakeSpan(reinterpret_cast<std::byte*>(room.data()), room.size())};
    const absl::StatusOr<size_t> received = host().ChannelRecv(channel, absl::MakeSpan(&message, 1), kPatience);
    if (!received.ok()) return received.status().ToString();
    if (correlation_id != nullptr) *correlation_id = message.header.correlation_id;
    return room.substr(0, message.header.payload_bytes);
  }
  bool HostSees(ChipState state) { return host().AwaitChipState(state, kPatience); }

  TempDir dir_;
  WorkerOptions options_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<ChipPlayer> player_;
};

TEST_F(ChipPlayerTest, IsAChipThatRunsAndEnds) {
  EXPECT_TRUE(HostSees(ChipState::kRunning));
  player_.reset();
  EXPECT_TRUE(HostSees(ChipState::kLost));
  player_ = ChipPlayer::Attach(arena_path(), kPatience).value();
  EXPECT_TRUE(HostSees(ChipState::kRunning));
}

TEST_F(ChipPlayerTest, AnswersAMessageOfTheHost) {
  auto channel = Channel("work");
  HostSends(*channel, "question", 5, 7);
  const absl::StatusOr<PlayedMessage> question = player_->Receive("work", 0, kPatience);
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->payload, "question");
  EXPECT_EQ(question->route, 5u);
  EXPECT_EQ(question->correlation_id, 7u);
  EXPECT_EQ(question->sequence, 0u);
  ASSERT_EQ(player_->Send("work", 0, {.payload = "answer", .correlation_id = 7}, kPatience), absl::OkStatus());
  uint64_t correlation_id = 0;
  EXPECT_EQ(HostReceives(*channel, &correlation_id), "answer");
  EXPECT_EQ(correlation_id, 7u);
}

TEST_F(ChipPlayerTest, GivesTheRoomOfWhatItReceivedBack) {
  ChannelConfig config;
  config.lane.lane_depth = 2;
  auto channel = Channel("narrow", config);
  for (int i = 0; i < 20; ++i) {
    HostSends(*channel, std::to_string(i));
    const absl::StatusOr<PlayedMessage> message = player_->Receive("narrow", 0, kPatience);
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_EQ(message->payload, std::to_string(i));
    EXPECT_EQ(message->sequence, static_cast<uint64_t>(i));
  }
}

TEST_F(ChipPlayerTest, WaitsForAChannelThatIsOpenedLater) {
  auto received = std::async(std::launch::async, [this] { return player_->Receive("later", 0, kPatience); });
  auto channel = Channel("later");
  HostSends(*channel, "here");
  const absl::StatusOr<PlayedMessage> message = received.get();
  ASSERT_TRUE(message.ok()) << message.status();
  EXPECT_EQ(message->payload, "here");
}

TEST_F(ChipPlayerTest, WaitsForRoomUntilTheHostTakes) {
  ChannelConfig config;
  config.lane.lane_depth = 1;
  auto channel = Channel("narrow", config);
  ASSERT_EQ(player_->Send("narrow", 0, {.payload = "first"}, kPatience), absl::OkStatus());
  const absl::Status full = player_->Send("narrow", 0, {.payload = "second"}, kBriefly);
  EXPECT_TRUE(absl::IsDeadlineExceeded(full)) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("channel narrow: no room on lane 0 within 20ms"));
  auto sent =
      std::async(std::launch::async, [this] { return player_->Send("narrow", 0, {.payload = "second"}, kPatience); });
  EXPECT_EQ(HostReceives(*channel), "first");
  EXPECT_EQ(HostReceives(*channel), "second");
  EXPECT_EQ(sent.get(), absl::OkStatus());
}

TEST_F(ChipPlayerTest, RegionsAndSignalsGoBothWays) {
  auto region = Region("frames");
  ASSERT_EQ(host().SharedMemoryWrite(*region, 16, Bytes("from the host")), absl::OkStatus());
  ASSERT_TRUE(host().SharedMemoryNotify(*region, {0, NotifyOp::kSet, 3}).ok());
  EXPECT_EQ(player_->Wait("frames", 0, 2, kPatience).value(), 3u);
  std::string text(13, '\0');
  const auto room = absl::MakeSpan(reinterpret_cast<std::byte*>(text.data()), text.size());
  ASSERT_EQ(player_->Read("frames", 16, room, kPatience), absl::OkStatus());
  EXPECT_EQ(text, "from the host");
  ASSERT_EQ(player_->Write("frames", 100, Bytes("from the chip"), kPatience), absl::OkStatus());
  EXPECT_EQ(player_->Notify("frames", 1, 5, kPatience).value(), 5u);
  EXPECT_EQ(player_->Notify("frames", 1, 2, kPatience, L3_NOTIFY_ADD).value(), 7u);
  EXPECT_EQ(host().SharedMemoryWait(*region, {1, Comparison::kGe, 7}, kPatience).value(), 7u);
  ASSERT_EQ(host().SharedMemoryRead(*region, 100, room), absl::OkStatus());
  EXPECT_EQ(text, "from the chip");
}

TEST_F(ChipPlayerTest, AWaitHoldsUpNoOtherCallAndIsWokenByTheHost) {
  auto region = Region("frames");
  auto channel = Channel("work");
  auto waited = std::async(std::launch::async, [this] { return player_->Wait("frames", 2, 1, kPatience, L3_EQ); });
  auto received = std::async(std::launch::async, [this] { return player_->Receive("work", 0, kPatience); });
  ASSERT_EQ(player_->Send("work", 0, {.payload = "meanwhile"}, kPatience), absl::OkStatus());
  EXPECT_EQ(HostReceives(*channel), "meanwhile");
  ASSERT_TRUE(host().SharedMemoryNotify(*region, {2, NotifyOp::kSet, 1}).ok());
  EXPECT_EQ(waited.get().value(), 1u);
  HostSends(*channel, "now");
  EXPECT_EQ(received.get().value().payload, "now");
}

TEST_F(ChipPlayerTest, SaysWhatWasMissing) {
  auto channel = Channel("work");
  auto region = Region("frames");
  const absl::Status empty = player_->Receive("work", 0, kBriefly).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(empty)) << empty;
  EXPECT_THAT(std::string(empty.message()), HasSubstr("channel work: no message on lane 0 within 20ms"));
  const absl::Status unknown = player_->Receive("wrok", 0, kBriefly).status();
  EXPECT_TRUE(absl::IsNotFound(unknown)) << unknown;
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("channel wrok is not open on this chip within 20ms"));
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("channel work"));
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("region frames"));
  const absl::Status unmet = player_->Wait("frames", 0, 9, kBriefly).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(unmet)) << unmet;
  EXPECT_THAT(std::string(unmet.message()), HasSubstr("signal 0 is 0, waited for 9"));
}

TEST_F(ChipPlayerTest, RefusesWhatCannotBe) {
  auto channel = Channel("work");
  auto region = Region("frames");
  std::byte byte{};
  const struct {
    absl::Status status;
    const char* words;
  } rows[] = {
      {player_->Receive("work", 7, kPatience).status(), "no lane 7, it has 1 host_to_chip"},
      {player_->Send("work", 7, {.payload = "x"}, kPatience), "no lane 7, it has 1 chip_to_host"},
      {player_->Send("work", 0, {.payload = std::string(4097, 'x')}, kPatience),
       "message of 4097 bytes > max_message_bytes 4096"},
      {player_->Read("frames", 4096, absl::MakeSpan(&byte, 1), kPatience), "[4096, +1) is outside of its 4096 bytes"},
      {player_->Write("frames", UINT64_MAX, absl::MakeSpan(&byte, 1), kPatience), "is outside of its 4096 bytes"},
      {player_->Notify("frames", 3, 1, kPatience).status(), "no signal 3, it has 3"},
      {player_->Wait("frames", 3, 1, kPatience).status(), "no signal 3, it has 3"},
      {player_->Notify("frames", 0, 1, kPatience).status(), "signal 0 is the host's alone"},
      {player_->Notify("frames", 1, 1, kPatience, 99).status(), "operation 99 is unknown"},
  };
  for (const auto& row : rows) {
    EXPECT_TRUE(absl::IsInvalidArgument(row.status)) << row.status;
    EXPECT_THAT(std::string(row.status.message()), HasSubstr(row.words));
  }
}

TEST_F(ChipPlayerTest, LetsGoOfAClosedChannelAndFindsTheNewOne) {
  for (int round = 0; round < 3; ++round) {
    auto channel = Channel("work");
    HostSends(*channel, std::to_string(round));
    EXPECT_EQ(player_->Receive("work", 0, kPatience).value().payload, std::to_string(round));
    ASSERT_EQ(host().CloseChannel(*channel), absl::OkStatus());
  }
  const auto quarantined = [this] {
    ChipLock lock(worker_->chip(0));
    return worker_->chip(0).Status().quarantined_bytes;
  };
  while (quarantined() != 0) absl::SleepFor(absl::Milliseconds(1));  // or the test's time-out
  EXPECT_TRUE(absl::IsNotFound(player_->Receive("work", 0, kBriefly).status()));
}

TEST_F(ChipPlayerTest, ASecondChipIsRefused) {
  const absl::Status second = ChipPlayer::Attach(arena_path(), kPatience).status();
  EXPECT_TRUE(absl::IsAlreadyExists(second)) << second;
  EXPECT_THAT(std::string(second.message()), HasSubstr(std::to_string(getpid())));
}

TEST_F(ChipPlayerTest, WithoutAnArenaItSaysWhere) {
  const absl::Status none = ChipPlayer::Attach(dir_ / "nowhere/arena", kBriefly).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(none)) << none;
  EXPECT_THAT(std::string(none.message()), HasSubstr("nowhere/arena within 20ms"));
  WriteFile(dir_ / "arena", std::string(8192, 'x'));
  const absl::Status foreign = ChipPlayer::Attach(dir_ / "arena", kBriefly).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(foreign)) << foreign;
  EXPECT_THAT(std::string(foreign.message()), HasSubstr("wrong magic"));
}

TEST_F(ChipPlayerTest, AWaitEndsWhenItIsInterruptedAndAProbeDoesNot) {
  std::atomic<bool> interrupted{false};
  player_.reset();
  player_ = ChipPlayer::Attach(arena_path(), kPatience, [&] { return interrupted.load(); }).value();
  auto channel = Channel("work");
  auto received = std::async(std::launch::async, [&] { return player_->Receive("work", 0, absl::InfiniteDuration()); });
  interrupted = true;
  const absl::Status ended = received.get().status();
  EXPECT_TRUE(absl::IsCancelled(ended)) << ended;
  EXPECT_THAT(std::string(ended.message()), HasSubstr("channel work: the wait was interrupted"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(player_->Receive("work", 0, absl::ZeroDuration()).status()));
  const auto nowhere = ChipPlayer::Attach(dir_ / "nowhere", absl::InfiniteDuration(), [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(nowhere.status())) << nowhere.status();
}

TEST_F(ChipPlayerTest, AnArenaThatWasMadeAnewEndsIt) {
  worker_.reset();
  worker_ = Worker::Start(options_).value();
  absl::Status status;
  while (!absl::IsUnavailable(status = player_->Receive("work", 0, kBriefly).status())) {
  }
  EXPECT_THAT(std::string(status.message()), HasSubstr("attach again"));
  player_.reset();
  player_ = ChipPlayer::Attach(arena_path(), kPatience).value();
  EXPECT_TRUE(HostSees(ChipState::kRunning));
}

}  // namespace
}  // namespace l3link::testkit
