#include "client/route_streams.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/errors.h"

namespace l3link::client {
namespace {

constexpr absl::Duration kDetachTimeout = absl::Seconds(2);

absl::Status NoLane(const v1::ChannelId& channel, const Connection& connection, std::string_view direction) {
  return NameNode(MakeError(absl::StatusCode::kInvalidArgument, v1::DIRECTION_NOT_HELD,
                            absl::StrCat("channel ", channel.name(), " has no ", std::string(direction), " lane")),
                  connection.name());
}

absl::Status ChannelClosed(const v1::ChannelId& channel, const Connection& connection) {
  return NameNode(MakeError(absl::StatusCode::kAborted, v1::CHANNEL_CLOSED,
                            absl::StrCat("channel ", channel.name(), " is closed; open it again")),
                  connection.name());
}

}  // namespace

RouteStreams::RouteStreams(std::shared_ptr<Connection> connection, const v1::Channel& info)
    : connection_(std::move(connection)),
      channel_(info.id()),
      senders_count_(info.config().host_to_chip_lanes()),
      senders_(info.config().host_to_chip_lanes()),
      receivers_(info.config().chip_to_host_lanes()) {}

RouteStreams::~RouteStreams() {
  MutexLock lock(opening_);
  for (Lanes* lanes : {&senders_, &receivers_}) {
    for (const auto& stream : *lanes) {
      if (stream != nullptr) stream->Close(kDetachTimeout, absl::ZeroDuration()).IgnoreError();
    }
    lanes->clear();
  }
}

absl::StatusOr<std::shared_ptr<StreamDriver>> RouteStreams::Lane(Lanes& lanes, uint32_t lane, bool sends) {
  std::shared_ptr<StreamDriver>& stream = lanes[lane];
  if (stream != nullptr) return stream;
  StreamOptions options;
  (sends ? options.send : options.receive) = LaneChoice::Lane(lane);
  auto fresh = std::make_shared<StreamDriver>(connection_, channel_, options, [this] {
    MutexLock lock(mutex_);
    ++arrivals_;
    arrived_.WakeAll();
  });
  if (absl::Status status = fresh->Open(); !status.ok()) return status;
  stream = std::move(fresh);
  return stream;
}

absl::Status RouteStreams::Send(const OutgoingMessage& message, absl::Duration timeout, uint64_t most_unpublished) {
  std::shared_ptr<StreamDriver> stream;
  const size_t lane = senders_count_ == 0 ? 0 : message.route % senders_count_;
  {
    MutexLock lock(opening_);
    if (senders_.empty()) return NoLane(channel_, *connection_, "host_to_chip");
    if (channel_closed_.load(std::memory_order_acquire)) {
      const bool tells_its_end = senders_[lane] != nullptr && !senders_[lane]->status().ok();
      if (!tells_its_end) return ChannelClosed(channel_, *connection_);
    }
    auto opened = Lane(senders_, lane, true);
    if (!opened.ok()) return opened.status();
    stream = *std::move(opened);
  }
  const absl::StatusOr<size_t> taken = stream->Send({&message, 1}, timeout, most_unpublished);
  if (!taken.ok()) {
    MutexLock lock(opening_);
    if (!stream->status().ok() && senders_[lane] == stream)
      senders_[lane].reset();  // told now; the next use begins anew
    return taken.status();
  }
  if (*taken == 1) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDeadlineExceeded, v1::WOULD_BLOCK,
                   "the send window is full: the chip takes no more");
}

RouteStreams::Lanes RouteStreams::OpenReceivers(absl::Status* trouble) {
  MutexLock lock(opening_);
  if (receivers_.empty()) *trouble = NoLane(channel_, *connection_, "chip_to_host");
  for (uint32_t lane = 0; lane < receivers_.size(); ++lane) {
    if (auto opened = Lane(receivers_, lane, false); !opened.ok()) *trouble = opened.status();
  }
  return receivers_;
}

template <typename TakeFrom>
absl::StatusOr<ReceivedBatch> RouteStreams::Probe(const Lanes& lanes, TakeFrom take_from) {
  size_t turn;
  {
    MutexLock lock(mutex_);
    turn = turn_;
  }
  absl::Status trouble;
  for (size_t i = 0; i < lanes.size(); ++i) {
    const size_t lane = (turn + i) % lanes.size();
    if (lanes[lane] == nullptr) continue;
    absl::StatusOr<ReceivedBatch> batch = take_from(*lanes[lane]);
    if (batch.ok() && batch->empty()) continue;
    const bool too_large = HasReason(batch.status(), v1::MESSAGE_TOO_LARGE);
    if (!batch.ok() && !too_large) {
      trouble = batch.status();
      continue;
    }
    MutexLock lock(mutex_);
    turn_ = too_large ? lane : lane + 1;
    return batch;
  }
  if (!trouble.ok()) return trouble;
  return ReceivedBatch();
}

// The next use begins anew.
void RouteStreams::ForgetEnded(const absl::Status& told) {
  MutexLock lock(opening_);
  for (auto& stream : receivers_) {
    if (stream != nullptr && stream->status() == told) stream.reset();
  }
}

template <typename TakeFrom>
absl::StatusOr<ReceivedBatch> RouteStreams::ReceiveBy(TakeFrom take_from, absl::Duration timeout) {
  absl::Status trouble;
  const Lanes lanes = OpenReceivers(&trouble);
  const MonoTime deadline = After(MonoNow(), timeout);
  while (true) {
    uint64_t seen;
    {
      MutexLock lock(mutex_);
      seen = arrivals_;
    }
    absl::StatusOr<ReceivedBatch> batch = Probe(lanes, take_from);
    if (!batch.ok()) ForgetEnded(batch.status());
    if (!batch.ok() || !batch->empty()) return batch;
    if (!trouble.ok()) return trouble;
    MutexLock lock(mutex_);
    while (arrivals_ == seen && MonoNow() < deadline) connection_->poller().Wait(arrived_, mutex_, deadline);
    if (arrivals_ == seen) return MakeError(absl::StatusCode::kDeadlineExceeded, v1::WOULD_BLOCK, "no message came");
  }
}

absl::StatusOr<ReceivedBatch> RouteStreams::Receive(absl::Duration timeout) {
  return ReceiveBy([](StreamDriver& lane) { return lane.Receive(1, absl::ZeroDuration()); }, timeout);
}

absl::Status RouteStreams::ReceiveInto(IncomingMessage* message, absl::Duration timeout) {
  const absl::StatusOr<ReceivedBatch> batch =
      ReceiveBy([message](StreamDriver& lane) { return lane.ReceiveFitting(message); }, timeout);
  if (!batch.ok()) return batch.status();
  const std::string_view payload = batch->front().payload;
  if (!payload.empty()) std::memcpy(message->room.data(), payload.data(), payload.size());
  return absl::OkStatus();
}

absl::Status RouteStreams::Flush(absl::Duration timeout) {
  Lanes lanes;
  {
    MutexLock lock(opening_);
    lanes = senders_;
  }
  const MonoTime deadline = After(MonoNow(), timeout);
  for (const auto& stream : lanes) {
    if (stream == nullptr) continue;
    if (absl::Status status = stream->Flush(Between(MonoNow(), deadline)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace l3link::client
