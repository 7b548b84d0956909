// A client and its node that take turns: what goes over the wire then, and what comes when it is nobody's turn.
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "client/monitor.h"
#include "tests/e2e/client_fixture.h"
#include "tests/support/tcp_proxy.h"

namespace l3link::client {
namespace {

// HTTP/2 as one connection's client sends it (RFC 9113, section 4.1): counts frames of data, and those of them right behind which
// the connection's window goes.
class FrameCounter {
 public:
  void OnBytes(std::string_view bytes) {
    held_ += bytes;
    if (!begun_ && held_.size() < kPrefaceBytes) return;
    if (!std::exchange(begun_, true)) held_.erase(0, kPrefaceBytes);
    for (size_t bytes_of; held_.size() >= kHeaderBytes && held_.size() >= (bytes_of = FrameBytes());) {
      OnFrame(static_cast<uint8_t>(held_[3]), Word(5));
      held_.erase(0, bytes_of);
    }
  }
  int data() const { return data_; }
  int windows_behind_data() const { return windows_behind_data_; }

 private:
  static constexpr size_t kPrefaceBytes = 24;
  static constexpr size_t kHeaderBytes = 9;
  static constexpr uint8_t kData = 0;
  static constexpr uint8_t kWindowUpdate = 8;

  uint32_t Word(size_t at) const {
    uint32_t word = 0;
    for (size_t i = at; i < at + 4; ++i) word = word << 8 | static_cast<uint8_t>(held_[i]);
    return word;
  }
  size_t FrameBytes() const { return kHeaderBytes + (Word(0) >> 8); }
  void OnFrame(uint8_t type, uint32_t stream) {
    if (type == kData) ++data_;
    if (type == kWindowUpdate && stream == 0 && last_was_data_) ++windows_behind_data_;
    last_was_data_ = type == kData;
  }

  std::string held_;
  bool begun_ = false;
  bool last_was_data_ = false;
  std::atomic<int> data_{0};
  std::atomic<int> windows_behind_data_{0};
};

class ClientTurnsTest : public ClientFixture {
 protected:
  // One number there and back, by the caller's own waiting.
  static void TakeTurns(LaneStream& stream, uint64_t first, uint64_t count) {
    for (uint64_t i = first; i < first + count; ++i) {
      ASSERT_NO_FATAL_FAILURE(SendNumbers(stream, i, 1));
      ASSERT_NO_FATAL_FAILURE(ReceiveNumbers(stream, i, 1));
    }
  }

  // Waits without a call that would poll.
  static void BreakAndAwaitResume(LaneStream& stream) {
    const uint64_t resumes = stream.positions().reconnects + 1;
    stream.BreakForTest();
    const MonoTime deadline = After(MonoNow(), kLong);
    while (stream.positions().reconnects < resumes && MonoNow() < deadline) std::this_thread::yield();
    ASSERT_EQ(stream.positions().reconnects, resumes);
  }
};

// Windows that go by themselves come before the data of the next turn. Notifies, since the node answers them without the chip. A
// test that is kept from running for a millisecond makes the client send some so: then once more.
TEST_F(ClientTurnsTest, AWindowGoesWithTheNextTurnsData) {
  FrameCounter counter;
  TcpProxy proxy(node_.tcp_target(), [&counter](std::string_view bytes) { counter.OnBytes(bytes); });
  auto orchestrator = Orchestrator::Connect({proxy.target()});
  ASSERT_TRUE(orchestrator.ok()) << orchestrator.status();
  orchestrator_ = *std::move(orchestrator);
  v1::RegionConfig config;
  config.set_data_bytes(64);
  config.set_signal_count(1);
  const auto region = orchestrator_->OpenRegion(0, "turns", config);
  ASSERT_TRUE(region.ok()) << region.status();
  constexpr int kTurns = 20;
  double share = 0;
  for (int attempt = 0; attempt < 500 && share < 0.9; ++attempt) {
    const int data = counter.data(), along = counter.windows_behind_data();
    for (uint64_t turn = 0; turn < kTurns; ++turn) {
      const auto value = (*region)->Notify({.signal = 0, .value = attempt * kTurns + turn});
      ASSERT_TRUE(value.ok()) << value.status();
    }
    share = static_cast<double>(counter.windows_behind_data() - along) / (counter.data() - data);
  }
  EXPECT_GE(share, 0.9) << "of the turns' windows that went with the data of the next";
}

// Only by the read that was left for the next turn, which nobody takes, the client can learn that the connection broke.
TEST_F(ClientTurnsTest, ABreakIsSeenThoughNobodyTakesTheNextTurn) {
  const auto channel = OpenChannel("breaks");
  const auto stream = Open(*channel, LanePair(0));
  for (uint64_t round = 0; round < 10; ++round) {
    ASSERT_NO_FATAL_FAILURE(TakeTurns(*stream, round * 20, 20));
    ASSERT_NO_FATAL_FAILURE(BreakAndAwaitResume(*stream));
  }
}

// The same where the application has callbacks and the library's thread polls; and what comes out of turn.
TEST_F(ClientTurnsTest, CallbacksHearOfWhatComesOutOfTurn) {
  const auto channel = OpenChannel("callbacks");
  Mutex mutex;
  Condition changed;
  uint64_t came = 0;
  StreamOptions options = LanePair(0);
  options.on_messages = [&](const ReceivedBatch& batch) {
    MutexLock lock(mutex);
    came += batch.size();
    changed.WakeAll();
  };
  const auto stream = Open(*channel, options);
  const auto await = [&](uint64_t through) {
    const MonoTime deadline = After(MonoNow(), kLong);
    MutexLock lock(mutex);
    while (came < through && MonoNow() < deadline) changed.WaitUntil(mutex, deadline);
    return came;
  };
  uint64_t sent = 0;
  for (int round = 0; round < 10; ++round) {
    for (int turn = 0; turn < 20; ++turn) {
      ASSERT_NO_FATAL_FAILURE(SendNumbers(*stream, sent++, 1));
      ASSERT_EQ(await(sent), sent);
    }
    ASSERT_NO_FATAL_FAILURE(BreakAndAwaitResume(*stream));
    ASSERT_NO_FATAL_FAILURE(SendNumbers(*stream, sent, 50));
    sent += 50;
    ASSERT_EQ(await(sent), sent);
  }
}

}  // namespace
}  // namespace l3link::client
