#include "server/memory/memory_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "backends/host/refusal.h"
#include "server/errors.h"
#include "server/listen/peer.h"
#include "server/memory/region_convert.h"

namespace l3link {

MemoryStream::MemoryStream(MemoryStreamCall& call, MemoryStreams* streams)
    : call_(call), streams_(*streams), principal_(PrincipalOf(call.context().peer())) {
  {
    absl::MutexLock lock(&line_->mu);
    line_->stream = this;
  }
  streams_.Enter(line_);
  const absl::Duration patience = streams_.node().limits().attach_timeout;
  attach_timer_ = streams_.node().ticker().Add(After(MonoNow(), patience), [line = line_, patience](MonoTime) {
    absl::MutexLock lock(&line->mu);
    if (line->stream == nullptr || line->stream->session_ != nullptr) return;
    line->stream->End(
        Refuse(Reason::kATTACH_TIMEOUT,
               absl::StrCat("no attach within ", absl::FormatDuration(patience), " of the stream's begin"),
               {{"attach_timeout_ms", absl::StrCat(absl::ToInt64Milliseconds(patience))}}));
  });
}

MemoryStream::~MemoryStream() = default;

void MemoryStream::OnFrame(v1::MemoryServiceStreamRequest& frame) {
  if (over_ || call_.finishing()) return;
  ChipWorker* const looks = BeginLook(frame);
  absl::Status status;
  if (session_ != nullptr) {
    status = session_->OnFrame(frame, MonoNow());
  } else if (frame.has_attach()) {
    status = Attach(frame.attach());
  } else {
    status = Refuse(Reason::kATTACH_EXPECTED, "the first frame of a memory stream is attach");
  }
  if (looks != nullptr) answer_wait_.End(*looks, status.ok() && session_->expects_events());
  if (!status.ok()) return End(status);
  Pump();
  KeepTimer();
}

// The event of what the chip answers a notify with takes the notify's result along.
ChipWorker* MemoryStream::BeginLook(const v1::MemoryServiceStreamRequest& frame) {
  if (session_ == nullptr || !frame.operation().has_notify() || !session_->expects_events()) return nullptr;
  const uint32_t region = frame.operation().region_index();
  if (region >= workers_.size()) return nullptr;
  ChipLock lock(*workers_[region]);
  return answer_wait_.Begin(*workers_[region]) ? workers_[region] : nullptr;
}

void MemoryStream::OnHalfClose() {
  half_closed_ = true;
  if (over_) return;
  if (session_ == nullptr) return End(Refuse(Reason::kATTACH_EXPECTED, "a memory stream was closed before its attach"));
  FinishIfSettled();
}

void MemoryStream::OnWritten(bool ok) {
  const bool more = ok && !over_ && !call_.finishing() && session_->TakeFrame(&call_.response());
  if (more ? call_.Commit() : call_.Release()) call_.StartPending();
  if (!ok || over_) return;
  if (absl::Status done = session_->OnRoom(MonoNow()); !done.ok()) return End(done);
  Pump();
  KeepTimer();
  FinishIfSettled();
}

void MemoryStream::OnOver(bool) {
  over_ = true;
  streams_.Leave(line_);
  {
    absl::MutexLock lock(&line_->mu);
    line_->stream = nullptr;
  }
  if (session_ != nullptr) session_->Close();
  if (counted_) streams_.node().streams().Give(1);
  absl::MutexLock lock(&timer_mu_);
  streams_.node().ticker().Cancel(attach_timer_);
  if (timer_ != 0) streams_.node().ticker().Cancel(timer_);
}

absl::Status MemoryStream::Attach(const v1::MemoryAttach& attach) {
  Node& node = streams_.node();
  if (absl::Status serving = node.CheckNotDraining(); !serving.ok()) return serving;
  if (!principal_.ok()) return principal_.status();
  const uint32_t most = node.limits().max_regions_per_stream;
  if (attach.regions().empty() || static_cast<uint32_t>(attach.regions_size()) > most) {
    return BadField("attach.regions", absl::StrCat(attach.regions_size(), " regions"), absl::StrCat("1 to ", most));
  }
  std::vector<std::unique_ptr<RegionPort>> regions;
  for (const v1::RegionId& id : attach.regions()) {
    absl::StatusOr<std::unique_ptr<RegionAccess>> region = streams_.hub().Find(id);
    if (!region.ok()) return region.status();
    workers_.push_back(&(*region)->worker());
    regions.push_back(*std::move(region));
  }
  if (!counted_) {
    if (absl::Status room = node.streams().Take(1); !room.ok()) return room;
    counted_ = true;
  }
  absl::StatusOr<SessionTable::Attached> session =
      streams_.sessions().Attach(attach.session_id(), *principal_, MonoNow());
  if (!session.ok()) return session.status();

  MemorySessionLimits limits;
  limits.max_frame_bytes = node.limits().max_frame_bytes;
  limits.max_watches = node.limits().max_waits_per_stream;
  limits.max_conditions = node.limits().max_conditions;
  limits.results_with_events = attach.results_with_events();
  auto made = std::make_unique<MemorySession>(limits, std::move(regions), *std::move(session), &node.window_bytes(),
                                              [this](uint32_t region) { OnEvent(region); });
  absl::Status put = made->PutAttached();
  node.ticker().Cancel(attach_timer_);
  absl::MutexLock lock(&line_->mu);
  session_ = std::move(made);
  return put;
}

void MemoryStream::OnEvent(uint32_t region) {
  if (FillSlot()) ChipLock::Defer(*workers_[region], &start_);
}

bool MemoryStream::FillSlot() {
  // Whoever put a frame while the slot was held in vain relies on the second look.
  while (session_->has_frames() && call_.TryClaim()) {
    if (session_->TakeFrame(&call_.response())) return call_.Commit();
    if (call_.Release()) return true;
  }
  return false;
}

void MemoryStream::Pump() {
  if (FillSlot()) call_.StartPending();
}

void MemoryStream::FinishIfSettled() {
  if (half_closed_ && session_->settled() && call_.Finish(grpc::Status::OK)) call_.StartPending();
}

void MemoryStream::End(const absl::Status& why) {
  if (call_.Finish(ToGrpc(why))) call_.StartPending();
}

void MemoryStream::OnTick(MonoTime now) {
  if (session_ == nullptr) return;
  session_->Expire(now);
  Pump();
  KeepTimer();
}

void MemoryStream::OnDraining(MonoTime deadline) {
  if (session_ == nullptr) return;
  session_->PutDraining(std::max(Between(MonoNow(), deadline), absl::ZeroDuration()));
  Pump();
}

void MemoryStream::KeepTimer() {
  const MonoTime next = session_->next_deadline();
  absl::MutexLock lock(&timer_mu_);
  if (next >= timer_when_) return;  // the one that is set comes first, and looks again
  if (timer_ != 0) streams_.node().ticker().Cancel(timer_);
  timer_when_ = next;
  timer_ = streams_.node().ticker().Add(next, [line = line_](MonoTime now) {
    absl::MutexLock lock(&line->mu);
    if (line->stream == nullptr) return;
    {
      absl::MutexLock timer_lock(&line->stream->timer_mu_);
      line->stream->timer_when_ = kNever;
      line->stream->timer_ = 0;
    }
    line->stream->OnTick(now);
  });
}

}  // namespace l3link
