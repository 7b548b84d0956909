#include "tests/bench/process_meter.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace l3link::bench {

absl::StatusOr<double> CpuSecondsOf(pid_t pid) {
  clockid_t clock;
  timespec spent;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0) {
    return absl::NotFoundError(absl::StrCat("no CPU clock of process ", pid));
  }
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

absl::StatusOr<uint64_t> AnonymousBytesOf(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/smaps_rollup"));
  std::stringstream rollup;
  if (!file || !(rollup << file.rdbuf())) return absl::NotFoundError(absl::StrCat("no memory map of process ", pid));
  return AnonymousBytesIn(rollup.str());
}

absl::StatusOr<uint64_t> AnonymousBytesIn(const std::string& rollup) {
  for (const absl::string_view line : absl::StrSplit(rollup, '\n')) {
    if (!absl::StartsWith(line, "Anonymous:")) continue;
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    uint64_t kilobytes = 0;
    if (words.size() == 3 && words[2] == "kB" && absl::SimpleAtoi(words[1], &kilobytes)) return kilobytes << 10;
  }
  return absl::InvalidArgumentError("no line \"Anonymous: N kB\"");
}

}  // namespace l3link::bench
