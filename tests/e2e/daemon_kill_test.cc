// kill -9 of the daemon while clients work: a restarted one goes on with its chips, channels, regions, signals and leases, and
// the application sees no error. Rows 11, 12, 17, 29, 30 and 31 of the fault table.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "backends/abi/crc32c.h"
#include "client/errors.h"
#include "tests/e2e/client_fixture.h"

namespace l3link::client {
namespace {

// Reached by its socket, whose name stays the same over a restart.
class DaemonKillTest : public ClientFixture {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node_.ready()) << node_.log();
    Connect();
  }

  void Connect() {
    auto orchestrator = Orchestrator::Connect({node_.unix_target()});
    ASSERT_TRUE(orchestrator.ok()) << orchestrator.status();
    orchestrator_ = *std::move(orchestrator);
  }

  void KillAndRestart() {
    node_.Kill();
    node_.Restart();
    ASSERT_TRUE(node_.ready()) << node_.log();
  }

  std::string journal_path() const { return node_.state_dir() + "/private/chip-0.journal"; }
};

TEST_F(DaemonKillTest, StreamsGoOnUnseenByTheApplicationAndNothingIsLost) {
  constexpr uint64_t kMessages = 100'000;
  const auto channel = OpenChannel("work", 2);
  const auto one = Open(*channel, LanePair(0));
  const auto two = Open(*channel, LanePair(1));
  const std::string session = one->session_id();
  std::atomic<bool> done{false};
  std::thread killer([&] {
    while (one->published() < kMessages / 10 && !done) std::this_thread::yield();
    for (int kills = 0; kills < 5 && !done; ++kills) {
      KillAndRestart();
      std::this_thread::sleep_for(std::chrono::milliseconds(150));
    }
    while (!done) std::this_thread::yield();  // the daemon dies with the thread that started it
  });
  std::thread sender_one([&] { SendNumbers(*one, 0, kMessages); });
  std::thread sender_two([&] { SendNumbers(*two, 0, kMessages); });
  std::thread receiver_two([&] { ReceiveNumbers(*two, 0, kMessages); });
  ReceiveNumbers(*one, 0, kMessages);
  sender_one.join();
  sender_two.join();
  receiver_two.join();
  EXPECT_TRUE(one->Flush(kLong).ok());
  EXPECT_EQ(one->published(), kMessages);
  EXPECT_EQ(one->session_id(), session);
  EXPECT_GE(one->positions().reconnects, 1u) << "nothing was killed while it worked";
  done = true;
  killer.join();
}

TEST_F(DaemonKillTest, TheChipOutlivesItsDaemonAndIsAdopted) {
  const uint64_t pid = orchestrator_->ListChips()->at(0).pid();
  uint64_t attached = 0;
  while ((attached = orchestrator_->ListChips()->at(0).attach_count()) == 0) std::this_thread::yield();
  KillAndRestart();
  Connect();
  const v1::Chip chip = orchestrator_->ListChips()->at(0);
  EXPECT_EQ(chip.pid(), pid);
  EXPECT_EQ(chip.attach_count(), attached);
  EXPECT_EQ(chip.state(), v1::CHIP_STATE_RUNNING);
}

TEST_F(DaemonKillTest, UnacknowledgedMessagesComeAgainMarkedAndAcknowledgedOnesDoNot) {
  const auto channel = OpenChannel("again");
  StreamOptions options = LanePair(0);
  options.ack = AckMode::kExplicit;
  options.session_id = "me";
  auto stream = Open(*channel, options);
  SendNumbers(*stream, 0, 10);
  ReceiveNumbers(*stream, 0, 10);
  ASSERT_TRUE(stream->Ack(4).ok());
  const auto acked = [&] { return channel->Refresh()->lanes(1).consumed(); };
  while (acked() < 4) std::this_thread::yield();
  stream->Abandon();
  stream.reset();
  KillAndRestart();
  Connect();
  const auto found = orchestrator_->FindChannel(0, "again", channel->id().generation());
  ASSERT_TRUE(found.ok()) << found.status();
  options.resume = true;
  options.resume_acked = 4;
  const auto again = Open(**found, options);
  EXPECT_EQ(again->positions().next_sequence, 10u);
  for (uint64_t i = 4; i < 10; ++i) {
    const auto message = again->Receive(kLong);
    ASSERT_TRUE(message.ok()) << message.status();
    EXPECT_EQ(message->front().sequence, i);
    EXPECT_EQ(message->front().payload, std::to_string(i));
    EXPECT_TRUE(message->front().redelivered);
  }
}

