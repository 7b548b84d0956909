#include "server/memory/result_queue.h"

#include <utility>

#include "google/protobuf/util/time_util.h"

namespace l3link {
namespace {

size_t BytesOf(const v1::MemoryServiceStreamResponse& frame) {
  return ResultQueue::kFrameOverhead + (frame.has_result() ? frame.result().data().size() : 0);
}

constexpr int kMostAlong = 64;

}  // namespace

void ResultQueue::Put(v1::MemoryServiceStreamResponse frame) {
  absl::MutexLock lock(&mu_);
  bytes_ += BytesOf(frame);
  frames_.push_back(std::move(frame));
}

void ResultQueue::PutRenewed(uint64_t token) {
  absl::MutexLock lock(&mu_);
  renewed_ = token;
}

void ResultQueue::PutDraining(absl::Duration deadline) {
  absl::MutexLock lock(&mu_);
  draining_ = deadline;
}

bool ResultQueue::Take(v1::MemoryServiceStreamResponse* frame) {
  absl::MutexLock lock(&mu_);
  if (draining_.has_value() && attached_taken_) {
    *frame->mutable_draining()->mutable_deadline() =
        google::protobuf::util::TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(*draining_));
    draining_.reset();
  } else if (renewed_.has_value() && attached_taken_) {
    frame->mutable_renewed()->set_token(*renewed_);
    renewed_.reset();
  } else if (!frames_.empty()) {
    bytes_ -= BytesOf(frames_.front());
    *frame = std::move(frames_.front());
    frames_.pop_front();
    attached_taken_ = true;  // it is the first that was put
  } else {
    return false;
  }
  return true;
}

void ResultQueue::TakeAlong(v1::MemoryServiceStreamResponse* frame) {
  absl::MutexLock lock(&mu_);
  while (!frames_.empty() && frames_.front().has_result() && frames_.front().result().data().empty() &&
         frame->results_size() < kMostAlong) {
    bytes_ -= BytesOf(frames_.front());
    frame->add_results()->Swap(frames_.front().mutable_result());
    frames_.pop_front();
  }
}

bool ResultQueue::attached_taken() const {
  absl::MutexLock lock(&mu_);
  return attached_taken_;
}

bool ResultQueue::full() const {
  absl::MutexLock lock(&mu_);
  return bytes_ >= most_bytes_;
}

bool ResultQueue::empty() const {
  absl::MutexLock lock(&mu_);
  return frames_.empty() && !renewed_.has_value() && !draining_.has_value();
}

}  // namespace l3link
