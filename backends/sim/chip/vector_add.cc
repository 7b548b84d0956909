#include "backends/sim/chip/vector_add.h"

#include <algorithm>

namespace l3link {
namespace {

constexpr uint64_t kSliceElements = 1 << 18;  // 3 MiB of memory touched in a turn

}  // namespace

bool VectorAdd::Suits(const l3_region& region) {
  return region.shape.signal_count >= 2 && (region.writers[kReadySignal] & L3_WRITER_HOST) &&
         (region.writers[kDoneSignal] & L3_WRITER_CHIP);
}

bool VectorAdd::HasJob() {
  if (job_ != 0) return true;
  uint64_t ready = 0, done = 0;
  l3_signal_load(&region_, kReadySignal, &ready);
  l3_signal_load(&region_, kDoneSignal, &done);
  if (ready <= done) return false;
  job_ = ready;
  added_ = 0;
  return true;
}

bool VectorAdd::AddSlice() {
  const uint64_t elements = region_.shape.data_bytes / 12;
  const uint64_t end = std::min(elements, added_ + kSliceElements);
  const float* a = reinterpret_cast<const float*>(region_.data);
  const float* b = a + elements;
  float* sum = reinterpret_cast<float*>(region_.data) + 2 * elements;
  for (uint64_t i = added_; i < end; ++i) sum[i] = a[i] + b[i];
  added_ = end;
  return end == elements;
}

bool VectorAdd::Work(uint64_t now_us, bool /*everything*/) {
  if (job_ == 0 && faults_->Allowance(1) == 0) return false;
  if (!HasJob() || !delay_.Over(now_us, *faults_)) return false;
  if (!AddSlice()) return true;
  l3_notify(&region_, kDoneSignal, L3_NOTIFY_SET, job_);
  job_ = 0;
  delay_.Done();
  faults_->Did(1);
  return true;
}

bool VectorAdd::Ready(uint64_t now_us, uint64_t* due_us) {
  l3_region_look(&region_);
  if (job_ == 0 && faults_->Allowance(1) == 0) return false;
  if (!HasJob()) return false;
  if (delay_.due_us() > now_us) {
    *due_us = std::min(*due_us, delay_.due_us());
    return false;
  }
  return true;
}

}  // namespace l3link
