#include "backends/worker/chip_calls.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

// Puts an event among a direction's waiters, and asks the chip to ring. Call under the lock, before the look that a sleep
// relies on; again after a wake, when a reset may have forgotten it.
void Watch(HostChannel& channel, Direction direction, ActivityEvent* event) {
  for (uint32_t i = 0; i < channel.lane_count(direction); ++i) {
    HostLane& lane = channel.lane(direction, i);
    if (std::find(lane.waiters.begin(), lane.waiters.end(), event) == lane.waiters.end()) lane.waiters.push_back(event);
    if (lane.producer) {
      (void)lane.producer->LookForRoom();
    } else {
      (void)lane.consumer->Look();
    }
  }
}

void Unwatch(HostChannel& channel, Direction direction, ActivityEvent* event) {
  for (uint32_t i = 0; i < channel.lane_count(direction); ++i) {
    std::erase(channel.lane(direction, i).waiters, event);
  }
}

absl::Status Closed(const HostChannel& channel) {
  return Refuse(Reason::kCHANNEL_CLOSED, absl::StrCat("channel ", channel.name(), " was closed"),
                {{"channel", channel.name()}});
}

absl::Status NoLane(const HostChannel& channel, absl::string_view direction) {
  return Refuse(Reason::kLANE_NOT_FOUND, absl::StrCat("channel ", channel.name(), " has no ", direction, " lane"),
                {{"channel", channel.name()}, {"lane_count", "0"}});
}

absl::Status Poisoned(const HostChannel& channel, uint32_t lane, const Poison& poison) {
  return Refuse(
      Reason::kLANE_POISONED,
      absl::StrCat("channel ", channel.name(), " lane ", lane, " is poisoned: ", PoisonName(poison.reason), ", ",
                   poison.evidence),
      {{"channel", channel.name()}, {"lane", absl::StrCat(lane)}, {"poison", std::string(PoisonName(poison.reason))}});
}

absl::Status WouldBlock(absl::string_view what, absl::Duration timeout) {
  return Refuse(Reason::kWOULD_BLOCK, absl::StrCat(what, " within ", absl::FormatDuration(timeout)),
                {{"timeout", absl::FormatDuration(timeout)}});
}

}  // namespace

absl::StatusOr<std::shared_ptr<HostChannel>> ChipCalls::OpenChannel(absl::string_view name,
                                                                    const ChannelConfig& config) {
  absl::StatusOr<ChannelConfig> complete = CompleteChannelConfig(config, worker_.options().limits);
  if (!complete.ok()) return complete.status();
  ChipLock lock(worker_);
  absl::StatusOr<Opened<HostChannel>> opened = worker_.objects().OpenChannel(name, *complete);
  if (!opened.ok()) return opened.status();
  return std::move(opened->object);
}

void ChipCalls::CloseChannel(HostChannel& channel) {
  ChipLock lock(worker_);
  worker_.objects().CloseChannel(channel);
  next_lane_.erase(channel.generation());
}

absl::Status ChipCalls::ResetLane(HostChannel& channel, Direction direction, uint32_t lane) {
  ChipLock lock(worker_);
  if (channel.closed()) return Closed(channel);
  return worker_.objects().ResetLane(channel, direction, lane);
}

