#include "server/channel/peek_lane.h"

#include <string>
#include <utility>

#include "absl/types/span.h"
#include "server/channel/message_body.h"

namespace l3link {
namespace {

constexpr size_t kMostBytes = size_t{4} << 20;

LaneResult PeekOne(HostLane& lane, uint64_t sequence, MessageHeader* header, std::string* payload) {
  if (lane.consumer) return lane.consumer->PeekAt(sequence, header, payload);
  absl::Span<const std::byte> bytes;
  const LaneResult result = lane.producer->PeekAt(sequence, header, &bytes);
  if (result == LaneResult::kOk) payload->assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return result;
}

uint64_t OldestOf(HostLane& lane) {
  if (lane.producer) {
    (void)lane.producer->PollConsumed();  // poisoned: from the last good count
    return lane.producer->consumed();
  }
  (void)lane.consumer->Poll();
  return lane.consumer->acked();
}

}  // namespace

void PeekLane(HostChannel& channel, Direction direction, uint32_t lane, uint32_t max_messages, v1::Form form,
              v1::PeekResponse* response) {
  HostLane& host_lane = channel.lane(direction, lane);
  const uint64_t oldest = OldestOf(host_lane);
  size_t bytes = 0;
  for (uint64_t sequence = oldest; sequence < oldest + max_messages; ++sequence) {
    MessageHeader header;
    std::string payload;
    if (PeekOne(host_lane, sequence, &header, &payload) != LaneResult::kOk) return;
    bytes += payload.size();
    if (bytes > kMostBytes && response->messages_size() > 0) return;
    v1::Message* message = response->add_messages();
    message->set_sequence(header.sequence);
    message->set_route(header.route);
    message->set_correlation_id(header.correlation_id);
    message->set_redelivered(header.redelivered);
    message->set_lane(lane);
    SetBody(form, std::move(payload), message);
  }
}

}  // namespace l3link
