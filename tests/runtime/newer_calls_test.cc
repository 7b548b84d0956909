// The calls with an l3link_ prefix: names, attach, batches, waits without end, every comparison, add and max.
#include <thread>
#include <vector>

#include "tests/runtime/runtime_fixture.h"

namespace l3link {
namespace {

constexpr HostDeviceChannelConfig kChannel = {1, 1, 8, 64, 0};
constexpr HostDeviceMemoryConfig kMemory = {64, 3, 0};

TEST(RuntimeNamesTest, AttachFindsWhatIsOpenByItsName) {
  TestContext ctx;
  EXPECT_EQ(l3link_channel_attach(ctx, "mail"), nullptr);
  EXPECT_EQ(errno, ENOENT);
  void* opened = l3link_channel_open(ctx, "mail", &kChannel);
  ASSERT_NE(opened, nullptr) << l3link_last_error();
  void* attached = l3link_channel_attach(ctx, "mail");
  ASSERT_NE(attached, nullptr) << l3link_last_error();
  EXPECT_NE(attached, opened);
  EXPECT_EQ(Send(ctx, opened, "hello"), 0);
  EXPECT_EQ(Recv(ctx, attached).payload, "hello");
  EXPECT_EQ(close_host_device_channel_ctx(ctx, attached), 0);
  EXPECT_EQ(Send(ctx, attached, "x"), -22);
  EXPECT_EQ(Send(ctx, opened, "still open"), 0);
  EXPECT_EQ(Recv(ctx, opened).payload, "still open");
}

TEST(RuntimeNamesTest, ClosingWhatWasOpenedClosesItForEveryHandle) {
  TestContext ctx;
  void* opened = l3link_memory_open(ctx, "notes", &kMemory, nullptr);
  void* attached = l3link_memory_attach(ctx, "notes");
  ASSERT_NE(attached, nullptr) << l3link_last_error();
  EXPECT_EQ(close_host_device_memory_ctx(ctx, opened), 0);
  HostDeviceMemoryInfo info;
  EXPECT_EQ(host_device_memory_info_ctx(ctx, attached, &info), -22);
  EXPECT_EQ(host_device_memory_notify_ctx(ctx, attached, 0, 1), -22);
  EXPECT_EQ(close_host_device_memory_ctx(ctx, attached), 0);
  EXPECT_EQ(close_host_device_memory_ctx(ctx, attached), -22);
}

TEST(RuntimeNamesTest, ANameIsOpenOnceWithOneConfig) {
  TestContext ctx;
  void* first = l3link_channel_open(ctx, "c", &kChannel);
  void* second = l3link_channel_open(ctx, "c", &kChannel);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  const HostDeviceChannelConfig other = {2, 1, 8, 64, L3LINK_CHANNEL_CHECKSUM};
  EXPECT_EQ(l3link_channel_open(ctx, "c", &other), nullptr);
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(close_host_device_channel_ctx(ctx, first), 0);
  EXPECT_EQ(Send(ctx, second, "x"), -22);
  EXPECT_EQ(close_host_device_channel_ctx(ctx, second), 0);
  void* checked = l3link_channel_open(ctx, "c", &other);
  ASSERT_NE(checked, nullptr) << l3link_last_error();
  EXPECT_EQ(Send(ctx, checked, "with a checksum"), 0);
  EXPECT_EQ(Recv(ctx, checked).payload, "with a checksum");
}

TEST(RuntimeNamesTest, NamesFlagsAndWritersAreChecked) {
  TestContext ctx;
  const std::string too_long(48, 'x');
  for (const char* name : {static_cast<const char*>(nullptr), "", "a b", "a/b", too_long.c_str()}) {
    EXPECT_EQ(l3link_channel_open(ctx, name, &kChannel), nullptr);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(l3link_memory_open(ctx, name, &kMemory, nullptr), nullptr);
    EXPECT_EQ(errno, EINVAL);
  }
  const HostDeviceChannelConfig flags = {1, 1, 8, 64, 2};
  EXPECT_EQ(l3link_channel_open(ctx, "c", &flags), nullptr);
  for (uint8_t wrong : {0, 4, 255}) {
    const uint8_t writers[3] = {L3LINK_WRITER_HOST, wrong, L3LINK_WRITER_BOTH};
    EXPECT_EQ(l3link_memory_open(ctx, "m", &kMemory, writers), nullptr);
    EXPECT_EQ(errno, EINVAL);
  }
}

TEST(RuntimeBatchTest, GoesAndComesInOrder) {
  TestContext ctx;
  void* channel = ctx.Channel(1, 64);
  std::vector<std::string> payloads;
  for (int i = 0; i < 20; ++i) payloads.push_back(std::string(i, static_cast<char>('a' + i)));
  std::vector<L3LinkOutgoing> out;
  for (uint64_t i = 0; i < 20; ++i) out.push_back({payloads[i].data(), payloads[i].size(), i, 3});
  size_t sent = 0;
  ASSERT_EQ(l3link_channel_send(ctx, channel, out.data(), out.size(), &sent, 0), 0);
  EXPECT_EQ(sent, 20u) << "there is room for all";
  std::vector<std::string> rooms(20, std::string(64, '\0'));
  std::vector<L3LinkIncoming> in;
  for (std::string& room : rooms) in.push_back({room.data(), room.size(), 0, 0, 0});
  for (size_t all = 0; all < 20;) {
    size_t received = 0;
    ASSERT_EQ(l3link_channel_recv(ctx, channel, &in[all], 20 - all, &received, L3LINK_FOREVER), 0);
    all += received;
  }
  for (uint64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(rooms[i].substr(0, in[i].nbytes), payloads[i]);
    EXPECT_EQ(in[i].correlation_id, i);
    EXPECT_EQ(in[i].route, 3u);
  }
}

TEST(RuntimeBatchTest, IsCutWhereTheRoomEnds) {
  TestContext ctx("program=vector_add");  // nobody takes messages
  void* channel = ctx.Channel(1, 4);
  const L3LinkOutgoing one = {"x", 1, 0, 0};
  std::vector<L3LinkOutgoing> out(6, one);
  size_t sent = 9;
  EXPECT_EQ(l3link_channel_send(ctx, channel, out.data(), 6, &sent, L3LINK_FOREVER), 0);
  EXPECT_EQ(sent, 4u);
  EXPECT_EQ(l3link_channel_send(ctx, channel, out.data(), 2, &sent, 1000), -11);
  EXPECT_EQ(sent, 0u);
  out[5].nbytes = 65;
  EXPECT_EQ(l3link_channel_send(ctx, channel, out.data(), 6, &sent, 0), -75);
  out[5] = {nullptr, 1, 0, 0};
  EXPECT_EQ(l3link_channel_send(ctx, channel, out.data(), 6, &sent, 0), -22);
  EXPECT_EQ(l3link_channel_send(ctx, channel, nullptr, 1, &sent, 0), -22);
  EXPECT_EQ(l3link_channel_send(ctx, channel, out.data(), 1, nullptr, 0), -22);
  EXPECT_EQ(l3link_channel_send(ctx, channel, nullptr, 0, &sent, 0), 0);
}

TEST(RuntimeBatchTest, EndsBeforeTheFirstThatDoesNotFit) {
  TestContext ctx;
  void* channel = ctx.Channel();
  ASSERT_EQ(Send(ctx, channel, "ab"), 0);
  ASSERT_EQ(Send(ctx, channel, "abcdef"), 0);
  ASSERT_EQ(Send(ctx, channel, "cd"), 0);
  char rooms[3][4];
  L3LinkIncoming in[3] = {{rooms[0], 4, 0, 0, 0}, {rooms[1], 4, 0, 0, 0}, {rooms[2], 4, 0, 0, 0}};
  size_t received = 0;
  ASSERT_EQ(l3link_channel_recv(ctx, channel, in, 3, &received, L3LINK_FOREVER), 0);
  EXPECT_EQ(received, 1u);
  EXPECT_EQ(l3link_channel_recv(ctx, channel, in, 3, &received, L3LINK_FOREVER), -75);
  EXPECT_EQ(received, 0u);
  EXPECT_EQ(in[0].nbytes, 6u);
  EXPECT_EQ(Recv(ctx, channel).payload, "abcdef");
  EXPECT_EQ(Recv(ctx, channel).payload, "cd");
  in[2] = {nullptr, 4, 0, 0, 0};
  EXPECT_EQ(l3link_channel_recv(ctx, channel, in, 3, &received, 0), -22);
  EXPECT_EQ(l3link_channel_recv(ctx, channel, nullptr, 1, &received, 0), -22);
  EXPECT_EQ(l3link_channel_recv(ctx, channel, in, 1, nullptr, 0), -22);
  EXPECT_EQ(l3link_channel_recv(ctx, channel, nullptr, 0, &received, L3LINK_FOREVER), 0);
}

TEST(RuntimeSignalsTest, AreChangedInEveryWayByWhomTheyBelongTo) {
  for (const char* platform : {"a2a3sim", "a5sim"}) {
    TestContext ctx("program=echo", platform);
    const uint8_t writers[3] = {L3LINK_WRITER_HOST, L3LINK_WRITER_CHIP, L3LINK_WRITER_BOTH};
    void* memory = l3link_memory_open(ctx, "m", &kMemory, writers);
    ASSERT_NE(memory, nullptr) << l3link_last_error();
    uint64_t value = 0;
    EXPECT_EQ(l3link_memory_notify(ctx, memory, 0, L3LINK_SET, 5, &value), 0);
    EXPECT_EQ(l3link_memory_notify(ctx, memory, 0, L3LINK_ADD, 2, &value), 0);
    EXPECT_EQ(value, 7u);
    EXPECT_EQ(l3link_memory_notify(ctx, memory, 0, L3LINK_MAX, 6, nullptr), 0);
    EXPECT_EQ(l3link_memory_notify(ctx, memory, 0, L3LINK_MAX, 9, &value), 0);
    EXPECT_EQ(value, 9u);
    EXPECT_EQ(l3link_memory_notify(ctx, memory, 1, L3LINK_SET, 1, nullptr), -22) << "the chip's alone";
    EXPECT_EQ(l3link_memory_notify(ctx, memory, 0, 0, 1, nullptr), -22);
    EXPECT_EQ(l3link_memory_notify(ctx, memory, 0, 4, 1, nullptr), -22);
    const bool shared_rmw = std::string(platform) == "a2a3sim";
    EXPECT_EQ(l3link_memory_notify(ctx, memory, 2, L3LINK_ADD, 1, nullptr), shared_rmw ? 0 : -95) << platform;
  }
}

TEST(RuntimeSignalsTest, WaitsCompareInEveryWay) {
  TestContext ctx;
  void* memory = ctx.Memory();
  ASSERT_EQ(host_device_memory_notify_ctx(ctx, memory, 0, 5), 0);
  const struct {
    int comparison;
    uint64_t holds, fails;
  } rows[] = {{L3LINK_GE, 5, 6}, {L3LINK_GT, 4, 5}, {L3LINK_EQ, 5, 4},
              {L3LINK_NE, 4, 5}, {L3LINK_LE, 5, 4}, {L3LINK_LT, 6, 5}};
  for (const auto& row : rows) {
    uint64_t value = 0;
    EXPECT_EQ(l3link_memory_wait(ctx, memory, 0, row.comparison, row.holds, 0, &value), 0) << row.comparison;
    EXPECT_EQ(value, 5u);
    EXPECT_EQ(l3link_memory_wait(ctx, memory, 0, row.comparison, row.fails, 0, nullptr), -11) << row.comparison;
  }
  EXPECT_EQ(l3link_memory_wait(ctx, memory, 0, 0, 5, 0, nullptr), -22);
  EXPECT_EQ(l3link_memory_wait(ctx, memory, 0, 7, 5, 0, nullptr), -22);
}

TEST(RuntimeSignalsTest, AWaitWithoutEndSeesTheNotifyOfAnotherThread) {
  TestContext ctx;
  void* memory = ctx.Memory();
  std::thread waiter([&] {
    uint64_t value = 0;
    EXPECT_EQ(l3link_memory_wait(ctx, memory, 0, L3LINK_GE, 3, L3LINK_FOREVER, &value), 0);
    EXPECT_GE(value, 3u);
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(l3link_memory_notify(ctx, memory, 0, L3LINK_ADD, 1, nullptr), 0);
  waiter.join();
}

}  // namespace
}  // namespace l3link
