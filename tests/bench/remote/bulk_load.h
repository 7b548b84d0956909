// A stream that moves bulk without a pause, and a thread of its own that feeds it: the load beside which round trips are
// timed. It goes into an echoing chip on a channel without lanes back, so that the chip takes it and answers nothing.
#ifndef L3LINK_TESTS_BENCH_REMOTE_BULK_LOAD_H_
#define L3LINK_TESTS_BENCH_REMOTE_BULK_LOAD_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "client/orchestrator.h"
#include "tests/bench/loaded.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {

class BulkLoad {
 public:
  // Messages of `bytes`, from now on.
  static absl::StatusOr<std::unique_ptr<BulkLoad>> Start(const client::Orchestrator& echo, uint32_t bytes);
  ~BulkLoad();

  // Ends it and waits until all is in the ring: bytes a second since the start. Once.
  absl::StatusOr<double> Stop();

 private:
  BulkLoad(std::unique_ptr<client::Channel> channel, std::unique_ptr<client::LaneStream> stream, uint32_t bytes);
  void Feed();

  const std::unique_ptr<client::Channel> channel_;
  std::unique_ptr<client::LaneStream> stream_;
  const uint32_t bytes_;
  const Stopwatch watch_;
  std::atomic<bool> over_{false};
  absl::Status fed_;   // the thread's until it is joined
  uint64_t sent_ = 0;  // messages; likewise
  std::thread feeder_;
};

// Microseconds of each of `count` round trips of `bytes` beside a load of messages of `bulk_bytes`, on one connection.
absl::StatusOr<Loaded> RoundTripsBesideBulk(const client::Orchestrator& echo, uint32_t bulk_bytes, uint32_t bytes,
                                            int count);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_REMOTE_BULK_LOAD_H_
