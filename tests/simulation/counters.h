// How often each fault, transition and poison of counters.inc happened, over many seeds.
#ifndef L3LINK_TESTS_SIMULATION_COUNTERS_H_
#define L3LINK_TESTS_SIMULATION_COUNTERS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace l3link::simulation {

enum class Count {
#define COUNTER(name, floor, text) name,
#include "tests/simulation/counters.inc"
#undef COUNTER
  kEnd
};

class Counters {
 public:
  void Add(Count count, uint64_t n = 1) { counts_[static_cast<size_t>(count)] += n; }
  uint64_t operator[](Count count) const { return counts_[static_cast<size_t>(count)]; }

  // One line each: count, floor for so many seeds, text; "LOW" where it is below.
  std::string Table(uint64_t seeds) const;
  // The texts of those below their floor, one a line; empty: none.
  std::string Low(uint64_t seeds) const;

 private:
  std::array<uint64_t, static_cast<size_t>(Count::kEnd)> counts_ = {};
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_COUNTERS_H_
