// The project's side of the lane figures: the host in this process, the chip (bench_chip.c) in its own, all checks on.
//
// One thread, which spins; the chip worker's lock is taken once a batch, as a stream does.
#ifndef L3LINK_TESTS_BENCH_LANES_CHIP_LANES_H_
#define L3LINK_TESTS_BENCH_LANES_CHIP_LANES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/conformance/chip_fixture.h"

namespace l3link::bench {

// How messages come into the ring.
enum class LaneWay {
  kInPlace,     // each made there, 64 published at once
  kInRuns,      // 64 made in an array, staged as one run, as streams do, and published at once
  kOneInPlace,  // each made there and published by itself
};

class ChipLanes {
 public:
  // `chip_program`: the shared object of bench_chip.c.
  static absl::StatusOr<std::unique_ptr<ChipLanes>> Start(const std::string& chip_program);

  // Messages a second into the chip, which reads them in place.
  absl::StatusOr<double> HostToChip(LaneWay way, uint32_t bytes, uint32_t depth);
  // Messages a second out of the chip: made there in the ring, copied out, checked and read here.
  absl::StatusOr<double> ChipToHost(uint32_t bytes, uint32_t depth);
  // One message to the chip and its echo back: microseconds, the median of `count`.
  absl::StatusOr<double> RoundTrip(uint32_t bytes, uint32_t count);

 private:
  explicit ChipLanes(const std::string& chip_program) : running_("a2a3sim", {chip_program}) {}

  absl::StatusOr<std::shared_ptr<HostChannel>> Open(const std::string& name, uint32_t bytes, uint32_t depth);
  // Up to `most` messages of `bytes`, made as of number `first`, and published: how many there was room for; a run waits for it.
  absl::StatusOr<uint64_t> SendInPlace(LaneProducer& lane, uint32_t bytes, uint64_t first, uint64_t most);
  absl::StatusOr<uint64_t> SendRun(LaneProducer& lane, uint32_t bytes, uint64_t first, uint64_t most);
  // Spins until one message is taken, and copies it to `out`.
  absl::Status TakeOne(LaneConsumer& lane, std::string* out);

  RunningChip running_;
  std::string made_;             // of a run
  std::vector<uint32_t> sizes_;  // in a run
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_LANES_CHIP_LANES_H_
