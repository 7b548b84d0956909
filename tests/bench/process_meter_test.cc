#include "tests/bench/process_meter.h"

#include <unistd.h>

#include <cstring>
#include <vector>

#include "gtest/gtest.h"

namespace l3link::bench {
namespace {

TEST(ProcessMeterTest, ReadsTheCpuTimeOfAProcess) {
  const auto before = CpuSecondsOf(getpid());
  ASSERT_TRUE(before.ok());
  auto after = before;
  while (after.ok() && *after < *before + 0.01) after = CpuSecondsOf(getpid());  // asking costs some
  EXPECT_TRUE(after.ok());
}

TEST(ProcessMeterTest, SeesMemoryThatIsWritten) {
  const auto before = AnonymousBytesOf(getpid());
  ASSERT_TRUE(before.ok());
  const std::vector<char> memory(64 << 20, 'z');
  const auto after = AnonymousBytesOf(getpid());
  ASSERT_TRUE(after.ok());
  EXPECT_GE(*after, *before + memory.size() / 2);
}

TEST(ProcessMeterTest, FindsTheLineOfAnonymousPages) {
  const auto bytes = AnonymousBytesIn("Rss:     9000 kB\nAnonymous:       1234 kB\nAnonHugePages:   2048 kB\n");
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, 1234u << 10);
}

TEST(ProcessMeterTest, RefusesWhatItCannotRead) {
  constexpr pid_t kNobody = (1 << 22) + 1;  // above the kernel's largest
  EXPECT_FALSE(AnonymousBytesIn("").ok());
  EXPECT_FALSE(AnonymousBytesIn("Anonymous: many kB\n").ok());
  EXPECT_FALSE(CpuSecondsOf(kNobody).ok());
  EXPECT_FALSE(AnonymousBytesOf(kNobody).ok());
}

}  // namespace
}  // namespace l3link::bench
