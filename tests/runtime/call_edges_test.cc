// The edges of every call on channels and regions: each code where the header says so.
#include <unistd.h>

#include <vector>

#include "tests/runtime/runtime_fixture.h"

namespace l3link {
namespace {

// Handles of every sort that are none of a channel (or a region) of `ctx`.
std::vector<void*> WrongHandles(void* stale, void* of_another_context, void* of_another_kind, void* context) {
  static int on_the_stack;
  return {nullptr, stale,         of_another_context,         of_another_kind,
          context, &on_the_stack, reinterpret_cast<void*>(1), reinterpret_cast<void*>(UINT64_MAX)};
}

class RuntimeCallTest : public testing::Test {
 protected:
  TestContext ctx_{"program=echo,program=vector_add@"};
  TestContext other_;
};

TEST_F(RuntimeCallTest, WrongChannelHandlesAreRefusedByEveryCall) {
  void* channel = ctx_.Channel();
  void* stale = ctx_.Channel();
  ASSERT_EQ(close_host_device_channel_ctx(ctx_, stale), 0);
  char byte = 0;
  size_t nbytes = 0;
  uint64_t id = 0;
  uint32_t route = 0;
  for (void* wrong : WrongHandles(stale, other_.Channel(), ctx_.Memory(), ctx_)) {
    EXPECT_EQ(host_device_send_ctx(ctx_, wrong, 0, &byte, 1, 0, 0), -22);
    EXPECT_EQ(host_device_recv_ctx(ctx_, wrong, &byte, 1, &nbytes, &id, &route, 0), -22);
    EXPECT_EQ(l3link_channel_send(ctx_, wrong, nullptr, 0, &nbytes, 0), -22);
    EXPECT_EQ(l3link_channel_recv(ctx_, wrong, nullptr, 0, &nbytes, 0), -22);
    EXPECT_EQ(close_host_device_channel_ctx(ctx_, wrong), wrong == nullptr ? 0 : -22);
  }
  for (void* wrong_context : WrongHandles(stale, other_, channel, nullptr)) {
    EXPECT_EQ(host_device_send_ctx(wrong_context, channel, 0, &byte, 1, 0, 0), -22);
    EXPECT_EQ(close_host_device_channel_ctx(wrong_context, channel), -22);
    EXPECT_EQ(close_host_device_channel_ctx(wrong_context, nullptr), 0);
  }
  EXPECT_EQ(Send(ctx_, channel, "still here"), 0);
  EXPECT_EQ(Recv(ctx_, channel).payload, "still here");
}

TEST_F(RuntimeCallTest, WrongMemoryHandlesAreRefusedByEveryCall) {
  void* memory = ctx_.Memory();
  void* stale = ctx_.Memory();
  ASSERT_EQ(close_host_device_memory_ctx(ctx_, stale), 0);
  HostDeviceMemoryInfo info;
  char byte = 7;
  for (void* wrong : WrongHandles(stale, other_.Memory(), ctx_.Channel(), ctx_)) {
    EXPECT_EQ(host_device_memory_info_ctx(ctx_, wrong, &info), -22);
    EXPECT_EQ(host_device_memory_read_ctx(ctx_, wrong, 0, &byte, 1), -22);
    EXPECT_EQ(host_device_memory_write_ctx(ctx_, wrong, 0, &byte, 1), -22);
    EXPECT_EQ(host_device_memory_notify_ctx(ctx_, wrong, 0, 1), -22);
    EXPECT_EQ(host_device_memory_wait_ctx(ctx_, wrong, 0, 0, 0), -22);
    EXPECT_EQ(l3link_memory_notify(ctx_, wrong, 0, L3LINK_ADD, 1, nullptr), -22);
    EXPECT_EQ(l3link_memory_wait(ctx_, wrong, 0, L3LINK_GE, 0, 0, nullptr), -22);
    EXPECT_EQ(close_host_device_memory_ctx(ctx_, wrong), wrong == nullptr ? 0 : -22);
  }
  EXPECT_EQ(close_host_device_memory_ctx(other_, memory), -22);
  EXPECT_EQ(host_device_memory_read_ctx(ctx_, memory, 0, &byte, 1), 0);
  EXPECT_EQ(byte, 0);
}

TEST_F(RuntimeCallTest, ADestroyedContextTakesItsHandlesWithIt) {
  void* channel = other_.Channel();
  void* memory = other_.Memory();
  other_.Destroy();
  EXPECT_EQ(Send(other_, channel, "x"), -22);
  EXPECT_EQ(close_host_device_channel_ctx(other_, channel), -22);
  EXPECT_EQ(host_device_memory_notify_ctx(other_, memory, 0, 1), -22);
  EXPECT_EQ(close_host_device_memory_ctx(other_, memory), -22);
  EXPECT_EQ(close_host_device_memory_ctx(other_, nullptr), 0);
}

TEST_F(RuntimeCallTest, SendChecksPointersAndSizesBeforeThereIsRoom) {
  TestContext stalled("program=vector_add");  // nobody takes messages
  void* channel = stalled.Channel(1, 2, 64);
  EXPECT_EQ(host_device_send_ctx(stalled, channel, 0, nullptr, 1, 0, 0), -22);
  EXPECT_EQ(host_device_send_ctx(stalled, channel, 0, nullptr, 0, 0, 0), 0);
  EXPECT_EQ(Send(stalled, channel, std::string(64, 'x'), 0), 0);
  EXPECT_EQ(Send(stalled, channel, "full", 0), -11);
  EXPECT_EQ(Send(stalled, channel, "full", 20'000), -11);
  EXPECT_EQ(host_device_send_ctx(stalled, channel, 0, nullptr, 0, 0, 0), -11);
  EXPECT_EQ(Send(stalled, channel, std::string(65, 'x'), 0), -75) << "although it is full";
  const std::string text = l3link_last_error();
  EXPECT_NE(text.find("65"), std::string::npos) << text;
  EXPECT_NE(text.find("64"), std::string::npos) << text;
  // The size is judged before anything is read: it may be larger than any memory.
  EXPECT_EQ(host_device_send_ctx(stalled, channel, 0, "x", SIZE_MAX, 0, 0), -75);
}

TEST_F(RuntimeCallTest, RecvChecksPointers) {
  void* channel = ctx_.Channel();
  char byte;
  size_t nbytes = 5;
  uint64_t id = 5;
  uint32_t route = 5;
  EXPECT_EQ(host_device_recv_ctx(ctx_, channel, &byte, 1, nullptr, &id, &route, 0), -22);
  EXPECT_EQ(host_device_recv_ctx(ctx_, channel, &byte, 1, &nbytes, nullptr, &route, 0), -22);
  EXPECT_EQ(host_device_recv_ctx(ctx_, channel, &byte, 1, &nbytes, &id, nullptr, 0), -22);
  EXPECT_EQ(host_device_recv_ctx(ctx_, channel, nullptr, 1, &nbytes, &id, &route, 0), -22);
  EXPECT_EQ(host_device_recv_ctx(ctx_, channel, nullptr, 0, &nbytes, &id, &route, 0), -11);
  EXPECT_EQ(nbytes, 0u);
  EXPECT_EQ(Recv(ctx_, channel, 64, 20'000).code, -11);
}

TEST_F(RuntimeCallTest, AMessageThatIsTooLargeForItsBufferStays) {
  void* channel = ctx_.Channel(2);
  ASSERT_EQ(Send(ctx_, channel, "0123456789", kPatienceUs, 1, 42), 0);
  for (size_t capacity : {0, 1, 9}) {
    const Received received = Recv(ctx_, channel, capacity);
    EXPECT_EQ(received.code, -75) << capacity;
    EXPECT_EQ(received.nbytes, 10u);
    EXPECT_EQ(received.payload, std::string(capacity, '\0')) << "nothing was written";
  }
  const Received received = Recv(ctx_, channel, 10, 0);
  EXPECT_EQ(received.code, 0);
  EXPECT_EQ(received.payload, "0123456789");
  EXPECT_EQ(received.correlation_id, 42u);
  EXPECT_EQ(received.route, 1u);
  EXPECT_EQ(Recv(ctx_, channel, 64, 0).code, -11);
  ASSERT_EQ(Send(ctx_, channel, ""), 0);
  const Received empty = Recv(ctx_, channel, 0);
  EXPECT_EQ(empty.code, 0) << "a message of no bytes fits anywhere";
  EXPECT_EQ(empty.nbytes, 0u);
}

TEST_F(RuntimeCallTest, RangesOfMemoryAreChecked) {
  void* memory = ctx_.Memory(1000);
  std::vector<char> bytes(2000, 'b');
  const struct {
    uint64_t offset;
    size_t n;
    int code;
  } rows[] = {{0, 1000, 0},
              {999, 1, 0},
              {1000, 0, 0},
              {0, 0, 0},
              {0, 1001, -22},
              {1000, 1, -22},
              {1001, 0, -22},
              {UINT64_MAX, 1, -22},
              {UINT64_MAX, 0, -22},
              {1, SIZE_MAX, -22},
              {UINT64_MAX - 4, 5, -22}};
  for (const auto& row : rows) {
    EXPECT_EQ(host_device_memory_write_ctx(ctx_, memory, row.offset, bytes.data(), row.n), row.code) << row.offset;
    EXPECT_EQ(host_device_memory_read_ctx(ctx_, memory, row.offset, bytes.data(), row.n), row.code) << row.offset;
  }
  EXPECT_EQ(host_device_memory_read_ctx(ctx_, memory, 0, nullptr, 1), -22);
  EXPECT_EQ(host_device_memory_write_ctx(ctx_, memory, 0, nullptr, 1), -22);
  EXPECT_EQ(host_device_memory_read_ctx(ctx_, memory, 1000, nullptr, 0), 0);
  EXPECT_EQ(host_device_memory_write_ctx(ctx_, memory, 1000, nullptr, 0), 0);
  EXPECT_EQ(host_device_memory_info_ctx(ctx_, memory, nullptr), -22);
}

TEST_F(RuntimeCallTest, SignalsAreCheckedAndWaitsEnd) {
  const HostDeviceMemoryConfig config = {8, 3, 0};  // one more than a vector_add of no elements minds
  void* memory = l3link_memory_open(ctx_, "plain", &config, nullptr);
  ASSERT_NE(memory, nullptr) << l3link_last_error();
  EXPECT_EQ(host_device_memory_notify_ctx(ctx_, memory, 3, 1), -22);
  EXPECT_EQ(host_device_memory_notify_ctx(ctx_, memory, UINT32_MAX, 1), -22);
  EXPECT_EQ(host_device_memory_wait_ctx(ctx_, memory, 3, 0, 0), -22);
  EXPECT_EQ(host_device_memory_wait_ctx(ctx_, memory, 2, 0, 0), 0) << "every value is at least 0";
  EXPECT_EQ(host_device_memory_wait_ctx(ctx_, memory, 2, 1, 0), -11);
  EXPECT_EQ(host_device_memory_wait_ctx(ctx_, memory, 2, 1, 20'000), -11);
  EXPECT_EQ(host_device_memory_notify_ctx(ctx_, memory, 2, UINT64_MAX), 0);
  EXPECT_EQ(host_device_memory_wait_ctx(ctx_, memory, 2, UINT64_MAX, 0), 0);
  EXPECT_EQ(host_device_memory_notify_ctx(ctx_, memory, 2, 5), 0) << "a signal may go back";
  EXPECT_EQ(host_device_memory_wait_ctx(ctx_, memory, 2, 6, 0), -11);
}

TEST(RuntimeLostArenaTest, EveryCallAnswersThatTheBackendIsBroken) {
  const std::string folder = testing::TempDir() + "/lost";
  TestContext ctx(("program=echo,state_dir=" + folder).c_str());
  void* channel = ctx.Channel();
  void* memory = ctx.Memory();
  ASSERT_EQ(truncate((folder + "/chips/0/arena").c_str(), 0), 0);
  char byte = 0;
  EXPECT_EQ(host_device_memory_write_ctx(ctx, memory, 0, &byte, 1), -5);
  EXPECT_EQ(host_device_memory_read_ctx(ctx, memory, 0, &byte, 1), -5);
  EXPECT_EQ(host_device_memory_wait_ctx(ctx, memory, 0, 1, kPatienceUs), -5);
  EXPECT_EQ(Send(ctx, channel, "x"), -5);
  EXPECT_EQ(Recv(ctx, channel).code, -5);
  const HostDeviceChannelConfig config = {1, 1, 8, 64, 0};
  errno = 0;
  EXPECT_EQ(open_host_device_channel_ctx(ctx, &config), nullptr);
  EXPECT_EQ(errno, EIO) << l3link_last_error();
  EXPECT_EQ(close_host_device_channel_ctx(ctx, channel), 0);
}

}  // namespace
}  // namespace l3link
