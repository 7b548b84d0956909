// What a daemon did before it died: channels and regions opened, used, reset and closed as a fuzzer's input says, with an honest
// chip; and where every lane stood then. Owned by recovery_fuzzer; one thread.
#ifndef L3LINK_TESTS_FUZZ_RECOVERY_HISTORY_H_
#define L3LINK_TESTS_FUZZ_RECOVERY_HISTORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "backends/host/testing/memory_platform.h"
#include "tests/fuzz/fuzz_input.h"

namespace l3link::fuzz {

// A lane as the next daemon must find it.
struct Standing {
  uint64_t generation = 0;
  uint64_t offset = 0;
  uint64_t epoch = 0;
  uint64_t given = 0;  // published to the chip, or acknowledged
  uint64_t ahead = 0;  // consumed by the chip, or journaled as delivered
  bool poisoned = false;

  bool operator==(const Standing&) const = default;
};

// By "channel/direction/lane"; regions as "region", with their first signal in `given`.
using Standings = std::map<std::string, Standing>;

class History {
 public:
  History(FuzzInput* input, TestArena* arena) : input_(*input), arena_(*arena), chip_(arena->Attach()) {}

  void Run();
  // Of every lane and region that is open in `table`.
  static Standings Stand(ObjectTable& table);

 private:
  void Step();
  void OpenChannel();
  void OpenRegion();
  void CloseOne();
  void ResetOne();
  void UseLane();
  void Send(HostLane& lane);
  void Receive(HostLane& lane);
  void ChipTurn(HostChannel& channel, Direction direction, uint32_t lane);
  void Grant(HostLane& lane);
  void Notify();
  HostChannel* AnyChannel();

  FuzzInput& input_;
  TestArena& arena_;
  l3_chip chip_;
};

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_RECOVERY_HISTORY_H_
