// What all parts of one simulated seed share: its chance, its clock, its shape, what happened, and whether it still holds.
//
// Owned by Simulation; one thread. The clock is a number: nothing here or below asks the machine for the time.
#ifndef L3LINK_TESTS_SIMULATION_WORLD_H_
#define L3LINK_TESTS_SIMULATION_WORLD_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "backends/host/mono_time.h"
#include "tests/simulation/counters.h"
#include "tests/simulation/random.h"
#include "tests/simulation/trace.h"

namespace l3link::simulation {

// Bugs that the simulation can plant in itself, to show that it would find them.
enum class Plant {
  kNone,
  kForgetDelivered,  // a crash loses what the journal had of deliveries
  kForgetLease,      // a restarted daemon does not restore leases
  kHeadFirst,        // the ring's head is stored before the journal has the ack
  kEarlyReport,      // progress is told before the journal and the ring have the messages
  kStaleEpoch,       // a superseded stream's frames still take effect
  kDeaf,             // frames do not renew leases
};

struct Knobs {
  uint32_t lanes = 2;  // each way
  uint32_t lane_depth = 4;
  uint32_t max_message_bytes = 64;
  uint64_t ring_bytes = 128;
  bool checksum = false;
  uint64_t max_frame_bytes = 512;
  uint32_t window_messages = 8;
  uint64_t window_bytes = 512;
  uint32_t clients = 2;
  absl::Duration ttl = absl::Seconds(1);
  uint64_t keepalive_us = 700'000;  // a blocked connection breaks after so long
  bool hostile = false;
  uint32_t fault_rate = 60;  // of a thousand steps
};

struct World {
  World(uint64_t a_seed, Plant a_plant, bool keep_trace, Counters* the_counters)
      : seed(a_seed), plant(a_plant), random(a_seed), trace(keep_trace), counters(*the_counters) {}

  uint64_t NowUs() const { return std::chrono::duration_cast<std::chrono::microseconds>(now - kBegin).count(); }
  void Pass(uint64_t us) { now += std::chrono::microseconds(us); }
  void Note(const char* what, uint64_t a = 0, uint64_t b = 0, uint64_t c = 0) {
    trace.Add({step, NowUs(), what, {a, b, c}});
  }
  void Tally(Count count, const char* what, uint64_t a = 0, uint64_t b = 0, uint64_t c = 0) {
    counters.Add(count);
    Note(what, a, b, c);
  }
  // An invariant is violated; the first stays.
  void Fail(std::string what) {
    if (!failed()) failure = std::move(what);
  }
  bool failed() const { return !failure.empty(); }

  static constexpr MonoTime kBegin = MonoTime{} + std::chrono::hours(1);

  const uint64_t seed;
  const Plant plant;
  Random random;
  Trace trace;
  Counters& counters;
  Knobs knobs;
  MonoTime now = kBegin;
  uint32_t step = 0;
  std::string failure;
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_WORLD_H_
