#include "backends/worker/platform_factory.h"

#include <gtest/gtest.h>

namespace l3link {
namespace {

TEST(PlatformFactoryTest, ReadsAList) {
  absl::StatusOr<std::vector<PlatformShare>> shares = ParsePlatformShares("a2a3sim=2,a5,a5sim=1");
  ASSERT_TRUE(shares.ok()) << shares.status();
  EXPECT_EQ(*shares, (std::vector<PlatformShare>{{"a2a3sim", 2}, {"a5", 1}, {"a5sim", 1}}));
}

TEST(PlatformFactoryTest, RefusesWhatIsNotAListAndNamesThePart) {
  for (const char* text : {"", "a2a3sim,", "a4", "a2a3sim=", "a2a3sim=0", "a2a3sim=x", "a2a3sim=65", "a5=1=2"}) {
    EXPECT_EQ(ParsePlatformShares(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(PlatformFactoryTest, MakesEveryPlatformWithItsTraits) {
  for (absl::string_view name : PlatformNames()) {
    absl::StatusOr<std::unique_ptr<Platform>> platform = MakePlatform(name, 3, 5, SimOptions());
    ASSERT_TRUE(platform.ok()) << name;
    EXPECT_EQ((*platform)->traits().platform, name);
    EXPECT_EQ((*platform)->traits().chip_index, 3u);
    EXPECT_EQ((*platform)->traits().supported, IsSimulated(name));
    EXPECT_EQ(IsSimulated(name), name == "a2a3sim" || name == "a5sim");
  }
  EXPECT_FALSE(MakePlatform("a4", 0, 0, SimOptions()).ok());
}

}  // namespace
}  // namespace l3link
