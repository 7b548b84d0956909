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

absl::StatusOr<ReceivedMessage> ReceiveOne(ChipCalls& calls, HostChannel& channel, absl::Duration timeout) {
  std::string room(channel.config().lane.max_message_bytes, '\0');
  IncomingMessage message{absl::MakeSpan(reinterpret_cast<std::byte*>(room.data()), room.size())};
  absl::StatusOr<size_t> taken = calls.ChannelRecv(channel, absl::MakeSpan(&message, 1), timeout);
  if (!taken.ok()) return taken.status();
  room.resize(message.header.payload_bytes);
  return ReceivedMessage{message.lane, message.header, std::move(room)};
}

std::vector<ReceivedMessage> ReceiveCount(ChipCalls& calls, HostChannel& channel, size_t count) {
  std::vector<ReceivedMessage> all;
  while (all.size() < count) {
    absl::StatusOr<ReceivedMessage> message = ReceiveOne(calls, channel, kPatience);
    if (!message.ok()) {
      ADD_FAILURE() << message.status();
      break;
    }
    all.push_back(*std::move(message));
  }
  return all;
}

}  // namespace l3link
