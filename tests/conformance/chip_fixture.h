// A worker with one chip of the platform under test, in this process; the chip is a real process. One suite for all platforms.
#ifndef L3LINK_TESTS_CONFORMANCE_CHIP_FIXTURE_H_
#define L3LINK_TESTS_CONFORMANCE_CHIP_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "backends/worker/chip_calls.h"
#include "backends/worker/worker.h"
#include "tests/support/temp_dir.h"

namespace l3link {

// How long a test waits for what must come: long enough for a loaded machine; a hang ends the test.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

class RunningChip {
 public:
  explicit RunningChip(const std::string& platform, const std::vector<std::string>& programs = {},
                       const std::vector<std::string>& chip_arguments = {}, uint64_t arena_bytes = uint64_t{256} << 20);

  ChipWorker& chip() { return worker_->chip(0); }
  ChipCalls& calls() { return worker_->calls(0); }
  bool AwaitRunning() { return calls().AwaitChipState(ChipState::kRunning, kPatience); }
  ChipStatus Status();
  std::string log() const;

 private:
  TempDir dir_;
  std::unique_ptr<Worker> worker_;
};

struct ReceivedMessage {
  uint32_t lane = 0;
  MessageHeader header;
  std::string payload;
};

// Receives one, of whatever size.
absl::StatusOr<ReceivedMessage> ReceiveOne(ChipCalls& calls, HostChannel& channel, absl::Duration timeout);

OutgoingMessage Message(absl::string_view payload, uint32_t route = 0, uint64_t correlation_id = 0);

// Sends all, or fails the test.
void SendAll(ChipCalls& calls, HostChannel& channel, std::vector<OutgoingMessage> messages);
// Receives `count`, or fails the test.
std::vector<ReceivedMessage> ReceiveCount(ChipCalls& calls, HostChannel& channel, size_t count);

}  // namespace l3link

#endif  // L3LINK_TESTS_CONFORMANCE_CHIP_FIXTURE_H_
