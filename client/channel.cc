#include "client/channel.h"

#include <utility>

#include "client/connection.h"
#include "client/durations.h"
#include "client/errors.h"
#include "client/route_streams.h"

namespace l3link::client {
namespace {

// Beyond a drain's own time, for the answer.
constexpr absl::Duration kAnswerSlack = absl::Seconds(5);

}  // namespace

Channel::Channel(std::shared_ptr<Connection> connection, v1::Channel info, bool created)
    : connection_(std::move(connection)),
      info_(std::move(info)),
      created_(created),
      streams_(std::make_unique<RouteStreams>(connection_, info_)) {}

Channel::~Channel() = default;

absl::StatusOr<v1::Channel> Channel::Refresh() const {
  v1::GetChannelRequest request;
  *request.mutable_channel() = id();
  auto answer = connection_->Call(connection_->channels(), &v1::ChannelService::Stub::GetChannel, request);
  if (!answer.ok()) return answer.status();
  return answer->channel();
}

absl::StatusOr<std::unique_ptr<LaneStream>> Channel::OpenStream(const StreamOptions& options) const {
  return LaneStream::Open(connection_, id(), options);
}

absl::Status Channel::Send(const OutgoingMessage& message, absl::Duration timeout) {
  const absl::Status legal = CheckTimeout("timeout", timeout);
  return legal.ok() ? streams_->Send(message, timeout) : legal;
}

absl::Status Channel::SendWithinDepth(const OutgoingMessage& message, absl::Duration timeout) {
  const absl::Status legal = CheckTimeout("timeout", timeout);
  return legal.ok() ? streams_->Send(message, timeout, config().lane_depth()) : legal;
}

absl::StatusOr<ReceivedBatch> Channel::Receive(absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  return streams_->Receive(timeout);
}

absl::Status Channel::ReceiveInto(IncomingMessage* message, absl::Duration timeout) {
  const absl::Status legal = CheckTimeout("timeout", timeout);
  return legal.ok() ? streams_->ReceiveInto(message, timeout) : legal;
}

absl::Status Channel::Flush(absl::Duration timeout) {
  const absl::Status legal = CheckTimeout("timeout", timeout);
  return legal.ok() ? streams_->Flush(timeout) : legal;
}

absl::StatusOr<v1::PeekResponse> Channel::Peek(v1::Direction direction, uint32_t lane, uint32_t max_messages,
                                               v1::Form form) const {
  v1::PeekRequest request;
  *request.mutable_channel() = id();
  request.set_direction(direction);
  request.set_lane(lane);
  request.set_max_messages(max_messages);
  request.set_form(form);
  return connection_->Call(connection_->channels(), &v1::ChannelService::Stub::Peek, request);
}

absl::StatusOr<uint64_t> Channel::Close(bool drain, absl::Duration timeout) {
  if (absl::Status legal = CheckTimeout("timeout", timeout); !legal.ok()) return legal;
  v1::CloseChannelRequest request;
  *request.mutable_channel() = id();
  request.set_drain(drain);
  if (drain) *request.mutable_timeout() = ToProto(timeout);
  auto answer = connection_->Call(connection_->channels(), &v1::ChannelService::Stub::CloseChannel, request,
                                  drain ? timeout + kAnswerSlack : connection_->options().call_timeout);
  if (answer.ok() || HasReason(answer.status(), v1::CHANNEL_NOT_FOUND)) streams_->OnChannelClosed();
  if (!answer.ok()) return answer.status();
  return answer->dropped();
}

}  // namespace l3link::client
