// Many threads on one handle, several contexts, and closing or destroying while others are in the middle of a call.
#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "tests/runtime/runtime_fixture.h"

namespace l3link {
namespace {

constexpr int kThreads = 8;

// Runs `work(thread)` on so many threads at once and waits for all.
template <typename Work>
void OnThreads(int count, Work work) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t) threads.emplace_back([&work, t] { work(t); });
  for (std::thread& thread : threads) thread.join();
}

// Threads that have begun to wait, as far as one can know, are waited for before they are disturbed.
void AwaitCount(const std::atomic<int>& entered, int count) {
  while (entered < count) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // makes the wait likely; the test holds without it
}

TEST(RuntimeThreadsTest, EightThreadsOnOneChannelLoseAndDoubleNothing) {
  constexpr int kEach = 500;
  TestContext ctx;
  void* channel = ctx.Channel(4, 16, 64);
  std::vector<uint64_t> received[kThreads];
  OnThreads(kThreads, [&](int t) {
    for (int i = 0; i < kEach; ++i) {
      const uint64_t id = static_cast<uint64_t>(t) * kEach + i;
      const std::string payload = std::to_string(id);
      ASSERT_EQ(Send(ctx, channel, payload, kPatienceUs, t, id), 0);
      const Received answer = Recv(ctx, channel);  // somebody's
      ASSERT_EQ(answer.code, 0);
      ASSERT_EQ(answer.payload, std::to_string(answer.correlation_id));
      ASSERT_EQ(answer.route, answer.correlation_id / kEach);
      received[t].push_back(answer.correlation_id);
    }
  });
  std::set<uint64_t> all;
  for (const std::vector<uint64_t>& some : received) all.insert(some.begin(), some.end());
  EXPECT_EQ(all.size(), static_cast<size_t>(kThreads * kEach));
  EXPECT_EQ(Recv(ctx, channel, 64, 0).code, -11);
}

TEST(RuntimeThreadsTest, EightThreadsOnOneRegionAddUp) {
  constexpr uint64_t kEach = 1000;
  TestContext ctx;
  void* memory = ctx.Memory(4096);
  OnThreads(kThreads, [&](int t) {
    for (uint64_t i = 0; i < kEach; ++i) {
      ASSERT_EQ(host_device_memory_write_ctx(ctx, memory, 8 * t, &i, 8), 0);
      ASSERT_EQ(l3link_memory_notify(ctx, memory, 0, L3LINK_ADD, 1, nullptr), 0);
    }
    ASSERT_EQ(host_device_memory_wait_ctx(ctx, memory, 0, kThreads * kEach, kPatienceUs), 0);
  });
  uint64_t last = 0;
  for (int t = 0; t < kThreads; ++t) {
    ASSERT_EQ(host_device_memory_read_ctx(ctx, memory, 8 * t, &last, 8), 0);
    EXPECT_EQ(last, kEach - 1);
  }
}

TEST(RuntimeThreadsTest, SeveralContextsDoNotKnowOfEachOther) {
  OnThreads(4, [](int t) {
    for (int round = 0; round < 3; ++round) {
      TestContext ctx("program=echo", t % 2 == 0 ? "a2a3sim" : "a5sim", t / 2);  // two are chip 0 of one platform
      void* channel = ctx.Channel();
      const std::string mine = std::to_string(t * 100 + round);
      for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(Send(ctx, channel, mine), 0);
        ASSERT_EQ(Recv(ctx, channel).payload, mine);
      }
    }
  });
}

TEST(RuntimeThreadsTest, OfManyThatCloseOneSucceeds) {
  TestContext ctx;
  for (int round = 0; round < 50; ++round) {
    void* channel = ctx.Channel();
    void* memory = ctx.Memory();
    std::atomic<int> channels{0}, memories{0};
    OnThreads(4, [&](int) {
      channels += close_host_device_channel_ctx(ctx, channel) == 0;
      memories += close_host_device_memory_ctx(ctx, memory) == 0;
    });
    ASSERT_EQ(channels, 1);
    ASSERT_EQ(memories, 1);
  }
}

// Waits of every kind on its own thread each, all of which must end with -22.
class Waiters {
 public:
  explicit Waiters(const TestContext& ctx) : ctx_(ctx), channel_(ctx.Channel(1, 1)), memory_(ctx.Memory()) {
    EXPECT_EQ(Send(ctx, channel_, "fills the lane"), 0);
    for (int i = 0; i < 2; ++i) {
      Begin([this] { return Recv(ctx_, channel_).code; });
      Begin([this] {
        L3LinkIncoming in = {nullptr, 0, 0, 0, 0};
        size_t received = 0;
        return l3link_channel_recv(ctx_, channel_, &in, 1, &received, L3LINK_FOREVER);
      });
      Begin([this] { return Send(ctx_, channel_, "no room"); });
      Begin([this] { return host_device_memory_wait_ctx(ctx_, memory_, 1, 1, kPatienceUs); });
      Begin([this] { return l3link_memory_wait(ctx_, memory_, 0, L3LINK_NE, 0, L3LINK_FOREVER, nullptr); });
    }
    AwaitCount(entered_, static_cast<int>(threads_.size()));
  }
  ~Waiters() {
    for (std::thread& thread : threads_) thread.join();
  }

  void Close() {
    EXPECT_EQ(close_host_device_channel_ctx(ctx_, channel_), 0);
    EXPECT_EQ(close_host_device_memory_ctx(ctx_, memory_), 0);
  }

 private:
  template <typename Wait>
  void Begin(Wait wait) {
    threads_.emplace_back([this, wait] {
      ++entered_;
      EXPECT_EQ(wait(), -22);
    });
  }

  const TestContext& ctx_;
  void* const channel_;
  void* const memory_;
  std::atomic<int> entered_{0};
  std::vector<std::thread> threads_;
};

TEST(RuntimeThreadsTest, ClosingEndsEveryWait) {
  TestContext ctx("program=vector_add");  // nobody takes or answers messages
  Waiters waiters(ctx);
  waiters.Close();
}

TEST(RuntimeThreadsTest, DestroyingTheContextEndsEveryWaitAndReturns) {
  TestContext ctx("program=vector_add");
  Waiters waiters(ctx);
  ctx.Destroy();
}

TEST(RuntimeThreadsTest, AContextMayGoWhileOthersOpenUseAndClose) {
  for (int round = 0; round < 5; ++round) {
    TestContext ctx;
    std::atomic<int> answered{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        const HostDeviceChannelConfig config = {1, 1, 2, 64, 0};
        for (;;) {
          void* channel = open_host_device_channel_ctx(ctx, &config);
          if (channel == nullptr) {
            EXPECT_EQ(errno, EINVAL) << l3link_last_error();
            break;
          }
          if (Send(ctx, channel, "x") != 0 || Recv(ctx, channel).code != 0) break;
          ++answered;
          if (close_host_device_channel_ctx(ctx, channel) != 0) break;
        }
      });
    }
    while (answered < 8) std::this_thread::yield();
    ctx.Destroy();
    for (std::thread& thread : threads) thread.join();
  }
}

TEST(RuntimeThreadsTest, TheLastErrorIsTheThreadsOwn) {
  OnThreads(4, [](int t) {
    EXPECT_STREQ(l3link_last_error(), "");
    for (int i = 0; i < 100; ++i) {
      const std::string platform = "platform-" + std::to_string(t);
      ASSERT_EQ(l3link_create_device_context(platform.c_str(), 0, nullptr), nullptr);
      ASSERT_NE(std::string(l3link_last_error()).find(platform), std::string::npos);
    }
  });
}

}  // namespace
}  // namespace l3link
