#include "server/memory/region_convert.h"

#include <gtest/gtest.h>

#include "backends/host/refusal.h"

namespace l3link {
namespace {

TEST(RegionConvertTest, FillsInTheDefaultsOfAConfig) {
  v1::RegionConfig asked;
  asked.set_data_bytes(100);
  auto config = ConfigOf(asked, ObjectLimits());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->signal_writers, (std::vector<SignalWriter>{SignalWriter::kHost, SignalWriter::kChip}));
  asked.set_signal_count(4);
  config = ConfigOf(asked, ObjectLimits());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->signal_writers, (std::vector<SignalWriter>{SignalWriter::kHost, SignalWriter::kChip,
                                                               SignalWriter::kBoth, SignalWriter::kBoth}));
  const v1::RegionConfig back = ToProto(*config);
  EXPECT_EQ(back.signal_count(), 4u);
  EXPECT_EQ(back.signal_writers(3), v1::SIGNAL_WRITER_BOTH);
}

TEST(RegionConvertTest, RefusesConfigsThatContradictThemselves) {
  v1::RegionConfig none;
  v1::RegionConfig count;
  count.set_data_bytes(1);
  count.set_signal_count(3);
  count.add_signal_writers(v1::SIGNAL_WRITER_HOST);
  v1::RegionConfig unknown;
  unknown.set_data_bytes(1);
  unknown.add_signal_writers(static_cast<v1::SignalWriter>(9));
  v1::RegionConfig many;
  many.set_data_bytes(1);
  many.set_signal_count(65537);
  for (const v1::RegionConfig& config : {none, count, unknown, many}) {
    EXPECT_TRUE(IsRefusal(ConfigOf(config, ObjectLimits()).status(), Reason::kINVALID_ARGUMENT_FIELD))
        << config.ShortDebugString();
  }
}

TEST(RegionConvertTest, UnspecifiedIsSetGeAndAny) {
  EXPECT_EQ(NotificationOf({})->op, NotifyOp::kSet);
  EXPECT_EQ(*CombineOf(v1::COMBINE_UNSPECIFIED), Combine::kAny);
  v1::TestRequest request;
  request.add_conditions();
  EXPECT_EQ((*ConditionsOf(request.conditions(), 64))[0].comparison, Comparison::kGe);
}

TEST(RegionConvertTest, RefusesWhatItDoesNotKnow) {
  v1::Notification notification;
  notification.set_op(static_cast<v1::NotifyOp>(9));
  EXPECT_TRUE(IsRefusal(NotificationOf(notification).status(), Reason::kINVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(IsRefusal(CombineOf(static_cast<v1::Combine>(9)).status(), Reason::kINVALID_ARGUMENT_FIELD));
  v1::TestRequest request;
  EXPECT_TRUE(IsRefusal(ConditionsOf(request.conditions(), 2).status(), Reason::kINVALID_ARGUMENT_FIELD));
  for (int i = 0; i < 3; ++i) request.add_conditions();
  EXPECT_TRUE(IsRefusal(ConditionsOf(request.conditions(), 2).status(), Reason::kINVALID_ARGUMENT_FIELD));
  EXPECT_TRUE(ConditionsOf(request.conditions(), 3).ok());
  request.mutable_conditions(1)->set_comparison(static_cast<v1::Comparison>(7));
  EXPECT_TRUE(IsRefusal(ConditionsOf(request.conditions(), 3).status(), Reason::kINVALID_ARGUMENT_FIELD));
}

TEST(RegionConvertTest, TimeoutsAreNotNegative) {
  google::protobuf::Duration timeout;
  timeout.set_seconds(1);
  timeout.set_nanos(500'000'000);
  EXPECT_EQ(*TimeoutOf(timeout), absl::Milliseconds(1500));
  timeout.set_nanos(1'000'000'000);
  EXPECT_FALSE(TimeoutOf(timeout).ok());
  timeout.set_nanos(0);
  timeout.set_seconds(-1);
  EXPECT_FALSE(TimeoutOf(timeout).ok());
}

}  // namespace
}  // namespace l3link
