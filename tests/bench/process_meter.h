// What another process of this machine costs: CPU time and memory of its own. Any thread.
#ifndef L3LINK_TESTS_BENCH_PROCESS_METER_H_
#define L3LINK_TESTS_BENCH_PROCESS_METER_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace l3link::bench {

// CPU seconds of all its threads so far, ended ones too; of the process clock, to the nanosecond. Errors: NOT_FOUND.
absl::StatusOr<double> CpuSecondsOf(pid_t pid);

// Bytes of its resident anonymous pages: heap and stacks, neither files nor shared arenas. Errors: NOT_FOUND.
absl::StatusOr<uint64_t> AnonymousBytesOf(pid_t pid);
// The same from the text of /proc/PID/smaps_rollup. Errors: INVALID_ARGUMENT.
absl::StatusOr<uint64_t> AnonymousBytesIn(const std::string& rollup);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_PROCESS_METER_H_
