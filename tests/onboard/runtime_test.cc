// The C calls on an a2a3 by stand-ins for the vendor's libraries; and what they say where it cannot be driven.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "backends/ascend/testing/stand_ins.h"
#include "tests/onboard/chip_thread.h"
#include "tests/runtime/runtime_fixture.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class OnboardRuntimeTest : public testing::Test {
 protected:
  std::string Options(const std::string& more = "") const {
    const AscendOptions ascend = StandInOptions();
    return "arena_bytes=16777216,ascend_hal=" + ascend.hal_library + ",ascend_acl=" + ascend.acl_library + more;
  }

  TempDir dir_;
  StandIns stand_ins_{dir_.path()};
};

TEST_F(OnboardRuntimeTest, TheCallerLaunchesTheProgramAndTalksToIt) {
  TestContext ctx(Options().c_str(), "a2a3", 1);
  L3LinkArenaInfo arena = {};
  ASSERT_EQ(l3link_arena_info(ctx, &arena), 0) << l3link_last_error();
  EXPECT_EQ(arena.arena_bytes, 16777216u);
  {
    ChipThread program(arena.device_ptr, arena.arena_bytes);
    void* channel = ctx.Channel();
    for (int i = 0; i < 100; ++i) {
      const std::string text = "message " + std::to_string(i);
      ASSERT_EQ(Send(ctx, channel, text), 0) << l3link_last_error();
      ASSERT_EQ(Recv(ctx, channel).payload, text);
    }
    void* memory = ctx.Memory();
    HostDeviceMemoryInfo info = {};
    ASSERT_EQ(host_device_memory_info_ctx(ctx, memory, &info), 0);
    const uint64_t word = 21;
    ASSERT_EQ(host_device_memory_write_ctx(ctx, memory, 0, &word, sizeof(word)), 0);
    ASSERT_EQ(host_device_memory_notify_ctx(ctx, memory, 0, 1), 0);
    ASSERT_EQ(host_device_memory_wait_ctx(ctx, memory, 1, 1, kPatienceUs), 0) << l3link_last_error();
    EXPECT_EQ(*reinterpret_cast<const uint64_t*>(info.host_ptr), 42u);
    EXPECT_EQ(*reinterpret_cast<const uint64_t*>(info.device_ptr), 42u);
    EXPECT_EQ(l3link_memory_notify(ctx, memory, 0, L3LINK_ADD, 1, nullptr), -95) << "no atomics over the bus";
  }
  stand_ins_.Calls();
  ctx.Destroy();
  EXPECT_THAT(stand_ins_.Calls(), testing::Contains("halHostUnregister 16777216 on 1"));
}

TEST_F(OnboardRuntimeTest, OpensAreRefusedWhereTheDeviceIsNot) {
  TestContext ctx(Options().c_str(), "a2a3", 7);
  const HostDeviceChannelConfig channel = {1, 1, 8, 64, 0};
  const HostDeviceMemoryConfig memory = {64, 2, 0};
  errno = 0;
  EXPECT_EQ(open_host_device_channel_ctx(ctx, &channel), nullptr);
  EXPECT_EQ(errno, ENOTSUP);
  EXPECT_THAT(l3link_last_error(), AllOf(HasSubstr("not supported on a2a3"), HasSubstr("device 7")));
  errno = 0;
  EXPECT_EQ(open_host_device_memory_ctx(ctx, &memory), nullptr);
  EXPECT_EQ(errno, ENOTSUP);
  L3LinkArenaInfo arena = {};
  EXPECT_EQ(l3link_arena_info(ctx, &arena), -95);
}

TEST_F(OnboardRuntimeTest, AContextThatCannotBeMadeSaysWhichCallFailed) {
  const struct {
    const char* fail;
    int error;
    const char* words;
  } rows[] = {{"aclrtMalloc=207001", ENOMEM, "aclrtMalloc"},
              {"aclrtMalloc=507899", EIO, "507899"},
              {"halHostRegister=8", EIO, "halHostRegister"}};
  for (const auto& row : rows) {
    stand_ins_.Fail(row.fail);
    errno = 0;
    EXPECT_EQ(l3link_create_device_context("a2a3", 0, Options().c_str()), nullptr) << row.fail;
    EXPECT_EQ(errno, row.error) << row.fail;
    EXPECT_THAT(l3link_last_error(), HasSubstr(row.words));
  }
  stand_ins_.Fail("");
  TestContext ctx(Options().c_str(), "a2a3", 0);
}

TEST_F(OnboardRuntimeTest, TheArenaOfASimulatedChipIsToldToo) {
  TestContext ctx("arena_bytes=16777216,program=echo");
  L3LinkArenaInfo arena = {};
  EXPECT_EQ(l3link_arena_info(ctx, &arena), 0);
  EXPECT_EQ(arena.arena_bytes, 16777216u);
  EXPECT_EQ(l3link_arena_info(ctx, nullptr), -22);
  EXPECT_EQ(l3link_arena_info(nullptr, &arena), -22);
}

TEST_F(OnboardRuntimeTest, AnA5RefusesWhileTheOthersServe) {
  TestContext a5(nullptr, "a5"), a2a3(Options().c_str(), "a2a3"), simulated;
  const HostDeviceChannelConfig config = {1, 1, 8, 64, 0};
  errno = 0;
  EXPECT_EQ(open_host_device_channel_ctx(a5, &config), nullptr);
  EXPECT_EQ(errno, ENOTSUP);
  EXPECT_STREQ(l3link_last_error(), "not supported on a5");
  L3LinkArenaInfo arena = {};
  EXPECT_EQ(l3link_arena_info(a5, &arena), -95);
  EXPECT_NE(a2a3.Channel(), nullptr);
  EXPECT_NE(simulated.Channel(), nullptr);
}

}  // namespace
}  // namespace l3link
