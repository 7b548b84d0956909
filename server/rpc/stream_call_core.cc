#include "server/rpc/stream_call_core.h"

#include <utility>

namespace l3link {

StreamCallCore::StreamCallCore() { context_.AsyncNotifyWhenDone(&done_tag_); }

void StreamCallCore::Listen() {
  {
    absl::MutexLock lock(&mu_);
    ++refs_;
  }
  IssueRequest(&request_tag_);
}

bool StreamCallCore::OweStart() {
  if (start_owed_) return false;
  start_owed_ = true;
  ++refs_;
  return true;
}

bool StreamCallCore::TryClaim() {
  absl::MutexLock lock(&mu_);
  if (slot_ != Slot::kFree || ending_ != Ending::kNo) return false;
  slot_ = Slot::kClaimed;
  return true;
}

bool StreamCallCore::Commit() {
  absl::MutexLock lock(&mu_);
  slot_ = Slot::kReady;
  return OweStart();
}

bool StreamCallCore::Release() {
  absl::MutexLock lock(&mu_);
  slot_ = Slot::kFree;
  return ending_ == Ending::kWanted && OweStart();
}

bool StreamCallCore::Finish(grpc::Status status) {
  absl::MutexLock lock(&mu_);
  if (ending_ != Ending::kNo) return false;
  ending_ = Ending::kWanted;
  status_ = std::move(status);
  return slot_ == Slot::kFree && OweStart();  // else whoever frees the slot
}

bool StreamCallCore::finishing() const {
  absl::MutexLock lock(&mu_);
  return ending_ != Ending::kNo;
}

void StreamCallCore::StartPending() {
  bool write = false;
  bool finish = false;
  grpc::Status status;
  {
    absl::MutexLock lock(&mu_);
    start_owed_ = false;
    if (slot_ == Slot::kReady) {
      write = true;
      slot_ = Slot::kInFlight;
      ++refs_;
    } else if (slot_ == Slot::kFree && ending_ == Ending::kWanted) {
      finish = true;
      ending_ = Ending::kStarted;
      status = status_;
      ++refs_;
    }
  }
  if (write) IssueWrite(&write_tag_);
  if (finish) IssueFinish(status, &finish_tag_);
  Unref();
}

void StreamCallCore::ReadNext() {
  {
    absl::MutexLock lock(&mu_);
    ++refs_;
  }
  IssueRead(&read_tag_);
}

void StreamCallCore::OnRequestDone(bool ok) {
  if (ok) {
    {
      absl::MutexLock lock(&mu_);
      ++refs_;  // the done tag: comes for every call that started
    }
    OnStarted();
    ReadNext();
  }
  Unref();
}

void StreamCallCore::OnReadDone(bool ok) {
  if (ok) {
    OnFrame();
    // After Finish as well: what is still on its way is read and dropped, so that no client is stuck in a write.
    ReadNext();
  } else {
    OnHalfClose();
  }
  Unref();
}

void StreamCallCore::OnWriteDone(bool ok) {
  {
    absl::MutexLock lock(&mu_);
    slot_ = Slot::kClaimed;
  }
  OnWritten(ok);
  Unref();
}

void StreamCallCore::OnFinishDone(bool) { Unref(); }

void StreamCallCore::OnCallDone(bool) {
  OnOver(context_.IsCancelled());
  if (Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client is gone"))) StartPending();
  Unref();
}

void StreamCallCore::Unref() {
  {
    absl::MutexLock lock(&mu_);
    if (--refs_ != 0) return;
  }
  delete this;
}

}  // namespace l3link
