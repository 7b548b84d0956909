#include "backends/host/quarantine.h"

#include <gtest/gtest.h>

namespace l3link {
namespace {

std::vector<Extent> Released(Quarantine& quarantine, const ChipProgress& chip) {
  std::vector<Extent> extents;
  for (const RetiredExtents& retired : quarantine.Release(chip))
    extents.insert(extents.end(), retired.extents.begin(), retired.extents.end());
  return extents;
}

TEST(QuarantineTest, ReleasesWhatTheChipAcknowledged) {
  Quarantine quarantine;
  quarantine.Add({{{0, 4096}}, 5, 1, nullptr});
  quarantine.Add({{{4096, 4096}}, 6, 1, nullptr});
  EXPECT_EQ(quarantine.bytes(), 8192u);
  EXPECT_TRUE(quarantine.Release({4, 1, false}).empty());
  EXPECT_EQ(Released(quarantine, {5, 1, false}), (std::vector<Extent>{{0, 4096}}));
  EXPECT_EQ(quarantine.bytes(), 4096u);
}

TEST(QuarantineTest, ReleasesEverythingOlderThanANewAttachOrWhenTheChipIsGone) {
  Quarantine quarantine;
  quarantine.Add({{{0, 4096}}, 5, 1, nullptr});
  quarantine.Add({{{4096, 4096}}, 6, 2, nullptr});
  EXPECT_EQ(Released(quarantine, {0, 2, false}), (std::vector<Extent>{{0, 4096}}));
  EXPECT_EQ(Released(quarantine, {0, 2, true}), (std::vector<Extent>{{4096, 4096}}));
  EXPECT_TRUE(quarantine.empty());
}

TEST(QuarantineTest, KeepsWhatThisProcessStillUses) {
  Quarantine quarantine;
  auto user = std::make_shared<int>(1);
  quarantine.Add({{{0, 4096}}, 5, 1, user});
  EXPECT_TRUE(quarantine.Release({9, 1, true}).empty());
  user.reset();
  EXPECT_EQ(quarantine.Release({9, 1, true}).size(), 1u);
}

}  // namespace
}  // namespace l3link
