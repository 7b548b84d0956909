// The chip's side of an a2a3 whose libraries are stand-ins: a thread that knows the arena by its device address alone, wakes
// nobody and sleeps on nothing, as a program on a device.
//
// Echoes the messages of every channel. In a region, whenever signal 0 has changed to N, it doubles the first 64-bit word of the
// data and sets signal 1 to N.
#ifndef L3LINK_TESTS_ONBOARD_CHIP_THREAD_H_
#define L3LINK_TESTS_ONBOARD_CHIP_THREAD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <thread>

#include "backends/abi/chip.h"
#include "backends/abi/chip_region.h"
#include "backends/sim/chip/faults.h"
#include "backends/sim/chip/responding_channel.h"

namespace l3link {

class ChipThread {
 public:
  // The arena outlives this.
  ChipThread(uint64_t device_address, uint64_t arena_bytes);
  ~ChipThread();

  ChipThread(const ChipThread&) = delete;
  ChipThread& operator=(const ChipThread&) = delete;

 private:
  struct Doubler {
    l3_region region = {};
    uint64_t done = 0;
  };

  void Run(void* arena, uint64_t arena_bytes);
  void FollowDirectory(uint64_t version);
  bool Work();
  static bool Double(Doubler* doubler);

  l3_chip chip_ = {};
  Faults no_faults_;
  std::map<uint64_t, std::unique_ptr<RespondingChannel>> channels_;  // by generation
  std::map<uint64_t, Doubler> regions_;
  int stop_ = 0;  // by __atomic
  std::thread thread_;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_ONBOARD_CHIP_THREAD_H_
