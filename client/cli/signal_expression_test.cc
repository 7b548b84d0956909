#include "client/cli/signal_expression.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

using client::Compare;
using client::SignalOp;

TEST(SignalExpressionTest, ReadsConditionsInBothSpellings) {
  const struct {
    const char* text;
    Compare compare;
    v1::Comparison proto;
    const char* formatted;
  } kCases[] = {
      {"1>=5", Compare::kGe, v1::COMPARISON_GE, "signal 1 >= 5"},
      {"1:5", Compare::kGe, v1::COMPARISON_GE, "signal 1 >= 5"},
      {"1:ge:5", Compare::kGe, v1::COMPARISON_GE, "signal 1 >= 5"},
      {"1>5", Compare::kGt, v1::COMPARISON_GT, "signal 1 > 5"},
      {"1:gt:5", Compare::kGt, v1::COMPARISON_GT, "signal 1 > 5"},
      {"1==5", Compare::kEq, v1::COMPARISON_EQ, "signal 1 == 5"},
      {"1!=5", Compare::kNe, v1::COMPARISON_NE, "signal 1 != 5"},
      {"1<=5", Compare::kLe, v1::COMPARISON_LE, "signal 1 <= 5"},
      {"1<5", Compare::kLt, v1::COMPARISON_LT, "signal 1 < 5"},
      {"1:lt:0x5", Compare::kLt, v1::COMPARISON_LT, "signal 1 < 5"},
  };
  for (const auto& c : kCases) {
    const auto condition = ParseCondition(c.text);
    ASSERT_TRUE(condition.ok()) << condition.status();
    EXPECT_EQ(condition->signal, 1u) << c.text;
    EXPECT_EQ(condition->compare, c.compare) << c.text;
    EXPECT_EQ(condition->target, 5u) << c.text;
    EXPECT_EQ(ToProto(*condition).comparison(), c.proto) << c.text;
    EXPECT_EQ(FormatCondition(*condition), c.formatted) << c.text;
  }
}

TEST(SignalExpressionTest, RefusesWhatIsNoCondition) {
  for (const char* text : {"", "1", ">=5", "1>=", "1=>5", "x>=5", "1>=-5", "1>= 5", "1:xx:5", "4294967296>=1",
                           "1>=18446744073709551616"}) {
    EXPECT_FALSE(ParseCondition(text).ok()) << text;
  }
}

TEST(SignalExpressionTest, ReadsChanges) {
  EXPECT_EQ(ParseSignalChange("0=7")->op, SignalOp::kSet);
  EXPECT_EQ(ParseSignalChange("2+=7")->op, SignalOp::kAdd);
  EXPECT_EQ(ParseSignalChange("2:max=7")->op, SignalOp::kMax);
  EXPECT_EQ(ParseSignalChange("2:max=0x10")->value, 16u);
  EXPECT_EQ(ToProto(*ParseSignalChange("3=18446744073709551615")).value(), 18446744073709551615u);
  EXPECT_EQ(ToProto(*ParseSignalChange("3+=1")).op(), v1::NOTIFY_OP_ADD);
}

TEST(SignalExpressionTest, RefusesWhatIsNoChange) {
  for (const char* text : {"", "0", "0=", "=1", "0=-1", "0-=1", "0:min=1", "0=x"}) {
    EXPECT_FALSE(ParseSignalChange(text).ok()) << text;
  }
}

}  // namespace
}  // namespace l3link::cli
