// Two vectors through a region to the chip's vector_add program, and the sum back.
#ifndef L3LINK_CLIENT_MAIN_JOB_VECTOR_RUN_H_
#define L3LINK_CLIENT_MAIN_JOB_VECTOR_RUN_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/region.h"

namespace l3link::main_job {

// Region data as vector_add has it: a[n], b[n], sum[n] floats; signal 0 (host-written) = k: the k-th job is ready; signal 1
// (chip-written) = k: it is done.
inline constexpr uint32_t kReadySignal = 0;
inline constexpr uint32_t kDoneSignal = 1;

uint64_t VectorRegionBytes(uint64_t elements);

struct VectorCounts {
  uint64_t rounds = 0;
  uint64_t elements = 0;  // verified, over all rounds
  uint64_t wrong = 0;
  uint64_t bytes = 0;           // written and read
  double transfer_seconds = 0;  // in Write and Read
  std::string first_fault;

  void Add(const VectorCounts& other);
};

// Runs `rounds` jobs of `elements` each with values from `seed`, on the calling thread. DEADLINE_EXCEEDED when the chip does
// not signal within `patience`.
absl::StatusOr<VectorCounts> RunVectors(client::Region& region, uint64_t elements, uint64_t rounds, uint64_t seed,
                                        absl::Duration patience, const std::atomic<bool>& stop);

// Fills with values in (-1000, 1000) that repeat for the same seed.
void FillVector(uint64_t seed, std::vector<float>* values);

// Counts the elements of `sum` that are not exactly a + b.
uint64_t CheckSum(const std::vector<float>& a, const std::vector<float>& b, const std::vector<float>& sum,
                  std::string* first_fault);

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_VECTOR_RUN_H_