TEST_F(DaemonKillTest, AHeldLaneStaysHeldAndEpochsRise) {
  const auto channel = OpenChannel("held");
  StreamOptions options = LanePair(0);
  options.session_id = "holder";
  auto holder = Open(*channel, options);
  const uint64_t epoch = holder->positions().epoch;
  holder->Abandon();
  KillAndRestart();
  Connect();
  const auto found = orchestrator_->FindChannel(0, "held");
  ASSERT_TRUE(found.ok()) << found.status();
  StreamOptions other = LanePair(0);
  other.session_id = "other";
  const auto refused = (*found)->OpenStream(other);
  EXPECT_TRUE(HasReason(refused.status(), v1::LANE_HELD)) << refused.status();
  EXPECT_EQ(MetadataOf(refused.status())["holder"], "holder");
  options.resume = true;
  const auto again = Open(**found, options);
  EXPECT_GT(again->positions().epoch, epoch);
}

TEST_F(DaemonKillTest, ASessionThatAnotherFollowedIsToldItsFinalPositionAfterARestartToo) {
  const auto channel = OpenChannel("final");
  StreamOptions first = LanePair(0);
  first.session_id = "first";
  {
    const auto stream = Open(*channel, first);
    SendNumbers(*stream, 0, 7);
    for (int i = 0; i < 5; ++i)
      ASSERT_TRUE(stream->Receive(kLong).ok());  // one by one: what is handed out is acknowledged
    ASSERT_TRUE(stream->Close(kLong).ok());
  }
  {
    StreamOptions second = LanePair(0);
    second.session_id = "second";
    const auto stream = Open(*channel, second);
    ReceiveNumbers(*stream, 5, 2);
    ASSERT_TRUE(stream->Close(kLong).ok());
  }
  KillAndRestart();
  Connect();
  const auto found = orchestrator_->FindChannel(0, "final");
  first.resume = true;
  const auto back = (*found)->OpenStream(first);
  EXPECT_TRUE(HasReason(back.status(), v1::SESSION_LOST)) << back.status();
  EXPECT_EQ(MetadataOf(back.status())["published"], "7");
  EXPECT_EQ(MetadataOf(back.status())["acked"], "5");
}

TEST_F(DaemonKillTest, RegionsAndSignalsKeepTheirValues) {
  v1::RegionConfig config;
  config.set_data_bytes(4096);
  config.set_signal_count(3);
  const auto region = orchestrator_->OpenRegion(0, "kept", config);
  ASSERT_TRUE(region.ok()) << region.status();
  ASSERT_TRUE((*region)->Write(100, "still here").ok());
  ASSERT_TRUE((*region)->Notify({0, 41}).ok());
  ASSERT_TRUE((*region)->Notify({0, 1, SignalOp::kAdd}).ok());
  KillAndRestart();
  Connect();
  const auto found = orchestrator_->FindRegion(0, "kept", (*region)->id().generation());
  ASSERT_TRUE(found.ok()) << found.status();
  std::string data(10, '\0');
  ASSERT_TRUE((*found)->Read(100, absl::MakeSpan(data)).ok());
  EXPECT_EQ(data, "still here");
  const auto value = (*found)->Notify({0, 1, SignalOp::kAdd});
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(*value, 43u);
}

TEST_F(DaemonKillTest, RegionCallsGoOnUnseenByTheApplicationAndNotifyOnce) {
  v1::RegionConfig config;
  config.set_data_bytes(4 << 20);
  const auto region = orchestrator_->OpenRegion(0, "busy", config);
  ASSERT_TRUE(region.ok()) << region.status();
  std::atomic<bool> done{false};
  std::atomic<uint64_t> rounds{0};
  std::thread killer([&] {
    for (int kills = 0; kills < 3; ++kills) {
      for (const uint64_t before = rounds; rounds < before + 2;) std::this_thread::yield();  // amid one
      KillAndRestart();
    }
    done = true;
    while (done) std::this_thread::yield();  // the daemon dies with the thread that started it
  });
  std::string data(1 << 20, '.'), back(1 << 20, ' ');
  for (; !done; ++rounds) {
    data[rounds % data.size()] = static_cast<char>('a' + rounds % 26);
    const auto written = (*region)->WriteThenNotify(rounds % 3, data, {0, 1, SignalOp::kAdd});
    EXPECT_TRUE(written.ok()) << written.status();
    const auto notified = (*region)->Notify({0, 1, SignalOp::kAdd});
    EXPECT_TRUE(notified.ok()) << notified.status();
    EXPECT_EQ(notified.value_or(0), 2 * (rounds + 1)) << "done twice, or not at all";
    const absl::Status read = (*region)->Read(rounds % 3, absl::MakeSpan(back));
    EXPECT_TRUE(read.ok()) << read;
    EXPECT_TRUE(back == data);
  }
  done = false;
  killer.join();
}

