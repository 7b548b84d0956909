#include "client/main_job/report.h"

#include <gtest/gtest.h>

namespace l3link::main_job {
namespace {

Report Good() {
  Report report;
  report.nodes = 1;
  report.lanes = 4;
  report.messages_wanted = report.replies.verified = 1000;
  report.round_trips_wanted = report.round_trips.verified = 10;
  report.elements_wanted = report.vectors.elements = 64;
  report.payload_bytes = 50000;
  report.stream_seconds = 0.5;
  report.round_trip_p50_us = 81.4;
  report.round_trip_p99_us = 190.6;
  report.vectors.bytes = 3000000000;
  report.vectors.transfer_seconds = 2;
  return report;
}

TEST(ReportTest, TextHasAWordAndItsFigureALine) {
  EXPECT_EQ(ReportText(Good()),
            "messages 1000\nbytes 50000\nlost 0\nduplicated 0\nreordered 0\nwrong 0\n"
            "msg/s 2000 (4 lanes, 1 nodes)\nround-trip-us p50 81 p99 191 (10 trips)\n"
            "region-GB/s 1.50 (64 elements verified)\nverified yes\n");
}

TEST(ReportTest, IsVerifiedOnlyWhenAllThatWasWantedIsRight) {
  EXPECT_TRUE(Good().verified());
  EXPECT_FALSE(Report().verified());
  const std::vector<void (*)(Report&)> kFaults = {
      [](Report& r) { r.replies.verified = 999; }, [](Report& r) { r.replies.lost = 1; },
      [](Report& r) { r.replies.duplicated = 1; }, [](Report& r) { r.replies.reordered = 1; },
      [](Report& r) { r.replies.wrong = 1; },      [](Report& r) { r.round_trips.verified = 9; },
      [](Report& r) { r.round_trips.lost = 1; },   [](Report& r) { r.vectors.wrong = 1; },
      [](Report& r) { r.vectors.elements = 63; },  [](Report& r) { r.interrupted = true; },
  };
  for (size_t i = 0; i < kFaults.size(); ++i) {
    Report report = Good();
    kFaults[i](report);
    EXPECT_FALSE(report.verified()) << "fault " << i;
    EXPECT_NE(ReportText(report).find("verified NO"), std::string::npos);
    EXPECT_EQ(ReportJson(report)["verified"], false);
  }
}

TEST(ReportTest, CountsLossesOfBothPhasesInOneLine) {
  Report report = Good();
  report.replies.lost = 2;
  report.round_trips.lost = 1;
  report.replies.first_fault = "message 4 has no reply";
  EXPECT_NE(ReportText(report).find("\nlost 3\n"), std::string::npos);
  EXPECT_NE(ReportText(report).find("first-fault message 4 has no reply\n"), std::string::npos);
  EXPECT_EQ(ReportJson(report)["lost"], 3);
}

}  // namespace
}  // namespace l3link::main_job
