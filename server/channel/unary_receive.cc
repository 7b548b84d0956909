#include "server/channel/unary_receive.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/channel/find_channel.h"
#include "server/channel/held_lane.h"
#include "server/channel/lane_call.h"
#include "server/channel/lane_state.h"
#include "server/channel/message_body.h"
#include "server/channel/outbound_lane.h"
#include "server/channel/wire_time.h"

namespace l3link {
namespace {

constexpr Direction kToHost = Direction::kChipToHost;
// Of one answer beyond its first message: clients take 4 MiB by default.
constexpr uint64_t kMostAnswerBytes = uint64_t{3} << 20;

class ReceiveCall final : public LaneCall {
 public:
  ReceiveCall(Node* node, Leases* leases, grpc::CallbackServerContext* context, const v1::ReceiveRequest* request,
              v1::ReceiveResponse* response)
      : LaneCall(node, leases, context), request_(*request), response_(*response) {}

 private:
  // A lane that this call may take from now.
  struct Open {
    uint32_t lane;
    HostLane* host_lane;
    LaneRecord* record;
    bool empty = false;
  };

  absl::Status Prepare() override;
  absl::optional<absl::Status> Try(MonoTime now, std::vector<HostLane*>* waits_on) override;
  absl::Status TimedOut() override { return refusal_; }

  bool acks() const { return !request_.has_ack() || request_.ack(); }
  bool Full() const;
  std::vector<Open> OpenLanes(MonoTime now);
  void TakeOne(Open& open);
  void Give(Open& open);

  const v1::ReceiveRequest& request_;
  v1::ReceiveResponse& response_;
  uint64_t answer_bytes_ = 0;
  absl::Status refusal_;  // of a lane that could not be taken from: told when there is nothing else
};

absl::Status ReceiveCall::Prepare() {
  if (absl::Status status = CheckTimeout(request_.timeout(), "0 or none is one probe"); !status.ok()) return status;
  if (request_.form() != v1::FORM_PACKED) return CheckLane(channel(), kToHost, request_.lane());
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD, "form: PACKED is for streams", {{"field", "form"}});
}

bool ReceiveCall::Full() const {
  const uint32_t most = std::min(std::max(request_.max_messages(), 1u), limits().max_unary_messages);
  return static_cast<uint32_t>(response_.messages_size()) >= most || answer_bytes_ >= kMostAnswerBytes;
}

// In fair turn over calls as well: each begins one lane further.
std::vector<ReceiveCall::Open> ReceiveCall::OpenLanes(MonoTime now) {
  static std::atomic<uint32_t> turn{0};  // relaxed: any start is as good
  const uint32_t count = request_.has_lane() ? 1 : channel().lane_count(kToHost);
  const uint32_t first = request_.has_lane() ? request_.lane() : turn.fetch_add(1, std::memory_order_relaxed);
  std::vector<Open> lanes;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t lane = request_.has_lane() ? first : (first + i) % count;
    absl::StatusOr<LaneRecord*> record = leases().Momentary(LaneNowOf(channel(), kToHost, lane), now);
    if (!record.ok()) {
      refusal_ = record.status();
      continue;
    }
    HostLane& host_lane = channel().lane(kToHost, lane);
    host_lane.consumer->Rewind(host_lane.consumer->acked());
    lanes.push_back({lane, &host_lane, *record});
  }
  return lanes;
}

void ReceiveCall::TakeOne(Open& open) {
  LaneConsumer& consumer = *open.host_lane->consumer;
  MessageHeader header;
  LaneResult result = consumer.Next(&header);
  if (result == LaneResult::kEmpty && consumer.Look() == LaneResult::kOk) result = consumer.Next(&header);
  open.empty = true;  // unless a message is taken
  std::string payload(result == LaneResult::kOk ? header.payload_bytes : 0, '\0');
  if (result == LaneResult::kOk) {
    result = consumer.CopyNext({reinterpret_cast<std::byte*>(payload.data()), payload.size()});
  }
  if (consumer.poison().has_value()) {
    refusal_ = PoisonRefusal(open.record->key(), *consumer.poison(), consumer.acked());
  }
  if (result != LaneResult::kOk) return;
  if (absl::Status text = CheckText(request_.form(), payload, open.lane, header.sequence); !text.ok()) {
    refusal_ = text;
    consumer.Rewind(consumer.delivered());  // as if it had not been looked at
    return;
  }
  consumer.Advance();
  open.empty = false;
  answer_bytes_ += payload.size();
  v1::Message* message = response_.add_messages();
  message->set_route(header.route);
  message->set_correlation_id(header.correlation_id);
  message->set_sequence(header.sequence);
  message->set_redelivered(header.redelivered);
  message->set_lane(open.lane);
  SetBody(request_.form(), std::move(payload), message);
}

