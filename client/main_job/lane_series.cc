#include "client/main_job/lane_series.h"

namespace l3link::main_job {

LaneSeries::LaneSeries(const Corpus& corpus, uint64_t seed, uint32_t lane, uint32_t lane_count, uint64_t message_count)
    : corpus_(&corpus),
      seed_(seed % corpus.lines().size()),
      // Spreads ids over all 64 bits, so that a width lost on the way shows; the low bits still count.
      mask_((seed + 1) * 0xD6E8FEB86659FD93),
      lane_(lane),
      lane_count_(lane_count),
      message_count_(message_count) {}

uint64_t ShareOfLane(uint64_t total, uint32_t lane, uint32_t lane_count) {
  return total / lane_count + (lane < total % lane_count ? 1 : 0);
}

}  // namespace l3link::main_job
