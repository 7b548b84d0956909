#include "backends/runtime/context_options.h"

#include <gtest/gtest.h>

namespace l3link {
namespace {

TEST(ContextOptionsTest, ReadsEveryKey) {
  absl::StatusOr<ContextOptions> options = ParseContextOptions(
      "program=echo,program=vector_add@,state_dir=/s,sim_chip=/bin/chip,arena_bytes=65536,chip_arg=--delay-us=5,"
      "chip_arg=--seed=1,external=1,ascend_hal=/lib/hal.so,ascend_acl=libacl.so");
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->sim.programs, (std::vector<std::string>{"echo", "vector_add@"}));
  EXPECT_EQ(options->sim.state_dir, "/s");
  EXPECT_EQ(options->sim.chip_binary, "/bin/chip");
  EXPECT_EQ(options->arena_bytes, 65536u);
  EXPECT_EQ(options->sim.chip_arguments, (std::vector<std::string>{"--delay-us=5", "--seed=1"}));
  EXPECT_TRUE(options->sim.external);
  EXPECT_EQ(options->ascend.hal_library, "/lib/hal.so");
  EXPECT_EQ(options->ascend.acl_library, "libacl.so");
}

TEST(ContextOptionsTest, ProgramsMayBeListed) {
  absl::StatusOr<ContextOptions> options = ParseContextOptions("program=echo@a,sink,source,arena_bytes=4096,program=x");
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->sim.programs, (std::vector<std::string>{"echo@a", "sink", "source", "x"}));
}

TEST(ContextOptionsTest, NothingIsTheDefaults) {
  absl::StatusOr<ContextOptions> options = ParseContextOptions("");
  ASSERT_TRUE(options.ok());
  EXPECT_TRUE(options->sim.programs.empty());
  EXPECT_TRUE(options->sim.state_dir.empty());
  EXPECT_FALSE(options->sim.external);
  EXPECT_EQ(options->arena_bytes, uint64_t{1} << 30);
}

TEST(ContextOptionsTest, RefusesWhatItDoesNotKnowAndNamesThePart) {
  EXPECT_FALSE(ParseContextOptions("program").ok());
  EXPECT_FALSE(ParseContextOptions("arena_bytes=4096,echo").ok());
  for (const char* part :
       {"colour=red", "program=", "=echo", "arena_bytes=much", "arena_bytes=-1", "external=yes", "Program=echo"}) {
    const absl::Status status = ParseContextOptions(std::string("program=echo,") + part).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << part;
    EXPECT_NE(status.message().find(part), absl::string_view::npos) << status;
  }
}

}  // namespace
}  // namespace l3link
