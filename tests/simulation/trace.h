// What happened in a simulation: a hash over every event, the last few for a failure's report, or all of them. Owned by
// World; one thread.
#ifndef L3LINK_TESTS_SIMULATION_TRACE_H_
#define L3LINK_TESTS_SIMULATION_TRACE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/simulation/random.h"

namespace l3link::simulation {

struct TraceEvent {
  uint32_t step;
  uint64_t at_us;
  const char* what;  // a literal
  uint64_t numbers[3];

  std::string Text() const {
    return absl::StrCat("step ", step, " at ", at_us, " us: ", what, " ", numbers[0], " ", numbers[1], " ", numbers[2]);
  }
};

class Trace {
 public:
  static constexpr size_t kLast = 40;

  explicit Trace(bool keep_all) : keep_all_(keep_all) {}

  void Add(const TraceEvent& event) {
    uint64_t hash = hash_ ^ event.at_us;
    for (const char* c = event.what; *c != 0; ++c) hash = (hash ^ static_cast<uint8_t>(*c)) * 0x100000001b3;
    for (uint64_t number : event.numbers) hash = Mix(hash ^ number);
    hash_ = hash;
    if (keep_all_ || events_.size() < kLast) {
      events_.push_back(event);
    } else {
      events_[count_ % kLast] = event;
    }
    ++count_;
  }

  uint64_t hash() const { return hash_; }
  // In order of happening.
  std::vector<TraceEvent> Events() const {
    std::vector<TraceEvent> events = events_;
    if (!keep_all_ && count_ > kLast) std::rotate(events.begin(), events.begin() + count_ % kLast, events.end());
    return events;
  }

 private:
  const bool keep_all_;
  uint64_t hash_ = 0xcbf29ce484222325;
  uint64_t count_ = 0;
  std::vector<TraceEvent> events_;
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_TRACE_H_