absl::Status ChipCalls::CheckMessages(const HostChannel& channel, absl::Span<const OutgoingMessage> messages) const {
  if (channel.lane_count(Direction::kHostToChip) == 0) return NoLane(channel, "host_to_chip");
  const uint32_t most = channel.config().lane.max_message_bytes;
  for (const OutgoingMessage& message : messages) {
    if (message.payload.size() <= most) continue;
    return Refuse(Reason::kMESSAGE_TOO_LARGE,
                  absl::StrCat("lane ", channel.LaneOfRoute(Direction::kHostToChip, message.route), ": message of ",
                               message.payload.size(), " bytes > max_message_bytes ", most),
                  {{"max_message_bytes", absl::StrCat(most)}, {"bytes", absl::StrCat(message.payload.size())}});
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> ChipCalls::TrySend(HostChannel& channel, absl::Span<const OutgoingMessage> messages) {
  if (channel.closed()) return Closed(channel);
  size_t sent = 0;
  absl::Status status;
  for (; sent < messages.size(); ++sent) {
    const uint32_t index = channel.LaneOfRoute(Direction::kHostToChip, messages[sent].route);
    LaneProducer& lane = *channel.lane(Direction::kHostToChip, index).producer;
    const LaneResult result = lane.Stage(messages[sent]);
    if (result == LaneResult::kPoisoned) status = Poisoned(channel, index, *lane.poison());
    if (result != LaneResult::kOk) break;
  }
  for (uint32_t i = 0; i < channel.lane_count(Direction::kHostToChip); ++i) {
    channel.lane(Direction::kHostToChip, i).producer->Publish();
  }
  if (sent == 0 && !status.ok()) return status;
  return sent;
}

absl::StatusOr<size_t> ChipCalls::ChannelSend(HostChannel& channel, absl::Span<const OutgoingMessage> messages,
                                              absl::Duration timeout) {
  absl::Status status = CheckMessages(channel, messages);
  if (!status.ok() || messages.empty()) return status.ok() ? absl::StatusOr<size_t>(0) : status;
  const MonoTime deadline = After(MonoNow(), timeout);
  ActivityEvent event;
  bool watching = false;
  for (;;) {
    {
      ChipLock lock(worker_);
      if (watching) Watch(channel, Direction::kHostToChip, &event);
      absl::StatusOr<size_t> sent = TrySend(channel, messages);
      if (!sent.ok() || *sent > 0) {
        Unwatch(channel, Direction::kHostToChip, &event);
        return sent;
      }
    }
    if (std::exchange(watching, true) && event.Wait(deadline)) continue;
    if (MonoNow() < deadline) continue;
    ChipLock lock(worker_);
    Unwatch(channel, Direction::kHostToChip, &event);
    return WouldBlock(absl::StrCat("channel ", channel.name(), ": no room"), timeout);
  }
}

absl::Status ChipCalls::ChannelSend(HostChannel& channel, const OutgoingMessage& message, absl::Duration timeout) {
  return ChannelSend(channel, absl::MakeConstSpan(&message, 1), timeout).status();
}

LaneResult ChipCalls::TakeOne(HostChannel& channel, uint32_t index, std::vector<ReceivedMessage>* messages) {
  LaneConsumer& lane = *channel.lane(Direction::kChipToHost, index).consumer;
  LaneResult result = lane.published() > lane.delivered() ? LaneResult::kOk : lane.Poll();
  MessageHeader header;
  if (result == LaneResult::kOk) result = lane.Next(&header);
  if (result != LaneResult::kOk) return result;
  ReceivedMessage message{index, header, std::string(header.payload_bytes, '\0')};
  result = lane.CopyNext(absl::MakeSpan(reinterpret_cast<std::byte*>(message.payload.data()), message.payload.size()));
  if (result != LaneResult::kOk) return result;
  lane.Advance();
  messages->push_back(std::move(message));
  return LaneResult::kOk;
}

absl::Status ChipCalls::TryRecv(HostChannel& channel, size_t most, std::vector<ReceivedMessage>* messages) {
  if (channel.closed()) return Closed(channel);
  const uint32_t lanes = channel.lane_count(Direction::kChipToHost);
  uint32_t& next = next_lane_[channel.generation()];
  absl::Status poisoned;
  for (uint32_t idle = 0; idle < lanes && messages->size() < most;) {
    const uint32_t index = next++ % lanes;
    const LaneResult result = TakeOne(channel, index, messages);
    if (result == LaneResult::kPoisoned) {
      poisoned = Poisoned(channel, index, *channel.lane(Direction::kChipToHost, index).poison());
    }
    idle = result == LaneResult::kOk ? 0 : idle + 1;
  }
  for (const ReceivedMessage& message : *messages) {
    (void)channel.lane(Direction::kChipToHost, message.lane).consumer->Ack(message.header.sequence + 1);
  }
  return messages->empty() ? poisoned : absl::OkStatus();
}

absl::StatusOr<std::vector<ReceivedMessage>> ChipCalls::ChannelRecv(HostChannel& channel, size_t most,
                                                                    absl::Duration timeout) {
  if (channel.lane_count(Direction::kChipToHost) == 0) return NoLane(channel, "chip_to_host");
  const MonoTime deadline = After(MonoNow(), timeout);
  ActivityEvent event;
  std::vector<ReceivedMessage> messages;
  bool watching = false;
  for (;;) {
    {
      ChipLock lock(worker_);
      if (watching) Watch(channel, Direction::kChipToHost, &event);
      absl::Status status = TryRecv(channel, most, &messages);
      if (!status.ok() || !messages.empty()) {
        Unwatch(channel, Direction::kChipToHost, &event);
        if (!status.ok()) return status;
        return messages;
      }
    }
    if (std::exchange(watching, true) && event.Wait(deadline)) continue;
    if (MonoNow() < deadline) continue;
    ChipLock lock(worker_);
    Unwatch(channel, Direction::kChipToHost, &event);
    return WouldBlock(absl::StrCat("channel ", channel.name(), ": no message"), timeout);
  }
}

bool ChipCalls::AwaitChipState(ChipState state, absl::Duration timeout) {
  const MonoTime deadline = After(MonoNow(), timeout);
  ActivityEvent event;
  {
    ChipLock lock(worker_);
    worker_.AddChipListener(&event);
  }
  for (bool waiting = true;; waiting = event.Wait(deadline)) {
    ChipLock lock(worker_);
    if (waiting && worker_.state() != state) continue;
    worker_.RemoveChipListener(&event);
    return worker_.state() == state;
  }
}

}  // namespace l3link
