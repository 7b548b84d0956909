// What contexts and opens refuse, and with which errno.
#include <climits>

#include "tests/runtime/runtime_fixture.h"

namespace l3link {
namespace {

// The errno of an open that must fail, 0 for one that did not.
template <typename Open>
int ErrnoOfFailing(Open open) {
  errno = 0;
  return open() == nullptr ? errno : 0;
}

TEST(RuntimeContextTest, RefusesWhatItCannotMake) {
  const struct {
    const char* platform;
    int device_id;
    const char* options;
    int error;
    const char* word;  // of the last error
  } rows[] = {{nullptr, 0, nullptr, EINVAL, "platform"},
              {"", 0, nullptr, EINVAL, "platform"},
              {"a4sim", 0, nullptr, EINVAL, "a4sim"},
              {"a2a3sim", -1, nullptr, EINVAL, "device_id"},
              {"a2a3sim", INT_MIN, nullptr, EINVAL, "device_id"},
              {"a2a3sim", 0, "program", EINVAL, "program"},
              {"a2a3sim", 0, "colour=red", EINVAL, "colour"},
              {"a2a3sim", 0, "arena_bytes=1", EINVAL, "arena_bytes"},
              {"a2a3sim", 0, "arena_bytes=4095999", EINVAL, "arena_bytes"},
              {"a2a3sim", 0, "sim_chip=/dev/null", ENOENT, "/dev/null"},
              {"a2a3sim", 0, "state_dir=/proc/nothing", 0, "/proc"}};  // 0: any
  for (const auto& row : rows) {
    const int error =
        ErrnoOfFailing([&] { return l3link_create_device_context(row.platform, row.device_id, row.options); });
    EXPECT_TRUE(row.error == 0 ? error > 0 : error == row.error) << row.word << ": " << error;
    EXPECT_NE(std::string(l3link_last_error()).find(row.word), std::string::npos) << l3link_last_error();
  }
}

TEST(RuntimeContextTest, DestroyingNothingOrAStaleHandleIsHarmless) {
  l3link_destroy_device_context(nullptr);
  int mine = 0;
  l3link_destroy_device_context(&mine);
  TestContext ctx;
  ctx.Destroy();
  ctx.Destroy();
}

TEST(RuntimeContextTest, AStateFolderIsOfOneContextAtATime) {
  const std::string folder = testing::TempDir() + "/state";
  const std::string options = "program=echo,state_dir=" + folder;
  {
    TestContext ctx(options.c_str());
    EXPECT_EQ(ErrnoOfFailing([&] { return l3link_create_device_context("a2a3sim", 1, options.c_str()); }), EBUSY);
  }
  TestContext again(options.c_str());
}

TEST(RuntimeOpenTest, ChannelConfigsAreChecked) {
  TestContext ctx("program=echo,arena_bytes=67108864");
  const struct {
    HostDeviceChannelConfig config;
    int error;
  } rows[] = {{{1, 1, 8, 64, 0}, 0},
              {{1, 1, 1, 1, 0}, 0},
              {{0, 1, 8, 64, 0}, EINVAL},
              {{1, 0, 8, 64, 0}, EINVAL},
              {{1, 1, 0, 64, 0}, EINVAL},
              {{1, 1, 3, 64, 0}, EINVAL},
              {{1, 1, 8, 0, 0}, EINVAL},
              {{1, 1, 8, 64, 1}, EINVAL},
              {{1, 1, 8, 64, 0x80000000u}, EINVAL},
              {{1, 1, 8, 64, UINT32_MAX}, EINVAL},
              {{UINT32_MAX, 1, 8, 64, 0}, EINVAL},
              {{1, UINT32_MAX, 8, 64, 0}, EINVAL},
              {{1, 1, 1u << 31, 64, 0}, EINVAL},
              {{1, 1, 8, UINT32_MAX, 0}, EINVAL},
              {{1, 1, 8, 64u << 20, 0}, ENOMEM},
              {{4096, 4096, 64, 4096, 0}, ENOMEM}};
  for (const auto& row : rows) {
    const HostDeviceChannelConfig& c = row.config;
    EXPECT_EQ(ErrnoOfFailing([&] { return open_host_device_channel_ctx(ctx, &c); }), row.error)
        << c.lane_count_cpu_to_l2 << " " << c.lane_count_l2_to_cpu << " " << c.lane_depth << " " << c.max_message_bytes
        << " " << c.flags;
  }
  EXPECT_EQ(ErrnoOfFailing([&] { return open_host_device_channel_ctx(ctx, nullptr); }), EINVAL);
}

TEST(RuntimeOpenTest, MemoryConfigsAreChecked) {
  TestContext ctx("program=echo,arena_bytes=67108864");
  const struct {
    HostDeviceMemoryConfig config;
    int error;
  } rows[] = {{{1, 1, 0}, 0},
              {{0, 1, 0}, EINVAL},
              {{64, 0, 0}, EINVAL},
              {{64, 1, 1}, EINVAL},
              {{64, 1, UINT32_MAX}, EINVAL},
              {{64, UINT32_MAX, 0}, EINVAL},
              {{1 << 27, 1, 0}, ENOMEM},
              {{uint64_t{1} << 50, 1, 0}, ENOMEM},
              {{UINT64_MAX, 1, 0}, ENOMEM}};
  for (const auto& row : rows) {
    const HostDeviceMemoryConfig& c = row.config;
    EXPECT_EQ(ErrnoOfFailing([&] { return open_host_device_memory_ctx(ctx, &c); }), row.error)
        << c.data_bytes << " " << c.signal_count << " " << c.flags;
  }
  EXPECT_EQ(ErrnoOfFailing([&] { return open_host_device_memory_ctx(ctx, nullptr); }), EINVAL);
}

TEST(RuntimeOpenTest, OpensNeedAContext) {
  const HostDeviceChannelConfig channel = {1, 1, 8, 64, 0};
  const HostDeviceMemoryConfig memory = {64, 2, 0};
  TestContext gone;
  void* of_the_living = nullptr;
  TestContext living;
  of_the_living = living.Channel();
  gone.Destroy();
  int mine = 0;
  for (void* ctx : {static_cast<void*>(nullptr), static_cast<void*>(gone), static_cast<void*>(&mine), of_the_living}) {
    EXPECT_EQ(ErrnoOfFailing([&] { return open_host_device_channel_ctx(ctx, &channel); }), EINVAL);
    EXPECT_EQ(ErrnoOfFailing([&] { return open_host_device_memory_ctx(ctx, &memory); }), EINVAL);
    EXPECT_EQ(ErrnoOfFailing([&] { return l3link_channel_open(ctx, "a", &channel); }), EINVAL);
    EXPECT_EQ(ErrnoOfFailing([&] { return l3link_memory_attach(ctx, "a"); }), EINVAL);
  }
}

TEST(RuntimeOpenTest, OnboardPlatformsThatAreNotThereRefuseEveryOpen) {
  const HostDeviceChannelConfig channel = {1, 1, 8, 64, 0};
  const HostDeviceMemoryConfig memory = {64, 2, 0};
  TestContext ctx(nullptr, "a5", 3);
  EXPECT_EQ(ErrnoOfFailing([&] { return open_host_device_channel_ctx(ctx, &channel); }), ENOTSUP);
  EXPECT_NE(std::string(l3link_last_error()).find("not supported on a5"), std::string::npos) << l3link_last_error();
  EXPECT_EQ(ErrnoOfFailing([&] { return open_host_device_memory_ctx(ctx, &memory); }), ENOTSUP);
  EXPECT_EQ(ErrnoOfFailing([&] { return l3link_channel_open(ctx, "a", &channel); }), ENOTSUP);
  EXPECT_EQ(ErrnoOfFailing([&] { return l3link_memory_open(ctx, "a", &memory, nullptr); }), ENOTSUP);
  EXPECT_NE(std::string(l3link_last_error()).find("not supported on a5"), std::string::npos) << l3link_last_error();
}

TEST(RuntimeOpenTest, ClosedMemoryIsUsedAgain) {
  TestContext ctx("program=echo,arena_bytes=67108864");
  for (int i = 0; i < 20; ++i) {
    void* memory = ctx.Memory(uint64_t{40} << 20);
    ASSERT_NE(memory, nullptr) << i;
    ASSERT_EQ(close_host_device_memory_ctx(ctx, memory), 0);
    void* channel = ctx.Channel();  // the chip program looks at the directory when it answers, or did before
    ASSERT_EQ(Send(ctx, channel, "x"), 0);
    ASSERT_EQ(Recv(ctx, channel).code, 0);
    ASSERT_EQ(close_host_device_channel_ctx(ctx, channel), 0);
  }
}

}  // namespace
}  // namespace l3link
