#include "tests/fuzz/session_node.h"

#include <utility>

#include "backends/host/refusal.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/session_model.h"

namespace l3link::fuzz {

void SessionNode::Stream::OnLeaseLost(const absl::Status& why) {
  lease = nullptr;
  if (!reads_on || !IsRefusal(why, Reason::kSESSION_SUPERSEDED)) session->End(why);
}

SessionNode::SessionNode(const LaneGeometry& geometry, uint64_t most_leases)
    : geometry_(geometry), most_leases_(most_leases), memory_{LaneMemory(geometry), LaneMemory(geometry)} {
  Build();
}

void SessionNode::Build() {
  for (int lane : {kToChip, kToHost}) journals_[lane] = std::make_unique<LaneJournal>(memory_[lane].LoadedJournal());
  producer_ = std::make_unique<LaneProducer>(memory_[kToChip].base(), geometry_, &memory_[kToChip].bell,
                                             journals_[kToChip].get());
  consumer_ = std::make_unique<LaneConsumer>(memory_[kToHost].base(), geometry_, &memory_[kToHost].bell,
                                             journals_[kToHost].get());
  producer_->Recover();
  consumer_->Recover();
  budget_ = std::make_unique<Budget>("leases", most_leases_);
  table_ = std::make_unique<LeaseTable>(budget_.get());
}

void SessionNode::DieAndRecover() {
  for (Stream& stream : streams_) {
    stream.session.reset();
    stream.lease = nullptr;
  }
  table_.reset();
  Build();
  table_->Restore({Now(kToChip), Now(kToHost)}, now_);
}

LaneKey SessionNode::Key(int lane) { return {1, static_cast<Direction>(lane), 0}; }

LaneNow SessionNode::Now(int lane) const {
  const uint64_t position = lane == kToChip ? producer_->published() : consumer_->acked();
  const uint64_t consumed = lane == kToChip ? producer_->consumed() : position;
  return {Key(lane), journals_[lane]->hot().generation, position, consumed, journals_[lane].get()};
}

absl::Status SessionNode::Attach(int index, const Request& request) {
  Stream& stream = streams_[index];
  FUZZ_CHECK(stream.session == nullptr, "attached already");
  LeaseRequest asked{request.session, request.resume, request.ttl, {}};
  for (int lane : request.lanes) asked.lanes.push_back(Now(lane));
  const absl::StatusOr<Lease*> lease = table_->Attach(asked, &stream, now_);
  for (Stream& other : streams_) Settle(other);  // those that were superseded
  if (!lease.ok()) return lease.status();
  SessionSetup setup;
  setup.session_id = request.session;
  setup.lease_ttl = request.ttl;
  setup.resumed = (*lease)->resumed();
  setup.max_frame_bytes = 256;
  for (size_t i = 0; i < request.lanes.size(); ++i) {
    const HeldLane held{&(*lease)->record(i), (*lease)->epoch(i)};
    if (request.lanes[i] == kToChip) {
      setup.producer = producer_.get();
      setup.to_chip = held;
      setup.send_window = {kWindowMessages, 1024};
    } else {
      setup.consumer = consumer_.get();
      setup.to_host = held;
      setup.delivery.form = request.form;
      setup.delivery.max_frame_bytes = 256;
      setup.delivery.resumed = setup.resumed;
    }
  }
  stream.lease = *lease;
  stream.session = std::make_unique<LaneSession>(setup, now_);
  return absl::OkStatus();
}

void SessionNode::Settle(Stream& stream) {
  if (stream.session == nullptr || !stream.session->ended()) return;
  if (Lease* lease = std::exchange(stream.lease, nullptr); lease != nullptr) {
    stream.session->releases_lanes() ? table_->Detach(lease, now_) : table_->DropHolder(lease);
  }
  stream.session.reset();
}

void SessionNode::OnFrame(int index, v1::StreamRequest frame) {
  Stream& stream = streams_[index];
  if (stream.lease != nullptr) table_->Renew(stream.lease, now_);
  stream.session->OnFrame(frame, now_);
  Settle(stream);
}

std::optional<v1::StreamResponse> SessionNode::NextFrame(int index) {
  Stream& stream = streams_[index];
  v1::StreamResponse frame;
  const bool filled = stream.session->Fill(&frame, now_);
  if (filled) stream.session->OnWritten(now_);
  Settle(stream);
  if (!filled) return std::nullopt;
  return frame;
}

void SessionNode::Drop(int index) {
  Stream& stream = streams_[index];
  stream.session->End(absl::UnavailableError("the connection is lost"));
  Settle(stream);
}

void SessionNode::Tick(absl::Duration passed) {
  now_ = After(now_, passed);
  table_->Tick(now_);
  for (Stream& stream : streams_) {
    if (stream.session != nullptr && stream.session->next_timer() <= now_) stream.session->OnTimer(now_);
    Settle(stream);
  }
}

absl::Status SessionNode::SendMomentarily(const std::string& payload) {
  const absl::StatusOr<LaneRecord*> record = table_->Momentary(Now(kToChip), now_);
  if (!record.ok()) return record.status();
  if (producer_->LookForRoom() != LaneResult::kOk || producer_->Stage({0, 0, AsBytes(payload)}) != LaneResult::kOk) {
    return absl::OkStatus();  // no room: nothing is granted
  }
  (*record)->Grant("");
  producer_->Publish();
  (*record)->Published(producer_->published());
  return absl::OkStatus();
}

absl::StatusOr<RetiredSession> SessionNode::ReleaseByOperator(int lane) {
  absl::StatusOr<RetiredSession> final = table_->ReleaseByOperator(Now(lane), now_);
  for (Stream& stream : streams_) Settle(stream);
  return final;
}

std::optional<std::string> SessionNode::Take() {
  LaneMemory& memory = memory_[kToChip];
  if (taken_ == memory.producer().tail) return std::nullopt;
  const l3_descriptor& slot = memory.slot(taken_);
  std::string payload = memory.RingText(slot.payload_position % geometry_.ring_bytes, slot.payload_bytes);
  memory.SetHead(++taken_);
  for (Stream& stream : streams_) {
    if (stream.session == nullptr) continue;
    if (stream.lease != nullptr) stream.session->OnActivity(now_);
    Settle(stream);
  }
  return payload;
}

bool SessionNode::Give(const std::string& payload) {
  const uint64_t head = memory_[kToHost].consumer().head;
  const auto end_before = [&](uint64_t sequence) { return sequence == 0 ? 0 : given_ends_[sequence - 1]; };
  const uint64_t position =
      l3_payload_position(end_before(given_), payload.size(), geometry_.ring_bytes, geometry_.alignment);
  if (given_ - head >= geometry_.lane_depth) return false;
  if (position + payload.size() - end_before(head) > geometry_.ring_bytes) return false;
  memory_[kToHost].Put(given_, position, payload);
  given_ends_.push_back(position + payload.size());
  memory_[kToHost].SetTail(++given_);
  return true;
}

}  // namespace l3link::fuzz
