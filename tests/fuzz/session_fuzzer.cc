// Sequences of session operations, on the node and on a model of it.
//
// Clients attach and attach again, send, acknowledge, go away and come back late; time passes; an operator takes lanes; unary
// senders slip in between; the node dies. After every operation the node's answer, its leases, epochs and positions are the
// model's, and the lanes hold what the sessions were told: each accepted message once and in order, each delivered one with its
// bytes; frames of whoever lost its lane have no effect.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/session_books.h"
#include "tests/fuzz/session_model.h"
#include "tests/fuzz/session_node.h"

namespace l3link::fuzz {
namespace {

constexpr const char* kSessions[] = {"ada", "bo", "cy", "di"};

LaneGeometry GeometryOf(FuzzInput& input) {
  LaneGeometry geometry;
  geometry.lane_depth = 1u << input.Below(4);
  geometry.max_message_bytes = 16;
  geometry.alignment = 8;
  geometry.ring_bytes = 32 + 8 * input.Below(12);
  return geometry;
}

class Bench {
 public:
  explicit Bench(FuzzInput* input)
      : input_(*input),
        most_leases_(1 + input_.Below(2)),
        model_(most_leases_),
        node_(GeometryOf(input_), most_leases_) {}

  void Run() {
    for (int steps = 0; steps < 300 && !input_.empty(); ++steps) {
      Step();
      Compare();
    }
  }

 private:
  void Step() {
    const uint8_t what = input_.Byte();
    const int stream = what / 16 % SessionNode::kStreams;
    const bool attached = node_.stream(stream).session != nullptr;
    switch (what % 16) {
      case 0:
      case 1: return attached ? Detach(stream) : Attach(stream);
      case 2:
      case 3:
      case 4: return attached ? Send(stream) : Attach(stream);
      case 5:
      case 6: return attached ? Read(stream) : Attach(stream);
      case 7: return attached ? Ack(stream) : void();
      case 8: return attached ? Drop(stream) : void();
      case 9: return Tick();
      case 10: return SendMomentarily();
      case 11: return input_.Byte() % 4 == 3 ? Release() : Tick();
      case 12: return input_.Byte() % 4 == 3 ? Restart() : Take();
      case 13: return Take();
      default: return Give();
    }
  }

  // --- Operations. ---

  void Attach(int stream) {
    SessionNode::Request request;
    const uint8_t how = input_.Byte();
    request.session = kSessions[how % 4];
    request.resume = (how & 4) != 0;
    if ((how >> 3) % 4 != 0) request.lanes.push_back(kToChip);
    if ((how >> 3) % 4 != 1) request.lanes.push_back(kToHost);
    request.form = (how & 32) != 0 ? v1::FORM_PACKED : v1::FORM_DATA;
    const int64_t ttl = 1000 + 500 * (how >> 6);
    request.ttl = absl::Milliseconds(ttl);
    // Frames of a stream that is about to be superseded on all of its lanes may still be read after that.
    const bool read_on = request.lanes.size() == 2 && input_.Flag();
    for (int i = 0; i < SessionNode::kStreams; ++i) node_.stream(i).reads_on = read_on;
    const Answer expected = model_.Attach(request.session, request.resume, ttl, request.lanes, stream);
    const uint64_t delivered_ever = node_.consumer().delivered_ever();
    const absl::Status status = node_.Attach(stream, request);
    CheckAnswer(expected, status);
    Ended(expected.ended, read_on);
    if (!status.ok()) return;
    Client& client = clients_[stream] = {};
    client.lanes = request.lanes;
    client.next = books_.published.size();
    client.deliver = books_.acked;
    client.ack_most = expected.resumed ? std::max(delivered_ever, books_.acked) : books_.acked;
    const std::optional<v1::StreamResponse> frame = node_.NextFrame(stream);
    FUZZ_CHECK(frame.has_value() && frame->has_attached(), "no answer to attach");
    FUZZ_CHECK(frame->attached().session_id() == request.session, frame->ShortDebugString());
    CheckAttached(expected, request.lanes, books_, frame->attached());
  }