// What was taken leaves the ring before the answer leaves the node: at most once.
void ReceiveCall::Give(Open& open) {
  LaneConsumer& consumer = *open.host_lane->consumer;
  if (!acks()) consumer.JournalDelivered();
  if (!acks() || consumer.delivered() == consumer.acked()) return;
  open.record->Grant("");
  if (consumer.Ack(consumer.delivered())) open.record->Acked(consumer.acked());
}

absl::optional<absl::Status> ReceiveCall::Try(MonoTime now, std::vector<HostLane*>* waits_on) {
  std::vector<Open> lanes = OpenLanes(now);
  if (lanes.empty()) return refusal_;
  refusal_ = absl::OkStatus();  // some are held: the others can be waited for
  for (bool any = true; any && !Full();) {
    any = false;
    for (Open& open : lanes) {
      if (open.empty || Full()) continue;
      TakeOne(open);
      any = any || !open.empty;
    }
  }
  for (Open& open : lanes) Give(open);
  if (response_.messages_size() > 0) return absl::OkStatus();
  if (IsRefusal(refusal_, Reason::kNOT_UTF8) || (lanes.size() == 1 && !refusal_.ok())) return refusal_;
  for (Open& open : lanes) waits_on->push_back(open.host_lane);
  return absl::nullopt;
}

}  // namespace

grpc::ServerUnaryReactor* StartReceive(Node& node, Leases& leases, grpc::CallbackServerContext* context,
                                       const v1::ReceiveRequest* request, v1::ReceiveResponse* response) {
  const absl::Duration timeout = request->has_timeout() ? DurationOf(request->timeout()) : absl::ZeroDuration();
  return LaneCall::Start(std::make_shared<ReceiveCall>(&node, &leases, context, request, response), request->channel(),
                         timeout);
}

absl::Status AckLane(Node& node, Leases& leases, const v1::AckRequest& request,
                     v1::AckResponse* response) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  absl::StatusOr<ChipWorker*> worker = node.FindWorker(request.channel().worker_id());
  if (!worker.ok()) return worker.status();
  ChipLock lock(**worker);
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = FindChannel(**worker, request.channel());
  if (!channel.ok()) return channel.status();
  if (absl::Status status = CheckLane(**channel, kToHost, request.lane()); !status.ok()) return status;
  absl::StatusOr<LaneRecord*> record =
      leases.of(**worker).Momentary(LaneNowOf(**channel, kToHost, request.lane()), MonoNow());
  if (!record.ok()) return record.status();
  LaneConsumer& consumer = *(*channel)->lane(kToHost, request.lane()).consumer;
  if (request.through() > consumer.delivered_ever()) {
    return Refuse(
        Reason::kACK_BEYOND_DELIVERED,
        absl::StrCat(LaneLabel((*record)->key()), ": ack through ", request.through(), " > ", consumer.delivered_ever(),
                     " delivered"),
        {{"through", absl::StrCat(request.through())}, {"delivered", absl::StrCat(consumer.delivered_ever())}});
  }
  if (request.through() > consumer.acked()) {
    if (AckThrough(consumer, request.through())) {
      (*record)->Grant("");
      (*record)->Acked(consumer.acked());
    }
  }
  if (consumer.poison().has_value()) return PoisonRefusal((*record)->key(), *consumer.poison(), consumer.acked());
  response->set_consumed(consumer.acked());
  return absl::OkStatus();
}

}  // namespace l3link
