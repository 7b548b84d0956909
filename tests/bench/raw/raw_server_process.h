// The raw server in a process of its own, killed with this object.
#ifndef L3LINK_TESTS_BENCH_RAW_RAW_SERVER_PROCESS_H_
#define L3LINK_TESTS_BENCH_RAW_RAW_SERVER_PROCESS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace l3link::bench {

class RawServerProcess {
 public:
  // Waits until it listens.
  static absl::StatusOr<std::unique_ptr<RawServerProcess>> Start();

  const std::string& target() const { return target_; }
  pid_t pid() const { return process_->pid(); }

 private:
  RawServerProcess() = default;

  TempDir dir_;
  std::unique_ptr<ChildProcess> process_;
  std::string target_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_RAW_SERVER_PROCESS_H_
