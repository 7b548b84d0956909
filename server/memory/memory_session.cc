#include "server/memory/memory_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/memory/region_convert.h"

namespace l3link {
namespace {

constexpr uint64_t kParkedFrameOverhead = 256;

}  // namespace

MemorySession::MemorySession(const MemorySessionLimits& limits, std::vector<std::unique_ptr<RegionPort>> regions,
                             SessionTable::Attached session, Budget* parked_budget,
                             absl::AnyInvocable<void(uint32_t region)> on_event)
    : limits_(limits),
      regions_(std::move(regions)),
      session_(std::move(session)),
      parked_budget_(parked_budget),
      results_(limits.result_bytes),
      board_(std::move(on_event)) {
  for (uint32_t i = 0; i < regions_.size(); ++i) ears_.push_back(std::make_unique<Ear>(&board_, i));
}

MemorySession::~MemorySession() { parked_budget_->Give(parked_bytes_); }

absl::Status MemorySession::PutAttached() {
  v1::MemoryServiceStreamResponse frame;
  v1::MemoryAttached& attached = *frame.mutable_attached();
  attached.set_session_id(session_.record->session_id);
  attached.set_next_op_sequence(session_.next_sequence);
  attached.set_max_frame_bytes(limits_.max_frame_bytes);
  attached.set_max_watches(limits_.max_watches);
  for (const std::unique_ptr<RegionPort>& region : regions_) {
    absl::StatusOr<v1::Region> described = region->Describe();
    if (!described.ok()) return described.status();
    *attached.add_regions() = *std::move(described);
  }
  results_.Put(std::move(frame));
  return absl::OkStatus();
}

absl::Status MemorySession::OnFrame(v1::MemoryServiceStreamRequest& frame, MonoTime now) {
  switch (frame.frame_case()) {
    case v1::MemoryServiceStreamRequest::kRenew: results_.PutRenewed(frame.renew().token()); return absl::OkStatus();
    case v1::MemoryServiceStreamRequest::kAttach:
      return Refuse(Reason::kATTACH_TWICE, "attach came twice on one memory stream");
    case v1::MemoryServiceStreamRequest::FRAME_NOT_SET:
      return Refuse(Reason::kMALFORMED_FRAME,
                    "a frame with nothing in it: operation, watch, unwatch or renew expected");
    default: break;
  }
  RemoveParts(board_.TakeUnneeded());
  // In order: a watch behind a notify that moves a signal back must not see the level before.
  return parked_.empty() && !results_.full() ? Run(frame, now) : Park(frame);
}

absl::Status MemorySession::OnRoom(MonoTime now) {
  RemoveParts(board_.TakeUnneeded());
  while (!parked_.empty() && !results_.full()) {
    v1::MemoryServiceStreamRequest frame = std::move(parked_.front());
    parked_.pop_front();
    const uint64_t bytes = frame.ByteSizeLong() + kParkedFrameOverhead;
    parked_bytes_ -= bytes;
    parked_budget_->Give(bytes);
    if (absl::Status done = Run(frame, now); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status MemorySession::Park(v1::MemoryServiceStreamRequest& frame) {
  const uint64_t bytes = frame.ByteSizeLong() + kParkedFrameOverhead;
  const char* const advice = "read the results as they come, or have fewer operations under way";
  if (parked_.size() == limits_.parked_frames) {
    return Refuse(Reason::kLIMIT_REACHED,
                  absl::StrCat(parked_.size(), " frames wait behind results that the client has not read; ", advice),
                  {{"limit", "parked_frames"}, {"maximum", absl::StrCat(limits_.parked_frames)}});
  }
  if (!parked_.empty() && parked_bytes_ + bytes > limits_.parked_bytes) {
    return Refuse(
        Reason::kLIMIT_REACHED,
        absl::StrCat(parked_bytes_ + bytes, " bytes wait behind results that the client has not read; ", advice),
        {{"limit", "parked_bytes"}, {"maximum", absl::StrCat(limits_.parked_bytes)}});
  }
  if (absl::Status room = parked_budget_->Take(bytes); !room.ok()) return room;
  parked_bytes_ += bytes;
  parked_.push_back(std::move(frame));
  return absl::OkStatus();
}

absl::Status MemorySession::Run(v1::MemoryServiceStreamRequest& frame, MonoTime now) {
  if (frame.has_operation()) return RunOperation(frame.operation());
  if (frame.has_watch()) {
    RunWatch(frame.watch(), now);
  } else {
    RemoveParts(board_.Drop(frame.unwatch().watch_id()));
  }
  return absl::OkStatus();
}

bool MemorySession::TakeFrame(v1::MemoryServiceStreamResponse* frame) {
  // By turns, so that neither signals that never rest nor a flood of results keep the other waiting.
  events_turn_ = !events_turn_ && results_.attached_taken();
  frame->clear_results();
  if (events_turn_ && TakeEvent(frame)) return true;
  if (results_.Take(frame)) return true;
  return results_.attached_taken() && TakeEvent(frame);
}

bool MemorySession::TakeEvent(v1::MemoryServiceStreamResponse* frame) {
  if (!board_.TakeEvent(frame)) return false;
  if (limits_.results_with_events) results_.TakeAlong(frame);
  return true;
}

void MemorySession::Expire(MonoTime now) {
  for (const WatchBoard::Expiring& watch : board_.TakeExpired(now)) {
    RemoveParts(watch.parts);
    board_.TimedOut(watch.key, ValuesNow(watch));
  }
}

std::vector<uint64_t> MemorySession::ValuesNow(const WatchBoard::Expiring& watch) {
  std::vector<uint64_t> values;
  for (size_t i = 0; i < watch.conditions.size(); ++i) {
    auto value = regions_[watch.regions[i]]->Values({&watch.conditions[i], 1});
    if (!value.ok()) return {};
    values.push_back((*value)[0]);
  }
  return values;
}

void MemorySession::Close() {
  RemoveParts(board_.DropAll());
  parked_.clear();
}

void MemorySession::RemoveParts(const WatchBoard::Parts& parts) {
  for (const WatchBoard::Part& part : parts) regions_[part.region]->RemoveWait(part.wait);
}

absl::StatusOr<RegionPort*> MemorySession::RegionOf(uint32_t index, absl::string_view field) {
  if (index < regions_.size()) return regions_[index].get();
  return BadField(field, absl::StrCat(index), absl::StrCat("attach named ", regions_.size(), " regions, from 0"));
}

}  // namespace l3link
