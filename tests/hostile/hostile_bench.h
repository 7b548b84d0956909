// A real ChipWorker in this process over a real arena file, and a hostile chip in its own: what the attack tests stand on.
//
// One test, one thread, beside the worker's doorbell thread. Channels: "attacked" with two lanes each way, of which lane 0
// is attacked, and "kept" with one. Everything is removed on destruction.
#ifndef L3LINK_TESTS_HOSTILE_HOSTILE_BENCH_H_
#define L3LINK_TESTS_HOSTILE_HOSTILE_BENCH_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "backends/sim/chip/testing/chip_process.h"
#include "backends/worker/chip_worker.h"

namespace l3link {

class HostileBench {
 public:
  explicit HostileBench(const std::string& fault);
  ~HostileBench();

  ChipWorker& worker() { return *worker_; }
  SpawnedProcess& chip() { return *chip_; }
  HostChannel& attacked() { return *attacked_; }
  HostChannel& kept() { return *kept_; }

  // Sends one message without waiting for anything.
  void Send(HostChannel& channel, uint32_t lane, absl::string_view payload);
  // Sends one and verifies its echo, every field and byte; fails the test otherwise. With `ack` the room is given back.
  void Echo(HostChannel& channel, uint32_t lane, bool ack = true);
  // Takes the next message of a chip_to_host lane, if it is there: its result, and the payload.
  LaneResult TryReceive(HostChannel& channel, uint32_t lane, MessageHeader* header, std::string* payload);

  // Everything a busy node does with a lane: polls both directions and reads what came. The poison of one of them, if any.
  absl::optional<Poison> UseLane(HostChannel& channel, uint32_t lane);
  absl::optional<Poison> PoisonOf(HostChannel& channel, Direction direction, uint32_t lane);

  void ResetLane(HostChannel& channel, uint32_t lane);

 private:
  std::string directory_;
  std::unique_ptr<ChipWorker> worker_;
  std::shared_ptr<HostChannel> attacked_;
  std::shared_ptr<HostChannel> kept_;
  std::unique_ptr<SpawnedProcess> chip_;
  uint64_t sent_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_HOSTILE_HOSTILE_BENCH_H_
