// The project's side of the lane figures: the host in this process, the chip (bench_chip.c) in its own, all checks on.
//
// One thread, which spins; the chip worker's lock is taken once a batch, as a stream does.
#ifndef L3LINK_TESTS_BENCH_LANES_CHIP_LANES_H_
#define L3LINK_TESTS_BENCH_LANES_CHIP_LANES_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/conformance/chip_fixture.h"

namespace l3link::bench {

class ChipLanes {
 public:
  // What a stream that has many messages publishes at once.
  static constexpr uint64_t kBatch = 64;

  // `chip_program`: the shared object of bench_chip.c.
  static absl::StatusOr<std::unique_ptr<ChipLanes>> Start(const std::string& chip_program);

  // Messages a second into the chip: made here in the ring, published up to `batch` at once, read there in place.
  absl::StatusOr<double> HostToChip(uint32_t bytes, uint32_t depth, uint64_t batch = kBatch);
  // Messages a second out of the chip: made there in the ring, copied out, checked and read here.
  absl::StatusOr<double> ChipToHost(uint32_t bytes, uint32_t depth);
  // One message to the chip and its echo back: microseconds, the median of `count`.
  absl::StatusOr<double> RoundTrip(uint32_t bytes, uint32_t count);

 private:
  explicit ChipLanes(const std::string& chip_program) : running_("a2a3sim", {chip_program}) {}

  absl::StatusOr<std::shared_ptr<HostChannel>> Open(const std::string& name, uint32_t bytes, uint32_t depth);
  // Spins until one message is taken, and copies it to `out`.
  absl::Status TakeOne(LaneConsumer& lane, std::string* out);

  RunningChip running_;
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_LANES_CHIP_LANES_H_
