#include "tests/conformance/chip_fixture.h"

#include <fstream>
#include <iterator>

namespace l3link {

RunningChip::RunningChip(const std::string& platform, const std::vector<std::string>& programs,
                         const std::vector<std::string>& chip_arguments, uint64_t arena_bytes) {
  WorkerOptions options;
  options.platforms = {{platform, 1}};
  options.sim.state_dir = dir_ / "state";
  options.sim.programs = programs;
  options.sim.chip_arguments = chip_arguments;
  options.chip.arena_bytes = arena_bytes;
  options.chip.limits.max_objects = 2048;
  absl::StatusOr<std::unique_ptr<Worker>> worker = Worker::Start(options);
  if (!worker.ok()) {
    ADD_FAILURE() << worker.status();
    std::abort();
  }
  worker_ = *std::move(worker);
  calls_ = std::make_unique<ChipCalls>(&chip());
}

ChipStatus RunningChip::Status() {
  ChipLock lock(chip());
  return chip().Status();
}

std::string RunningChip::log() const {
  std::ifstream file(dir_ / "state/chips/0/chip.log");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

OutgoingMessage Message(absl::string_view payload, uint32_t route, uint64_t correlation_id) {
  return {route, correlation_id,
          absl::MakeConstSpan(reinterpret_cast<const std::byte*>(payload.data()), payload.size())};
}

void SendAll(ChipCalls& calls, HostChannel& channel, std::vector<OutgoingMessage> messages) {
  absl::Span<const OutgoingMessage> rest(messages);
  while (!rest.empty()) {
    absl::StatusOr<size_t> sent = calls.ChannelSend(channel, rest, kPatience);
    ASSERT_TRUE(sent.ok()) << sent.status();
    rest.remove_prefix(*sent);
  }
}

std::vector<ReceivedMessage> ReceiveCount(ChipCalls& calls, HostChannel& channel, size_t count) {
  std::vector<ReceivedMessage> all;
  while (all.size() < count) {
    absl::StatusOr<std::vector<ReceivedMessage>> some = calls.ChannelRecv(channel, count - all.size(), kPatience);
    if (!some.ok()) {
      ADD_FAILURE() << some.status();
      break;
    }
    for (ReceivedMessage& message : *some) all.push_back(std::move(message));
  }
  return all;
}

}  // namespace l3link
