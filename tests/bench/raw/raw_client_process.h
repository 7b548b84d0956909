// The raw client in a process of its own, as the raw server is: in bench's process the client library's thread polls too, and
// gRPC hands each event of the process from one polling thread to another, which makes a round trip half as long again.
#ifndef L3LINK_TESTS_BENCH_RAW_RAW_CLIENT_PROCESS_H_
#define L3LINK_TESTS_BENCH_RAW_RAW_CLIENT_PROCESS_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/loaded.h"
#include "tests/support/child_process.h"
#include "tests/support/temp_dir.h"

namespace l3link::bench {

// Killed with this object. One call at a time; each is RawClient's of that name, and fails as that does or when the process ends.
class RawClientProcess {
 public:
  // Of a client of the server at `target`.
  static absl::StatusOr<std::unique_ptr<RawClientProcess>> Start(const std::string& target);
  ~RawClientProcess();

  absl::StatusOr<std::vector<double>> PingPong(size_t bytes, int count, bool spins);
  absl::StatusOr<Loaded> PingPongBeside(size_t bulk_bytes, size_t bytes, int count);
  absl::StatusOr<double> SendFrames(uint64_t frames, size_t bytes);
  absl::StatusOr<double> ReceiveFrames(uint64_t frames, size_t bytes);
  absl::StatusOr<double> UnaryCalls(int count, size_t bytes);

 private:
  RawClientProcess() = default;
  // A line of JSON there and one back.
  absl::StatusOr<nlohmann::json> Ask(const nlohmann::json& request);
  absl::StatusOr<double> AskValue(const nlohmann::json& request);

  TempDir dir_;
  std::unique_ptr<ChildProcess> process_;
  std::FILE* requests_ = nullptr;
  std::FILE* answers_ = nullptr;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RAW_RAW_CLIENT_PROCESS_H_
