// What a chaos run is asked to do. Plain values.
#ifndef L3LINK_TESTS_CHAOS_CHAOS_OPTIONS_H_
#define L3LINK_TESTS_CHAOS_CHAOS_OPTIONS_H_

#include <cstdint>

namespace l3link::chaos {

struct ChaosOptions {
  uint64_t kills = 100;
  uint64_t messages = 5'000'000;  // in all, at least: they go on until the last kill is got over
  uint64_t seed = 1;              // of payloads, victims and moments
  uint32_t clients = 4;           // each a process with a lane pair of its own
  uint32_t depth = 1024;          // messages a lane
  double patience_seconds = 60;   // nothing moved for so long: the run has failed
};

}  // namespace l3link::chaos

#endif  // L3LINK_TESTS_CHAOS_CHAOS_OPTIONS_H_
