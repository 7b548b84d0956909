#include "server/channel/unary_send.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/channel/exactly_once.h"
#include "server/channel/held_lane.h"
#include "server/channel/inbound_frame.h"
#include "server/channel/lane_call.h"
#include "server/channel/lane_state.h"
#include "server/channel/wire_time.h"
#include "server/listen/peer.h"

namespace l3link {
namespace {

constexpr Direction kToChip = Direction::kHostToChip;

absl::Status WrongField(const char* field, const std::string& what) {
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD, absl::StrCat(field, ": ", what), {{"field", field}});
}

class SendCall final : public LaneCall {
 public:
  SendCall(Node* node, Leases* leases, grpc::CallbackServerContext* context, const v1::SendRequest* request,
           v1::SendResponse* response)
      : LaneCall(node, leases, context),
        request_(*request),
        response_(*response),
        principal_(PrincipalOf(context->peer())) {}

 private:
  absl::Status Prepare() override;
  absl::optional<absl::Status> Try(MonoTime now, std::vector<HostLane*>* waits_on) override;
  absl::Status TimedOut() override;

  int sent() const { return response_.sequences_size(); }
  bool sequenced() const { return request_.has_sequence(); }
  uint32_t LaneOf(int message) { return channel().LaneOfRoute(kToChip, request_.messages(message).route()); }
  // Done, with what has gone out; or `refusal` when nothing has.
  absl::Status Ended(absl::Status refusal);
  absl::Status SkipDone(const LaneRecord& record);
  void PublishAs(LaneRecord& record, LaneProducer& producer);
  bool StageRun(uint32_t lane, LaneRecord& record, LaneProducer& producer, int* end);

  const v1::SendRequest& request_;
  v1::SendResponse& response_;
  const absl::StatusOr<std::string> principal_;
  std::string scratch_;
};

absl::Status SendCall::Prepare() {
  if (absl::Status status = CheckTimeout(request_.timeout(), "0 or none is one probe"); !status.ok()) return status;
  if (absl::Status status = CheckLane(channel(), kToChip, 0); !status.ok()) return status;
  if (request_.messages_size() == 0) return WrongField("messages", "empty, must be at least one");
  if (static_cast<uint32_t>(request_.messages_size()) > limits().max_unary_messages) {
    return WrongField("messages", absl::StrCat(request_.messages_size(), " > ", limits().max_unary_messages));
  }
  if (request_.session_id().size() > 64) return WrongField("session_id", "longer than 64 bytes");
  if (sequenced() && request_.session_id().empty()) return WrongField("session_id", "needed with sequence");
  if (!principal_.ok()) return principal_.status();
  const uint32_t most = channel().config().lane.max_message_bytes;
  for (int i = 0; i < request_.messages_size(); ++i) {
    if (auto bytes = CheckedBytes(request_.messages(i), i, most); !bytes.ok()) return bytes.status();
    if (sequenced() && LaneOf(i) != LaneOf(0)) return WrongField("messages", "of several lanes, with sequence");
  }
  return absl::OkStatus();
}

absl::Status SendCall::Ended(absl::Status refusal) {
  response_.set_sent(static_cast<uint32_t>(sent()));
  return sent() > 0 ? absl::OkStatus() : std::move(refusal);
}

absl::Status SendCall::TimedOut() {
  return Ended(Refuse(
      Reason::kWOULD_BLOCK,
      absl::StrCat("channel ", channel().name(), ": host_to_chip lane ", LaneOf(0), " is full; nothing was sent"),
      {{"lane", absl::StrCat(LaneOf(0))}}));
}

// Messages that are in the lane from an earlier try of the same session are answered, not sent again.
absl::Status SendCall::SkipDone(const LaneRecord& record) {
  const uint64_t first = request_.sequence() + static_cast<uint64_t>(sent());
  absl::StatusOr<uint64_t> done =
      AlreadySent(record, request_.session_id(), first, static_cast<uint64_t>(request_.messages_size() - sent()));
  if (!done.ok()) return done.status();
  for (uint64_t i = 0; i < *done; ++i) response_.add_sequences(first + i);
  return absl::OkStatus();
}

// The grant first: what is in the lane must never be taken for the session's before.
void SendCall::PublishAs(LaneRecord& record, LaneProducer& producer) {
  if (producer.staged() == 0) return;
  record.Grant(request_.session_id(), {.principal = *principal_});
  producer.Publish();
  record.Published(producer.published());
}

// Stages messages of one lane from the next one on, as many as there are in a row and fit; false: the lane is full.
bool SendCall::StageRun(uint32_t lane, LaneRecord& record, LaneProducer& producer, int* end) {
  for (; *end < request_.messages_size() && LaneOf(*end) == lane; ++*end) {
    const OutgoingMessage message = ToOutgoing(request_.messages(*end), &scratch_);
    if (producer.Stage(message) == LaneResult::kOk) continue;
    PublishAs(record, producer);
    if (producer.LookForRoom() != LaneResult::kOk || producer.Stage(message) != LaneResult::kOk) return false;
  }
  return true;
}

absl::optional<absl::Status> SendCall::Try(MonoTime now, std::vector<HostLane*>* waits_on) {
  while (sent() < request_.messages_size()) {
    const uint32_t lane = LaneOf(sent());
    HostLane& host_lane = channel().lane(kToChip, lane);
    LaneProducer& producer = *host_lane.producer;
    absl::StatusOr<LaneRecord*> record = leases().Momentary(LaneNowOf(channel(), kToChip, lane), now);
    if (!record.ok()) return Ended(record.status());
    if (absl::Status owner = (*record)->CheckOwner(request_.session_id(), *principal_); !owner.ok())
      return Ended(owner);
    if (sequenced()) {
      if (absl::Status status = SkipDone(**record); !status.ok()) return Ended(status);
      if (sent() == request_.messages_size()) break;
    }
    const uint64_t published = producer.published();
    int end = sent();
    const bool all_fit = StageRun(lane, **record, producer, &end);
    if (end > sent()) {
      PublishAs(**record, producer);
      for (uint64_t i = published; sent() < end; ++i) response_.add_sequences(i);
    }
    if (producer.poison().has_value()) {
      return Ended(PoisonRefusal((*record)->key(), *producer.poison(), producer.published()));
    }
    if (!all_fit) {
      waits_on->push_back(&host_lane);
      return absl::nullopt;
    }
  }
  return Ended(absl::OkStatus());
}

}  // namespace

grpc::ServerUnaryReactor* StartSend(Node& node, Leases& leases, grpc::CallbackServerContext* context,
                                    const v1::SendRequest* request, v1::SendResponse* response) {
  const absl::Duration timeout = request->has_timeout() ? DurationOf(request->timeout()) : absl::ZeroDuration();
  return LaneCall::Start(std::make_shared<SendCall>(&node, &leases, context, request, response), request->channel(),
                         timeout);
}

}  // namespace l3link
