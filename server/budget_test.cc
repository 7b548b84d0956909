#include "server/budget.h"

#include "backends/host/refusal.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

TEST(BudgetTest, RefusesBeyondItsMaximumAndNamesTheLimit) {
  Budget budget("streams", 2);
  EXPECT_TRUE(budget.Take(2).ok());
  absl::Status refused = budget.Take(1);
  EXPECT_TRUE(IsRefusal(refused, Reason::kLIMIT_REACHED));
  EXPECT_EQ(refused.message(), "streams: 2 in use and 1 asked > limit 2");
  EXPECT_EQ(budget.used(), 2u);
  budget.Give(1);
  EXPECT_TRUE(budget.Take(1).ok());
}

TEST(BudgetTest, TakesWhatIsLeftDownToTheLeast) {
  Budget budget("window_budget_bytes", 100);
  EXPECT_EQ(*budget.TakeUpTo(10, 80), 80u);
  EXPECT_EQ(*budget.TakeUpTo(10, 80), 20u);
  EXPECT_TRUE(IsRefusal(budget.TakeUpTo(10, 80).status(), Reason::kLIMIT_REACHED));
  EXPECT_EQ(*budget.TakeUpTo(0, 80), 0u);
}

TEST(BudgetTest, HugeAmountsDoNotWrap) {
  Budget budget("leases", 100);
  ASSERT_TRUE(budget.Take(1).ok());
  EXPECT_FALSE(budget.Take(UINT64_MAX).ok());
  EXPECT_EQ(budget.used(), 1u);
}

}  // namespace
}  // namespace l3link
