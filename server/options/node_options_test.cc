#include "server/options/node_options.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace l3link {
namespace {

absl::StatusOr<NodeOptions> Parse(const std::vector<std::string>& flags) {
  absl::StatusOr<Settings> settings = SettingsOfFlags(flags);
  if (!settings.ok()) return settings.status();
  return ParseNodeOptions(*settings);
}

TEST(NodeOptionsTest, DefaultsAreLoopbackUnixSocketAndOneEchoingChip) {
  const absl::StatusOr<NodeOptions> options = Parse({"--state-dir", "/s"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->listen->ToString(), "127.0.0.1:50051");
  EXPECT_EQ(options->unix_path, "/s/l3linkd.sock");
  EXPECT_EQ(options->platforms, (std::vector<PlatformCount>{{"a2a3sim", 1}}));
  EXPECT_EQ(options->sim_programs, (std::vector<std::string>{"echo", "vector_add"}));
  EXPECT_FALSE(options->sim_external);
  EXPECT_EQ(options->limits.arena_bytes, uint64_t{1} << 30);
}

TEST(NodeOptionsTest, EveryFlagArrives) {
  const absl::StatusOr<NodeOptions> options = Parse({"--listen=none",
                                                     "--unix=/u",
                                                     "--platform=a5sim",
                                                     "--chips=2",
                                                     "--sim-program=checksum,vector_add",
                                                     "--sim-chip=external",
                                                     "--node-name=n",
                                                     "--log-level=debug",
                                                     "--log-format=json",
                                                     "--ready-file=/r",
                                                     "--arena-bytes=2MiB",
                                                     "--lease-ttl=5s",
                                                     "--drain-timeout=3s",
                                                     "--max-objects=5",
                                                     "--max-streams=6",
                                                     "--max-leases=7",
                                                     "--max-waits-per-stream=8",
                                                     "--window-budget-bytes=9MiB",
                                                     "--attach-timeout=1s",
                                                     "--ascend-hal=/lib/hal.so",
                                                     "--ascend-acl=libacl.so"});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_FALSE(options->listen.has_value());
  EXPECT_EQ(options->unix_path, "/u");
  EXPECT_EQ(options->platforms, (std::vector<PlatformCount>{{"a5sim", 2}}));
  EXPECT_EQ(options->sim_programs, (std::vector<std::string>{"checksum", "vector_add"}));
  EXPECT_TRUE(options->sim_external);
  EXPECT_EQ(options->ascend.hal_library, "/lib/hal.so");
  EXPECT_EQ(options->ascend.acl_library, "libacl.so");
  EXPECT_EQ(options->node_name, "n");
  EXPECT_EQ(options->log_level, "debug");
  EXPECT_EQ(options->log_format, "json");
  EXPECT_EQ(options->ready_file, "/r");
  EXPECT_EQ(options->limits.arena_bytes, 2u << 20);
  EXPECT_EQ(options->limits.lease_ttl, absl::Seconds(5));
  EXPECT_EQ(options->limits.drain_timeout, absl::Seconds(3));
  EXPECT_EQ(options->limits.objects.max_objects, 5u);
  EXPECT_EQ(options->limits.max_streams, 6u);
  EXPECT_EQ(options->limits.max_leases, 7u);
  EXPECT_EQ(options->limits.max_waits_per_stream, 8u);
  EXPECT_EQ(options->limits.window_budget_bytes, 9u << 20);
  EXPECT_EQ(options->limits.attach_timeout, absl::Seconds(1));
}

TEST(NodeOptionsTest, WrongValuesNameTheirSourceAndWhatIsExpected) {
  EXPECT_EQ(Parse({"--chips=0"}).status().message(), "--chips: '0' is not a whole number from 1 to 64");
  EXPECT_EQ(Parse({"--log-format=xml"}).status().message(), "--log-format: 'xml' is not one of text, json");
  const Settings fromFile = {{"lease-ttl", {"1h", "/etc/l3link.conf: lease-ttl"}}};
  EXPECT_EQ(ParseNodeOptions(fromFile).status().message(),
            "/etc/l3link.conf: lease-ttl: '1h' is not a duration from 1s to 10m, such as 500ms, 30s or 2m");
}

TEST(NodeOptionsTest, PlaintextBeyondLoopbackNeedsInsecure) {
  const absl::Status refused = Parse({"--listen=0.0.0.0:0"}).status();
  EXPECT_TRUE(absl::StrContains(refused.message(), "--insecure")) << refused;
  EXPECT_TRUE(Parse({"--listen=0.0.0.0:0", "--insecure"}).ok());
  EXPECT_TRUE(Parse({"--listen=[::1]:0"}).ok());
}

TEST(NodeOptionsTest, ArenasAreWhatThePlatformsCanHave) {
  const struct {
    std::vector<std::string> flags;
    bool good;
  } rows[] = {
      {{"--arena-bytes=64GiB"}, true},
      {{"--arena-bytes=65GiB"}, false},
      {{"--arena-bytes=128GiB", "--platform=a5sim"}, true},
      {{"--arena-bytes=128GiB", "--platform=a5sim=1,a2a3sim=1"}, false},
      {{"--arena-bytes=1GiB", "--platform=a2a3"}, true},
      {{"--arena-bytes=8193B", "--max-objects=1"}, false},
      {{"--arena-bytes=1MiB", "--max-objects=1"}, true},
      {{"--arena-bytes=1MiB", "--max-objects=1000000"}, false},
      {{"--arena-bytes=2MiB"}, false},
  };
  for (const auto& row : rows) EXPECT_EQ(Parse(row.flags).ok(), row.good) << row.flags[0];
}

TEST(NodeOptionsTest, ANodeThatNobodyCouldReachIsRefused) {
  EXPECT_FALSE(Parse({"--listen=none", "--unix=none"}).ok());
}

TEST(NodeOptionsTest, ATooLongSocketPathIsRefused) {
  EXPECT_FALSE(Parse({"--unix=/" + std::string(107, 'x')}).ok());
  EXPECT_TRUE(Parse({"--unix=/" + std::string(106, 'x')}).ok());
}

}  // namespace
}  // namespace l3link
