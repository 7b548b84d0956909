// Round trips beside a load, as l3link and as raw gRPC have them.
#ifndef L3LINK_TESTS_BENCH_LOADED_H_
#define L3LINK_TESTS_BENCH_LOADED_H_

#include <vector>

namespace l3link::bench {

struct Loaded {
  std::vector<double> times;  // microseconds of each round trip
  double bulk = 0;            // bytes a second of the load
};

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_LOADED_H_