  void Send(int stream) {
    Client& client = clients_[stream];
    v1::StreamRequest frame;
    const uint8_t how = input_.Byte();
    const uint64_t back = how % 8 == 7 ? how / 8 % 8 : 0;
    const uint64_t first = how == 0xff ? client.next + 1 : client.next - std::min(client.next, back);
    frame.mutable_messages()->set_first_sequence(first);
    std::vector<std::string> payloads;
    for (int count = 1 + how / 64; count > 0; --count) {
      payloads.push_back(absl::StrCat(messages_++, "|").substr(0, 16));
      frame.mutable_messages()->add_messages()->set_data(payloads.back());
    }
    frame.mutable_messages()->set_more_follow(how % 3 == 1);
    frame.mutable_messages()->set_renew_token(how % 5 == 1 ? first : 0);
    const bool has_lane = client.Has(kToChip);
    const uint64_t old = std::min<uint64_t>(client.next - std::min(first, client.next), payloads.size());
    const bool fits =
        client.next - node_.producer().published() + payloads.size() - old <= SessionNode::kWindowMessages;
    const bool accepted = has_lane && !client.superseded && first <= client.next && (old == payloads.size() || fits);
    if (accepted) {
      books_.pending.insert(books_.pending.end(), payloads.begin() + old, payloads.end());
      client.next += payloads.size() - old;
    }
    Frame(stream, std::move(frame), accepted);
  }

  void Ack(int stream) {
    Client& client = clients_[stream];
    const uint64_t through = input_.Byte() % 8 == 7 ? input_.Near(client.ack_most) : books_.acked + input_.Below(6);
    v1::StreamRequest frame;
    frame.mutable_ack()->set_through(through);
    const bool accepted = client.Has(kToHost) && !client.superseded && through <= client.ack_most;
    if (accepted) books_.acked = std::max(books_.acked, through);
    if (accepted) client.deliver = std::max(client.deliver, through);
    Frame(stream, std::move(frame), accepted);
  }

  void Detach(int stream) {
    v1::StreamRequest frame;
    frame.mutable_detach();
    model_.Detach(stream);
    node_.OnFrame(stream, frame);
    FUZZ_CHECK(node_.stream(stream).session == nullptr, "detached, and goes on");
    Gone(stream);
  }

  // A frame that goes on, or ends the stream: then its lease runs on without it.
  void Frame(int stream, v1::StreamRequest frame, bool accepted) {
    const std::string text = frame.ShortDebugString();
    model_.Renew(stream);
    node_.OnFrame(stream, std::move(frame));
    FUZZ_CHECK((node_.stream(stream).session != nullptr) == accepted,
               absl::StrCat(accepted ? "ended by " : "took ", text));
    if (accepted) return;
    model_.Drop(stream);
    Gone(stream);
  }

  void Drop(int stream) {
    model_.Drop(stream);
    node_.Drop(stream);
    Gone(stream);
  }

  void Read(int stream) {
    Client& client = clients_[stream];
    const uint64_t delivered_ever = node_.consumer().delivered_ever();
    const std::optional<v1::StreamResponse> frame = node_.NextFrame(stream);
    if (!frame.has_value()) return;
    const v1::Messages& messages = frame->messages();
    CheckProgress(books_, *frame);
    if (!frame->has_messages()) return;
    FUZZ_CHECK(!client.superseded && client.Has(kToHost), "delivered to one who does not hold the lane");
    FUZZ_CHECK(messages.first_sequence() == client.deliver, messages.ShortDebugString());
    size_t at = 0;
    for (uint32_t size : messages.packed().sizes()) {
      Delivered(client, messages.packed().payloads().substr(at, size));
      at += size;
    }
    for (const v1::Message& message : messages.messages()) {
      FUZZ_CHECK(message.redelivered() == (client.deliver < delivered_ever), messages.ShortDebugString());
      Delivered(client, message.data());
    }
  }

  void Delivered(Client& client, const std::string& payload) {
    FUZZ_CHECK(client.deliver < books_.given.size() && payload == books_.given[client.deliver],
               absl::StrCat(client.deliver));
    client.ack_most = std::max(client.ack_most, ++client.deliver);
  }

