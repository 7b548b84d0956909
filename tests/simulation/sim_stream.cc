#include "tests/simulation/sim_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/channel/leases.h"

namespace l3link::simulation {

SimStream::Ear::Ear(SimStream* stream, const LaneKey& key)
    : stream_(stream), lane_(&stream->node_.arena.channel().lane(key.direction, key.lane)), key_(key) {
  lane_->listener = this;
}

SimStream::Ear::~Ear() {
  if (lane_->listener == this) lane_->listener = nullptr;
}

void SimStream::Ear::OnLaneActivity() {
  SimStream& stream = *stream_;
  stream.session_->OnActivity(stream.node_.world.now);
  const Actor actor = stream.actor();
  stream.node_.oracle.Observe(&actor);
  stream.Pump();
}

void SimStream::Ear::OnLaneGone(bool channel_closed) {
  SimStream& stream = *stream_;
  const HostLane& lane = stream.node_.arena.channel().lane(key_.direction, key_.lane);
  stream.node_.oracle.LaneReset(stream.node_.oracle.lane(key_.direction, key_.lane));
  stream.session_->OnLaneGone(channel_closed, key_, lane.generation);
  stream.Pump();
}

void SimStream::OnFrame(v1::StreamRequest& frame) {
  switch (phase_) {
    case Phase::kNew: {
      absl::StatusOr<AttachPlan> plan = ReadAttach(frame.attach(), node_.limits);
      if (!plan.ok()) return node_.world.Fail(plan.status().ToString());
      plan_ = *std::move(plan);
      return TryAttach();
    }
    case Phase::kWaiting: early_.push_back(std::move(frame)); return;
    case Phase::kAttached: break;
    case Phase::kOver: return node_.world.Tally(Count::kStaleFrame, "stale frame", call_.number, frame.frame_case());
  }
  Handle(frame);
  Pump();
}

void SimStream::CountFrame(const v1::StreamRequest& frame) {
  node_.world.Note("frame", call_.number, frame.frame_case(), frame.messages().first_sequence());
  const LaneProducer* producer = setup_.producer;
  if (frame.has_messages() && producer != nullptr && frame.messages().first_sequence() < producer->published()) {
    node_.world.counters.Add(Count::kDuplicateFrame);
  }
}

void SimStream::Handle(v1::StreamRequest& frame) {
  if (phase_ != Phase::kAttached) return;
  CountFrame(frame);
  if (lease_ != nullptr && node_.world.plant != Plant::kDeaf) node_.leases.Renew(lease_, node_.world.now);
  node_.oracle.Heard(oracle_lease_);
  const bool detach = frame.has_detach();
  session_->OnFrame(frame, node_.world.now);
  if (detach) node_.world.counters.Add(Count::kDetached);
  const Actor actor = this->actor();
  node_.oracle.Observe(&actor);
}

void SimStream::OnTaken() {
  if (!std::exchange(writing_, false) || phase_ != Phase::kAttached) return;
  session_->OnWritten(node_.world.now);
  Pump();
}

void SimStream::OnTimer() {
  const MonoTime now = node_.world.now;
  if (phase_ == Phase::kWaiting && now >= wait_until_) {
    node_.world.Tally(Count::kWaitOver, "wait over", call_.number);
    return End(held_);
  }
  if (phase_ != Phase::kAttached || session_->next_timer() > now) return;
  session_->OnTimer(now);
  Pump();
}

void SimStream::OnOver() {
  if (phase_ == Phase::kAttached) session_->End(absl::CancelledError("the client is gone"));
  call_.node_gone = true;
  Leave();
}

void SimStream::OnLeaseLost(const absl::Status& why) {
  if (phase_ != Phase::kAttached) return;
  node_.world.Note("lease lost", call_.number, call_.session);
  lease_ = nullptr;
  const bool expired = IsRefusal(why, Reason::kLEASE_EXPIRED);
  if (expired) node_.world.counters.Add(Count::kExpiredAttached);
  const bool superseded = IsRefusal(why, Reason::kSESSION_SUPERSEDED);
  node_.oracle.LeaseOver(oracle_lease_, expired      ? Oracle::Over::kExpired
                                        : superseded ? Oracle::Over::kSuperseded
                                                     : Oracle::Over::kReleased);
  if (node_.world.plant == Plant::kStaleEpoch) {  // goes on as if it were the lane's present one
    if (setup_.producer != nullptr) setup_.to_chip.epoch = setup_.to_chip.record->epoch() + 1;
    if (setup_.consumer != nullptr) setup_.to_host.epoch = setup_.to_host.record->epoch() + 1;
    session_.emplace(setup_, node_.world.now);
    return;
  }
  session_->End(why);
  Pump();
}

void SimStream::OnLeaseTurn() {
  if (phase_ == Phase::kWaiting) TryAttach();
}

void SimStream::Send(std::shared_ptr<const v1::StreamResponse> frame, const absl::Status& status) {
  if (node_.mute || call_.client_gone || call_.lost) return;
  const MonoTime at = After(node_.world.now, absl::Microseconds(node_.world.random.Below(4000)));
  call_.down.push_back({call_.down.empty() ? at : std::max(at, call_.down.back().at), std::move(frame), status});
}

void SimStream::Pump() {
  while (phase_ == Phase::kAttached && !session_->ended() && !writing_) {
    auto frame = std::make_shared<v1::StreamResponse>();
    if (!session_->Fill(frame.get(), node_.world.now)) break;
    node_.world.Note("sends", call_.number, frame->frame_case(), frame->messages().first_sequence());
    Send(std::move(frame), absl::OkStatus());
    const Actor actor = this->actor();
    node_.oracle.Observe(&actor);  // with a fragment's last piece an ack counts that came amid it
    if (call_.down.size() < SimCall::kWritesAhead) {
      session_->OnWritten(node_.world.now);
    } else {
      writing_ = true;
    }
  }
  if (phase_ == Phase::kAttached && session_->ended()) End(session_->status());
}

void SimStream::End(const absl::Status& status) {
  Leave();
  Send(nullptr, status);
}

void SimStream::Leave() {
  if (phase_ == Phase::kOver) return;
  if (phase_ == Phase::kWaiting) node_.leases.LeaveQueue(this);
  phase_ = Phase::kOver;
  early_.clear();
  to_chip_ear_.reset();
  to_host_ear_.reset();
  if (lease_ == nullptr) return;
  Lease* lease = std::exchange(lease_, nullptr);
  if (!session_.has_value() || session_->releases_lanes()) {
    node_.oracle.LeaseOver(oracle_lease_, Oracle::Over::kReleased);
    node_.leases.Detach(lease, node_.world.now);
  } else {
    node_.leases.DropHolder(lease);
  }
}

}  // namespace l3link::simulation
