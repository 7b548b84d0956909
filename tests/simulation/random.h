// The one source of chance of a simulation: everything a seed does follows from its numbers. Owned by World; one thread.
#ifndef L3LINK_TESTS_SIMULATION_RANDOM_H_
#define L3LINK_TESTS_SIMULATION_RANDOM_H_

#include <cstdint>

namespace l3link::simulation {

inline uint64_t Mix(uint64_t x) {  // splitmix64's output function
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

class Random {  // xoshiro256**, the same on every platform; std's distributions are not
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) word = Mix(seed += 0x9e3779b97f4a7c15);
  }

  uint64_t Next() {
    const uint64_t result = Rotated(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = Rotated(state_[3], 45);
    return result;
  }
  // [0, bound); bound > 0. The bias of the modulus does not matter here.
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  // [low, high]
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  bool Chance(uint32_t in_thousand) { return Below(1000) < in_thousand; }

 private:
  static uint64_t Rotated(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

  uint64_t state_[4];
};

}  // namespace l3link::simulation

#endif  // L3LINK_TESTS_SIMULATION_RANDOM_H_