  void Tick() {
    const uint8_t how = input_.Byte();
    const int64_t passed = how % 16 == 15 ? 40 * how : 250 * (1 + how % 4);  // one of them: the node stood still
    now_ += passed;
    const std::vector<int> expired = model_.Tick(now_);
    node_.Tick(absl::Milliseconds(passed));
    Ended(expired, /*read_on=*/false);
  }

  void SendMomentarily() {
    const std::string payload = absl::StrCat(messages_++, "u");
    const uint64_t before = node_.producer().published();
    const absl::Status status = node_.SendMomentarily(payload);
    const bool held = !model_.holder(kToChip).empty();
    FUZZ_CHECK(status.ok() == !held, status.ToString());
    if (held || node_.producer().published() > before) CheckAnswer(model_.Momentary(kToChip), status);
    if (node_.producer().published() > before) books_.pending = {payload};
  }

  void Release() {
    const int lane = input_.Byte() % 2;
    const Answer expected = model_.ReleaseByOperator(lane);
    const absl::StatusOr<RetiredSession> final = node_.ReleaseByOperator(lane);
    FUZZ_CHECK(ReasonNameOf(final.status()) == expected.reason, final.status().ToString());
    if (!final.ok()) return;
    FUZZ_CHECK(final->session_id == expected.metadata.at("session_id"), final->session_id);
    FUZZ_CHECK(absl::StrCat(final->position) == expected.metadata.at("position"), absl::StrCat(final->position));
    Ended(expected.ended, /*read_on=*/false);
  }

  void Restart() {
    for (Client& client : clients_) client = {};
    books_.pending.clear();
    model_.Restart();
    node_.DieAndRecover();
  }

  void Take() {
    const std::optional<std::string> payload = node_.Take();
    FUZZ_CHECK(payload.has_value() == (books_.taken < books_.published.size()), absl::StrCat(books_.taken));
    FUZZ_CHECK(!payload.has_value() || *payload == books_.published[books_.taken], absl::StrCat(books_.taken));
    if (payload.has_value()) ++books_.taken;
  }

  void Give() {
    const std::string payload = input_.Text(16);
    if (node_.Give(payload)) books_.given.push_back(payload);
  }

  // --- What is left of a stream, and what must agree. ---

  void Ended(const std::vector<int>& streams, bool read_on) {
    for (int stream : streams) {
      FUZZ_CHECK(read_on || node_.stream(stream).session == nullptr, "it has no lease");
      const Client client = clients_[stream];
      Gone(stream);
      if (!read_on) continue;
      clients_[stream] = client;
      clients_[stream].superseded = true;
    }
  }
  // What it sent and was not published is nobody's.
  void Gone(int stream) {
    const bool sender = clients_[stream].Has(kToChip) && !clients_[stream].superseded;
    clients_[stream] = {};
    books_.Published(node_.producer().published());
    if (sender) books_.pending.clear();
  }

  void Compare() {
    books_.Published(node_.producer().published());
    FUZZ_CHECK(node_.consumer().acked() == books_.acked, absl::StrCat(node_.consumer().acked(), " != ", books_.acked));
    FUZZ_CHECK(!node_.producer().poison().has_value() && !node_.consumer().poison().has_value(), "an honest chip");
    model_.set_position(kToChip, books_.published.size());
    model_.set_position(kToHost, books_.acked);
    FUZZ_CHECK(node_.leases() == model_.leases(), absl::StrCat(node_.leases(), " leases"));
    for (int lane : {kToChip, kToHost}) {
      const LeaseView view = node_.View(lane);
      FUZZ_CHECK(view.session_id == model_.holder(lane), absl::StrCat("lane ", lane, ": ", view.session_id));
      const bool known = view.epoch > 0;  // a lane that nobody asked for since the restart is not in the table
      FUZZ_CHECK(!known || view.epoch == model_.epoch(lane), absl::StrCat("lane ", lane, ": epoch ", view.epoch));
    }
  }

  FuzzInput& input_;
  const uint64_t most_leases_;
  SessionModel model_;
  SessionNode node_;
  Client clients_[SessionNode::kStreams];
  LaneBooks books_;
  uint64_t messages_ = 0;  // ever made up
  int64_t now_ = 0;
};

}  // namespace
}  // namespace l3link::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  l3link::fuzz::FuzzInput input(data, size);
  l3link::fuzz::Bench(&input).Run();
  return 0;
}
