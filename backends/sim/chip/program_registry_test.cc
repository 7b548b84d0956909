#include "backends/sim/chip/program_registry.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

TEST(ProgramRegistryTest, ChoosesByKindPrefixAndOrder) {
  const struct {
    const char* list;
    uint32_t kind;
    const char* name;
    const char* expected;
  } cases[] = {
      {"echo", L3_OBJECT_CHANNEL, "anything", "echo"},
      {"echo", L3_OBJECT_REGION, "anything", ""},
      {"echo,checksum", L3_OBJECT_CHANNEL, "jobs", "echo"},
      {"checksum,echo", L3_OBJECT_CHANNEL, "jobs", "checksum"},
      {"echo,checksum@sum", L3_OBJECT_CHANNEL, "sum-1", "checksum"},
      {"echo,checksum@sum,sink@sum-", L3_OBJECT_CHANNEL, "sum-1", "sink"},
      {"checksum@sum", L3_OBJECT_CHANNEL, "jobs", ""},
      {"vector_add", L3_OBJECT_REGION, "vector-7", "vector_add"},
      {"vector_add", L3_OBJECT_REGION, "weights", ""},
      {"vector_add@", L3_OBJECT_REGION, "weights", "vector_add"},
      {"vector_add@w", L3_OBJECT_REGION, "vector", ""},
      {"vector_add", L3_OBJECT_CHANNEL, "vector", ""},
  };
  for (const auto& one : cases) {
    const auto registry = ProgramRegistry::Parse(one.list, {});
    ASSERT_TRUE(registry.ok()) << registry.status();
    EXPECT_EQ(registry->ProgramFor(one.kind, one.name), one.expected) << one.list << " for " << one.name;
  }
}

TEST(ProgramRegistryTest, NamesWhatItDoesNotKnow) {
  for (const char* list : {"", "ecoh", "echo,", "echo,,sink", "Echo", "@x"}) {
    const auto registry = ProgramRegistry::Parse(list, {});
    ASSERT_FALSE(registry.ok()) << list;
    EXPECT_TRUE(absl::StrContains(registry.status().message(), "unknown program '")) << registry.status();
    EXPECT_TRUE(absl::StrContains(registry.status().message(), "vector_add")) << "names the known ones";
  }
}

}  // namespace
}  // namespace l3link