TEST_F(DaemonKillTest, APlannedRestartLosesNothingEither) {
  const auto channel = OpenChannel("planned");
  {
    const auto stream = Open(*channel, LanePair(0));
    SendNumbers(*stream, 0, 20);
    ASSERT_TRUE(stream->Close(kLong).ok());
  }
  EXPECT_EQ(node_.Terminate(), 0) << node_.log();
  node_.Restart();
  ASSERT_TRUE(node_.ready()) << node_.log();
  Connect();
  const auto found = orchestrator_->FindChannel(0, "planned", channel->id().generation());
  ASSERT_TRUE(found.ok()) << found.status();
  const auto stream = Open(**found, LanePair(0));
  ReceiveNumbers(*stream, 0, 20);
}

// What must not be believed: the node refuses to start, says which file and why, and touches nothing.
class DistrustTest : public DaemonKillTest {
 protected:
  void ExpectRefusal(const std::string& words) {
    node_.Restart();
    EXPECT_FALSE(node_.ready());
    EXPECT_NE(node_.process().Wait(), 0);
    EXPECT_NE(node_.log().find(journal_path()), std::string::npos) << node_.log();
    EXPECT_NE(node_.log().find(words), std::string::npos) << node_.log();
  }
};

TEST_F(DistrustTest, AJournalThatIsALinkOrHasASecondNameOrOthersMayWrite) {
  node_.Kill();
  const std::string moved = node_.dir() / "moved";
  ASSERT_EQ(rename(journal_path().c_str(), moved.c_str()), 0);
  ASSERT_EQ(symlink(moved.c_str(), journal_path().c_str()), 0);
  ExpectRefusal("symbolic link");
  ASSERT_EQ(unlink(journal_path().c_str()), 0);
  ASSERT_EQ(link(moved.c_str(), journal_path().c_str()), 0);
  ExpectRefusal("second hard link");
  ASSERT_EQ(unlink(moved.c_str()), 0);
  ASSERT_EQ(chmod(journal_path().c_str(), 0666), 0);
  ExpectRefusal("may be written by others");
  ASSERT_EQ(chmod(journal_path().c_str(), 0600), 0);
  node_.Restart();
  EXPECT_TRUE(node_.ready()) << node_.log();
}

TEST_F(DistrustTest, AnotherVersionsStateIsRefusedWithBothVersionsAndNotTouched) {
  node_.Kill();
  std::fstream file(journal_path(), std::ios::in | std::ios::out | std::ios::binary);
  const uint32_t version = 99;
  file.seekp(12).write(reinterpret_cast<const char*>(&version), sizeof(version));
  file.close();
  ExpectRefusal("ABI version 99");
  uint32_t still = 0;
  std::ifstream(journal_path(), std::ios::binary).seekg(12).read(reinterpret_cast<char*>(&still), sizeof(still));
  EXPECT_EQ(still, version);
}

TEST_F(DistrustTest, StateFromBeforeARebootIsANewGeneration) {
  const auto channel = OpenChannel("old");
  node_.Kill();
  std::fstream file(journal_path(), std::ios::in | std::ios::out | std::ios::binary);
  // The boot id, and the identity's CRC after it, as another boot would have written them.
  char head[104];
  file.read(head, sizeof(head));
  head[48] = static_cast<char>(head[48] ^ 1);
  const uint32_t crc = l3_crc32c(head, 100);
  std::memcpy(head + 100, &crc, sizeof(crc));
  file.seekp(0).write(head, sizeof(head));
  file.close();
  node_.Restart();
  ASSERT_TRUE(node_.ready()) << node_.log();
  EXPECT_NE(node_.log().find("before a reboot"), std::string::npos) << node_.log();
  Connect();
  EXPECT_TRUE(HasReason(orchestrator_->FindChannel(0, "old").status(), v1::CHANNEL_NOT_FOUND));
}

}  // namespace
}  // namespace l3link::client
