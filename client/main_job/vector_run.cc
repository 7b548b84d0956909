#include "client/main_job/vector_run.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "client/message.h"

namespace l3link::main_job {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

// Sums, jobs and signals of one round; `job` is the value both signals reach.
absl::Status RunRound(client::Region& region, uint64_t job, const std::vector<float>& a, const std::vector<float>& b,
                      std::vector<float>* sum, absl::Duration patience, VectorCounts* counts) {
  const uint64_t vector_bytes = a.size() * sizeof(float);
  auto began = Clock::now();
  absl::Status status = region.Write(0, client::BytesOf(absl::MakeConstSpan(a)), patience);
  if (!status.ok()) return status;
  const auto notified =
      region.WriteThenNotify(vector_bytes, client::BytesOf(absl::MakeConstSpan(b)), {kReadySignal, job}, patience);
  if (!notified.ok()) return notified.status();
  counts->transfer_seconds += SecondsSince(began);
  const auto done = region.Wait({kDoneSignal, job}, patience);
  if (!done.ok()) return done.status();
  if (!done->satisfied) {
    return absl::DeadlineExceededError(absl::StrCat("region ", region.name(),
                                                    ": the chip's vector_add did not signal job ", job, " within ",
                                                    absl::FormatDuration(patience)));
  }
  began = Clock::now();
  status = region.Read(2 * vector_bytes, client::WritableBytesOf(absl::MakeSpan(*sum)), patience);
  counts->transfer_seconds += SecondsSince(began);
  counts->bytes += 3 * vector_bytes;
  return status;
}

}  // namespace

uint64_t VectorRegionBytes(uint64_t elements) { return 3 * elements * sizeof(float); }

void VectorCounts::Add(const VectorCounts& other) {
  rounds += other.rounds;
  elements += other.elements;
  wrong += other.wrong;
  bytes += other.bytes;
  transfer_seconds += other.transfer_seconds;
  if (first_fault.empty()) first_fault = other.first_fault;
}

absl::StatusOr<VectorCounts> RunVectors(client::Region& region, uint64_t elements, uint64_t rounds, uint64_t seed,
                                        absl::Duration patience, const std::atomic<bool>& stop) {
  const auto live = region.Refresh();
  if (!live.ok()) return live.status();
  uint64_t job = live->signal_values_size() > 0 ? live->signal_values(kReadySignal) : 0;  // of a region used before
  std::vector<float> a(elements), b(elements), sum(elements);
  VectorCounts counts;
  for (uint64_t round = 0; round < rounds && !stop.load(std::memory_order_relaxed); ++round) {
    FillVector(seed + 2 * round, &a);
    FillVector(seed + 2 * round + 1, &b);
    const absl::Status status = RunRound(region, ++job, a, b, &sum, patience, &counts);
    if (!status.ok()) return status;
    const uint64_t wrong = CheckSum(a, b, sum, &counts.first_fault);
    counts.wrong += wrong;
    counts.elements += elements - wrong;
    ++counts.rounds;
  }
  return counts;
}

void FillVector(uint64_t seed, std::vector<float>* values) {
  uint64_t state = seed;
  for (float& value : *values) {  // splitmix64
    state += 0x9E3779B97F4A7C15;
    uint64_t mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    value = (static_cast<float>((mixed >> 40) & 0xFFFFFF) / 8388608.0F - 1.0F) * 999.0F;
  }
}

uint64_t CheckSum(const std::vector<float>& a, const std::vector<float>& b, const std::vector<float>& sum,
                  std::string* first_fault) {
  uint64_t wrong = 0;
  for (size_t i = 0; i < sum.size(); ++i) {
    if (sum[i] == a[i] + b[i]) continue;
    if (wrong++ == 0 && first_fault->empty()) {
      *first_fault = absl::StrCat("element ", i, ": ", a[i], " + ", b[i], " came back as ", sum[i]);
    }
  }
  return wrong;
}

}  // namespace l3link::main_job
