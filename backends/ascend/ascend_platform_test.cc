#include "backends/ascend/ascend_platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "backends/abi/base.h"
#include "backends/ascend/testing/stand_ins.h"
#include "backends/host/refusal.h"
#include "tests/support/temp_dir.h"

namespace l3link {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class AscendPlatformTest : public testing::Test {
 protected:
  std::unique_ptr<Platform> Make(uint32_t chip_index) {
    return MakeAscendPlatform(chip_index, StandInOptions(), loader_);
  }

  TempDir dir_;
  StandIns stand_ins_{dir_.path()};
  AscendLoader loader_;
};

TEST_F(AscendPlatformTest, ReportsWhatItIs) {
  std::unique_ptr<Platform> platform = Make(1);
  EXPECT_EQ(platform->traits().platform, "a2a3");
  EXPECT_EQ(platform->traits().chip_index, 1u);
  EXPECT_TRUE(platform->traits().supported);
  EXPECT_FALSE(platform->traits().shared_rmw);
  EXPECT_THAT(platform->traits().detail, HasSubstr(StandInPath("libascend_hal.so")));
  EXPECT_EQ(platform->AdoptArena().status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(platform->Presence().life, ChipPresence::Life::kUnknown);
}

TEST_F(AscendPlatformTest, TheArenaIsZeroWhereItIsCommitted) {
  std::unique_ptr<Platform> platform = Make(0);
  const absl::Span<std::byte> arena = platform->MapArena(16384).value();
  EXPECT_NE(platform->traits().device_base, 0u);
  ASSERT_TRUE(platform->Commit(4096, 8192).ok());
  EXPECT_TRUE(
      std::all_of(arena.begin() + 4096, arena.begin() + 12288, [](std::byte byte) { return byte == std::byte{0}; }));
  arena[4096] = std::byte{1};
  platform->Decommit(4096, 4096);
  ASSERT_TRUE(platform->Commit(4096, 4096).ok());
  EXPECT_EQ(arena[4096], std::byte{0});
}

TEST_F(AscendPlatformTest, WithoutALibraryOpensAreRefusedWithTheReason) {
  AscendOptions options = StandInOptions();
  options.hal_library = "/nowhere/libascend_hal.so";
  std::unique_ptr<Platform> platform = MakeAscendPlatform(3, options, loader_);
  EXPECT_FALSE(platform->traits().supported);
  EXPECT_EQ(platform->traits().chip_index, 3u);
  const absl::Status refused = platform->MapArena(4096).status();
  EXPECT_TRUE(IsRefusal(refused, Reason::kPLATFORM_UNSUPPORTED)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(StartsWith("not supported on a2a3"), HasSubstr("/nowhere/libascend_hal.so")));
}

TEST_F(AscendPlatformTest, ADeviceThatIsNotThereIsRefusedWithTheReason) {
  std::unique_ptr<Platform> platform = Make(2);
  EXPECT_FALSE(platform->traits().supported);
  EXPECT_THAT(platform->traits().detail, HasSubstr("device 2: aclrtSetDevice failed with 107001"));
  EXPECT_TRUE(Make(1)->traits().supported) << "the others serve";
}

TEST_F(AscendPlatformTest, SeesAChangedBellThatNobodyWakes) {
  std::unique_ptr<Platform> platform = Make(0);
  uint32_t word = 1;
  platform->AwaitBell(&word, 0, absl::InfiniteDuration());  // has changed already
  platform->AwaitBell(&word, 1, absl::Milliseconds(1));     // has not: time runs out
  std::thread ringer([&word] { l3_store_release_u32(&word, 2); });
  platform->AwaitBell(&word, 1, absl::InfiniteDuration());
  ringer.join();
}

}  // namespace
}  // namespace l3link
