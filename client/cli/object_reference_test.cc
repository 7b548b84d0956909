#include "client/cli/object_reference.h"

#include <gtest/gtest.h>

namespace l3link::cli {
namespace {

TEST(ObjectReferenceTest, TakesNameAloneAsWorkerZeroAndAnyGeneration) {
  const auto reference = ParseObjectReference("jobs");
  ASSERT_TRUE(reference.ok()) << reference.status();
  EXPECT_EQ(reference->worker_id, 0u);
  EXPECT_EQ(reference->name, "jobs");
  EXPECT_EQ(reference->generation, 0u);
}

TEST(ObjectReferenceTest, TakesWorkerAndGeneration) {
  const auto reference = ParseObjectReference("12/a.b_c-9@18446744073709551615");
  ASSERT_TRUE(reference.ok()) << reference.status();
  EXPECT_EQ(reference->worker_id, 12u);
  EXPECT_EQ(reference->name, "a.b_c-9");
  EXPECT_EQ(reference->generation, 18446744073709551615u);
}

TEST(ObjectReferenceTest, RefusesWhatIsNotAReferenceAndSaysWhichPart) {
  const struct {
    std::string text;
    const char* part;
  } kCases[] = {
      {"", "NAME is empty"},
      {"0/", "NAME is empty"},
      {"/jobs", "WORKER ''"},
      {"-1/jobs", "WORKER"},
      {"+1/jobs", "WORKER"},
      {"4294967296/jobs", "WORKER"},
      {"jobs@", "GENERATION ''"},
      {"jobs@0", "GENERATION '0'"},
      {"jobs@-1", "GENERATION"},
      {"jobs@x", "GENERATION"},
      {"a b", "NAME may have"},
      {"0/1/jobs", "NAME may have"},
      {std::string(48, 'a'), "48 bytes"},
  };
  for (const auto& c : kCases) {
    const auto reference = ParseObjectReference(c.text);
    ASSERT_FALSE(reference.ok()) << c.text;
    EXPECT_EQ(reference.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(reference.status().message()).find(c.part), std::string::npos) << reference.status();
  }
}

TEST(ObjectReferenceTest, FormatReadsBack) {
  EXPECT_EQ(FormatObjectReference(2, "jobs", 7), "2/jobs@7");
  EXPECT_EQ(FormatObjectReference(0, "jobs", 0), "0/jobs");
  EXPECT_EQ(ParseObjectReference(FormatObjectReference(2, "jobs", 7))->generation, 7u);
}

TEST(ObjectReferenceTest, WhatIsYetToBeOpenedHasNoGeneration) {
  const auto named = ParseNewReference("1/jobs");
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(named->worker_id, 1u);
  EXPECT_EQ(ParseNewReference("c@5").status().message(),
            "'c@5': a generation cannot be chosen at open; expected [WORKER/]NAME");
  EXPECT_FALSE(ParseNewReference("bad name").ok());
}

}  // namespace
}  // namespace l3link::cli
