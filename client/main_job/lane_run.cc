#include "client/main_job/lane_run.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/errors.h"

namespace l3link::main_job {
namespace {

constexpr size_t kSendBatch = 512;
constexpr size_t kReceiveBatch = 4096;
constexpr absl::Duration kSlice = absl::Milliseconds(200);  // how soon a stop is heard

// Time since something last moved.
class Stillness {
 public:
  void Moved() { since_ = std::chrono::steady_clock::now(); }
  bool Exceeds(absl::Duration patience) const {
    return absl::FromChrono(std::chrono::steady_clock::now() - since_) > patience;
  }

 private:
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace

LaneRun::LaneRun(std::unique_ptr<client::LaneStream> stream, const LaneSeries& series, absl::Duration patience,
                 const std::atomic<bool>& stop)
    : stream_(std::move(stream)),
      series_(series),
      patience_(patience),
      stop_(stop),
      checker_(series, stream_->positions().received) {}

LaneRun::~LaneRun() { Join(); }

void LaneRun::Start() {
  sender_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "l3-job-send");
    sending_ = SendAll();
    if (!sending_.ok()) failed_.store(true, std::memory_order_relaxed);
  });
  receiver_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "l3-job-recv");
    receiving_ = ReceiveAll();
    if (!receiving_.ok()) failed_.store(true, std::memory_order_relaxed);
    checker_.Finish();
  });
}

void LaneRun::Join() {
  if (sender_.joinable()) sender_.join();
  if (receiver_.joinable()) receiver_.join();
}

absl::Status LaneRun::SendAll() {
  std::vector<client::OutgoingMessage> batch(kSendBatch);
  uint64_t next = 0;
  Stillness still;
  while (next < series_.message_count() && !stop_.load(std::memory_order_relaxed) &&
         !failed_.load(std::memory_order_relaxed)) {
    const size_t count = std::min<uint64_t>(kSendBatch, series_.message_count() - next);
    for (size_t i = 0; i < count; ++i) batch[i] = series_.Message(next + i);
    const auto taken = stream_->SendBatch(absl::MakeConstSpan(batch).first(count), kSlice);
    if (!taken.ok() && !client::IsWouldBlock(taken.status())) return taken.status();
    const size_t sent = taken.value_or(0);
    for (size_t i = 0; i < sent; ++i) payload_bytes_ += batch[i].payload.size();
    next += sent;
    if (sent > 0) still.Moved();
    if (still.Exceeds(patience_)) {
      return absl::DeadlineExceededError(absl::StrCat("lane ", stream_->positions().send_lane, ": no room for message ",
                                                      next, " for ", absl::FormatDuration(patience_)));
    }
  }
  return absl::OkStatus();
}

absl::Status LaneRun::ReceiveAll() {
  Stillness still;
  while (!checker_.complete() && !stop_.load(std::memory_order_relaxed) && !failed_.load(std::memory_order_relaxed)) {
    const auto batch = stream_->ReceiveBatch(kReceiveBatch, kSlice);
    if (!batch.ok()) return batch.status();
    for (const client::ReceivedMessage& reply : *batch) checker_.Check(reply);
    verified_.store(checker_.verified(), std::memory_order_relaxed);
    if (!batch->empty()) still.Moved();
    if (still.Exceeds(patience_)) {
      return absl::DeadlineExceededError(
          absl::StrCat("lane ", stream_->positions().receive_lane, ": no reply for ", absl::FormatDuration(patience_)));
    }
  }
  // A reply too many would have come right behind the last one.
  const auto extra = stream_->ReceiveBatch(kReceiveBatch, absl::Milliseconds(20));
  if (extra.ok()) {
    for (const client::ReceivedMessage& reply : *extra) checker_.Check(reply);
  }
  return absl::OkStatus();
}

}  // namespace l3link::main_job
