// Which messages go over one lane: message `index` of lane k of n is line (index * n + k) of the corpus, repeated as
// needed, with a route and correlation id of its own. Nothing is kept for a message, so any number costs no memory.
#ifndef L3LINK_CLIENT_MAIN_JOB_LANE_SERIES_H_
#define L3LINK_CLIENT_MAIN_JOB_LANE_SERIES_H_

#include <cstdint>

#include "client/main_job/corpus.h"
#include "client/message.h"

namespace l3link::main_job {

// Const; any thread. `corpus` outlives it.
class LaneSeries {
 public:
  LaneSeries(const Corpus& corpus, uint64_t seed, uint32_t lane, uint32_t lane_count, uint64_t message_count);

  uint64_t message_count() const { return message_count_; }

  const CorpusLine& Line(uint64_t index) const {
    return corpus_->lines()[(seed_ + index * lane_count_ + lane_) % corpus_->lines().size()];
  }
  // A route of this lane: route % lane_count = lane.
  uint32_t Route(uint64_t index) const {
    return lane_ + lane_count_ * static_cast<uint32_t>((index * 0x9E3779B97F4A7C15 >> 40) % kRoutesALane);
  }
  // Different for every message of the job, over all lanes.
  uint64_t CorrelationId(uint64_t index) const { return (index * lane_count_ + lane_) ^ mask_; }

  client::OutgoingMessage Message(uint64_t index) const {
    return {{Line(index).text.data(), Line(index).text.size()}, Route(index), CorrelationId(index)};
  }

  // Which message carries this correlation id; message_count() or more for one that is not of this lane.
  uint64_t IndexOf(uint64_t correlation_id) const {
    const uint64_t number = correlation_id ^ mask_;
    return number % lane_count_ == lane_ ? number / lane_count_ : UINT64_MAX;
  }

 private:
  static constexpr uint32_t kRoutesALane = 1000;

  const Corpus* corpus_;
  uint64_t seed_;
  uint64_t mask_;
  uint32_t lane_;
  uint32_t lane_count_;
  uint64_t message_count_;
};

// How many of `total` messages lane k of n carries, so that all together carry each once.
uint64_t ShareOfLane(uint64_t total, uint32_t lane, uint32_t lane_count);

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_LANE_SERIES_H_
