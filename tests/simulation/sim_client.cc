#include "tests/simulation/sim_client.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/errors.h"
#include "tests/simulation/content.h"

namespace l3link::simulation {

using client::LaneChoice;
using client::StreamSession;
namespace {

// What a node's refusal is on the client's side, as the wire would carry it.
absl::Status AsTold(const absl::Status& status) {
  const absl::optional<Refusal> refusal = RefusalOf(status);
  v1::Reason reason;
  if (!refusal.has_value() || !v1::Reason_Parse(std::string(refusal->row->name), &reason)) return status;
  client::ErrorMetadata metadata;
  for (const auto& [key, value] : refusal->metadata) metadata.emplace(key, value);
  return client::MakeError(status.code(), reason, std::string(status.message()), metadata);
}

}  // namespace

SimClient::SimClient(World* world, Oracle* oracle, SimNetwork* network, uint32_t index, int* newest_session,
                     uint64_t* newest_content)
    : world_(*world),
      oracle_(*oracle),
      network_(*network),
      index_(index),
      newest_session_(*newest_session),
      newest_content_(*newest_content) {}

void SimClient::Wrong(const std::string& what) {
  world_.Fail(absl::StrCat("client ", index_, ", session ", stored_.session, ": ", what));
}

LaneTruth* SimClient::SendTruth() {
  if (!ever_attached_ || !attached_.has_host_to_chip()) return nullptr;
  LaneTruth& lane = oracle_.lane(Direction::kHostToChip, attached_.host_to_chip().lane());
  return lane.generation == attached_.host_to_chip().generation() ? &lane : nullptr;
}

LaneTruth* SimClient::ReceiveTruth() {
  if (!ever_attached_ || !attached_.has_chip_to_host()) return nullptr;
  LaneTruth& lane = oracle_.lane(Direction::kChipToHost, attached_.chip_to_host().lane());
  return lane.generation == attached_.chip_to_host().generation() ? &lane : nullptr;
}

// Another session; or, rarely, the name of one that is over, or one that never was.
void SimClient::ChooseAnew() {
  const bool same_name = stored_.session != 0 && world_.random.Chance(250);
  const int session = same_name ? stored_.session : ++newest_session_;
  processed_under_this_name_ = same_name ? std::max(processed_under_this_name_, stored_.processed) : 0;
  stored_ = {};
  stored_.session = session;
  auto choose = [&] {
    return world_.random.Chance(150) ? LaneChoice::AnyFree()
                                     : LaneChoice::Lane(static_cast<uint32_t>(world_.random.Below(world_.knobs.lanes)));
  };
  const uint64_t roles = world_.random.Below(6);
  if (roles != 0) stored_.send = choose();
  if (roles != 1) stored_.receive = choose();
}

client::StreamOptions SimClient::Options() {
  client::StreamOptions options;
  options.send = stored_.send;
  options.receive = stored_.receive;
  options.ack = client::AckMode::kExplicit;
  options.session_id = absl::StrCat("s", stored_.session);
  options.lease_ttl = world_.knobs.ttl;
  options.receive_window_messages = static_cast<uint32_t>(world_.random.Below(world_.knobs.lane_depth + 1));
  if (world_.random.Chance(400)) options.held_wait = absl::Milliseconds(world_.random.Between(50, 1500));
  options.resume = stored_.attached || world_.random.Chance(30);
  if (!stored_.attached) return options;
  options.resume_acked = stored_.processed;
  if (stored_.log != nullptr && !stored_.log->contents.empty())
    options.send_from = std::max(stored_.published, stored_.log->first);
  return options;
}

void SimClient::Begin() {
  if (!resume_) ChooseAnew();
  if (resume_ && stored_.attached) world_.Tally(Count::kClientReturns, "client returns", index_, stored_.session);
  if (resume_ && stored_.attached && world_.random.Chance(100)) {
    stored_.log = nullptr;
    world_.Tally(Count::kClientForgets, "client forgets", index_);
  }
  resume_ = true;
  v1::ChannelId channel;
  channel.set_name("c");
  const client::StreamOptions options = Options();
  if (stored_.log == nullptr) stored_.log = std::make_shared<Log>();
  if (options.resume_acked > 0) {
    LaneTruth& lane = oracle_.lane(Direction::kChipToHost, stored_.receive.value);
    const bool same = lane.generation == attached_.chip_to_host().generation();
    if (same) lane.acked_by_client = std::max(lane.acked_by_client, options.resume_acked);
  }
  session_ = std::make_unique<StreamSession>("node", channel, options, 0.001 * world_.random.Below(1000));
  ever_attached_ = confirming_ = daemon_died_ = false;
  began_ = world_.now;
  StartCall();
}

void SimClient::StartCall() {
  session_->OnCallStarting();
  call_ = network_.Start(index_, stored_.session, stored_.log);
  network_.Write(*call_, *session_->OnCallStarted(world_.now));
  Pump();
}

void SimClient::Pump() {
  while (call_ != nullptr && network_.CanWrite(*call_)) {
    const client::RequestFrame frame = session_->NextFrame(world_.now);
    if (frame == nullptr) break;
    CheckFence(*frame);
    world_.Note("client sends", call_->number, frame->frame_case(), frame->messages().first_sequence());
    network_.Write(*call_, *frame);
  }
  if (session_->state() == StreamSession::State::kEnded) OnEnded();
}

// A client fences itself before the node can have given its lane to another. A renewal moves nothing: by its answer the client
// learns whether a grant that came late still stands.
void SimClient::CheckFence(const v1::StreamRequest& frame) {
  if (frame.has_renew() || oracle_.Excused(stored_.session)) return;
  for (const LaneTruth* lane : {SendTruth(), ReceiveTruth()}) {
    if (lane == nullptr || !lane->held() || oracle_.Holder(*lane) == stored_.session) continue;
    Wrong(
        absl::StrCat("sends frame ", frame.frame_case(), " for a lane that session ", oracle_.Holder(*lane), " holds"));
  }
}

void SimClient::OnAttached(const v1::Attached& attached) {
  const bool first = !std::exchange(ever_attached_, true);
  attached_ = attached;
  confirming_ = session_->state() == StreamSession::State::kAttaching;
  world_.Tally(Count::kAttached, "attached", index_, attached.host_to_chip().next_sequence(),
               attached.chip_to_host().next_sequence());
  if (!first) {
    world_.counters.Add(std::exchange(daemon_died_, false) ? Count::kResumedDaemon : Count::kResumedConnection);
    return;
  }
  daemon_died_ = false;
  const bool resumed = stored_.attached;
  if (resumed) world_.counters.Add(Count::kResumedStored);
  stored_.attached = true;
  if (attached.has_host_to_chip()) {
    const uint64_t next = attached.host_to_chip().next_sequence();
    stored_.send = LaneChoice::Lane(attached.host_to_chip().lane());
    if (stored_.log->contents.empty()) stored_.log->first = next;
    if (next > stored_.log->end()) Wrong(absl::StrCat("the node has ", next, " of ", stored_.log->end(), " messages"));
  }
  if (attached.has_chip_to_host()) {
    stored_.receive = LaneChoice::Lane(attached.chip_to_host().lane());
    const uint64_t received = session_->receive().received();
    LaneTruth* lane = ReceiveTruth();
    // A frame that outlived an earlier life of the same name may have acknowledged what that one had processed.
    const bool by_namesake = received > stored_.processed && received <= processed_under_this_name_;
    if (resumed && received != stored_.processed && !by_namesake && lane != nullptr && !lane->attacked) {
      Wrong(absl::StrCat("resumes at ", received, " after ", stored_.processed, " were processed"));
    }
    stored_.processed = received;
    received_before_ = call_->received_before;
  }
}

void SimClient::OnResponse(SimCall::Response response) {
  if (response.frame == nullptr) {
    network_.Cancel(*std::exchange(call_, nullptr));
    session_->OnCallEnded(AsTold(response.status), world_.now);
    if (session_->state() == StreamSession::State::kEnded) OnEnded();
    return;
  }
  world_.Note("client gets", call_->number, response.frame->frame_case(), response.frame->messages().first_sequence());
  if (response.frame->messages().has_fragment()) world_.counters.Add(Count::kFragments);
  session_->OnFrame(response.frame, world_.now);
  if (session_->state() == StreamSession::State::kEnded) return OnEnded();
  if (response.frame->has_attached()) OnAttached(response.frame->attached());
  if (confirming_ && session_->state() == StreamSession::State::kOpen) {
    confirming_ = false;
    world_.Tally(Count::kConfirmed, "confirmed", index_);
  }
  stored_.published = session_->send().published();
  LaneTruth* lane = SendTruth();
  if (lane != nullptr && !lane->attacked && stored_.published > lane->position) {
    Wrong(absl::StrCat("was told that ", stored_.published, " are published, of ", lane->position));
  }
  if (lane = ReceiveTruth(); lane != nullptr) {
    lane->handed_out = std::max(lane->handed_out, session_->receive().received());
  }
  Pump();
}

void SimClient::OnTime() {
  if (call_ != nullptr && world_.now >= call_->client_learns) {
    network_.Cancel(*std::exchange(call_, nullptr));
    session_->OnCallEnded(absl::UnavailableError("the connection is lost"), world_.now);
  }
  session_->OnTime(world_.now);
  if (session_->state() == StreamSession::State::kEnded) return OnEnded();
  if (!ever_attached_ && Between(began_, world_.now) > absl::Seconds(2)) return Abandon();
  if (call_ != nullptr && session_->ShouldBreakOff(world_.now)) {
    session_->OnBreakingOff();
    network_.Cancel(*std::exchange(call_, nullptr));
    session_->OnCallEnded(absl::CancelledError("broken off"), world_.now);
  }
  if (call_ == nullptr && session_->ShouldStartCall(world_.now)) return StartCall();
  Pump();
}

void SimClient::Send(uint32_t count) {
  if (!ever_attached_ || !session_->sends()) return;
  Log& log = *stored_.log;
  for (; count > 0; --count) {
    const uint64_t next = session_->send().next_sequence();
    const uint64_t id = next < log.end() ? log.contents[next - log.first] : newest_content_ + 1;
    FillContent(id, world_.knobs.max_message_bytes, &payload_);
    const client::OutgoingMessage message{payload_, ContentRoute(id), id};
    if (!session_->CheckSend(message).ok() || !session_->send().HasRoom(payload_.size())) break;
    session_->send().Push(message);
    if (next < log.end()) continue;
    ++newest_content_;
    log.contents.push_back(id);
  }
  Pump();
}

void SimClient::CheckReceived(const client::ReceivedMessage& message) {
  world_.Tally(Count::kReceived, "received", index_, message.sequence, message.correlation_id);
  if (message.redelivered) world_.counters.Add(Count::kRedelivered);
  if (message.sequence != stored_.processed) {
    Wrong(absl::StrCat("received message ", message.sequence, " after ", stored_.processed));
  }
  const LaneTruth* lane = ReceiveTruth();
  if (lane == nullptr || lane->attacked) return;
  if (message.sequence >= lane->contents.size() || lane->contents[message.sequence] != message.correlation_id ||
      message.route != ContentRoute(message.correlation_id) ||
      !IsContent(message.correlation_id, world_.knobs.max_message_bytes, message.payload)) {
    Wrong(absl::StrCat("received message ", message.sequence, " as ", message.correlation_id));
  }
  if (message.sequence < received_before_ && !message.redelivered) {
    Wrong(absl::StrCat("message ", message.sequence, " came again and is not marked"));
  }
}

void SimClient::Receive(uint32_t most) {
  if (!session_->receives()) return;
  const client::ReceivedBatch batch = session_->receive().Take(most);
  for (const client::ReceivedMessage& message : batch) {
    CheckReceived(message);
    stored_.processed = message.sequence + 1;
  }
}

void SimClient::Ack() {
  if (!session_->receives() || !ever_attached_) return;
  if (LaneTruth* lane = ReceiveTruth()) lane->acked_by_client = std::max(lane->acked_by_client, stored_.processed);
  session_->receive().Ack(stored_.processed).IgnoreError();  // never beyond what was taken
  Pump();
}

void SimClient::Detach() {
  session_->RequestDetach();
  Pump();
}

}  // namespace l3link::simulation
