#include "tests/bench/remote/busy_lanes.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/cleanup/cleanup.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/remote/round_trips.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {
namespace {

using client::LaneChoice;

constexpr char kPayload[64 + 1] = "sixty-four bytes, there and back again, on each of the busy lane";

// One lane that sends again whenever its message is back.
class BusyLane {
 public:
  BusyLane(int trips, absl::BlockingCounter* busy) : trips_(trips), busy_(busy) { times_.reserve(trips); }

  // The stream's callbacks hold this object until the stream is gone.
  absl::Status Open(const client::Channel& channel, uint32_t lane) {
    auto stream = channel.OpenStream({.send = LaneChoice::Lane(lane),
                                      .receive = LaneChoice::Lane(lane),
                                      .on_messages = [this](const client::ReceivedBatch&) { Back(); },
                                      .on_failed = [this](const absl::Status& why) { End(why); }});
    if (!stream.ok()) return stream.status();
    stream_ = *std::move(stream);
    return absl::OkStatus();
  }
  void Begin() { Send(); }
  // Once the counter is at 0.
  absl::Status ended() const {
    absl::MutexLock lock(&mu_);
    return *ended_;
  }
  const std::vector<double>& times() const { return times_; }

 private:
  void Back() {
    times_.push_back(watch_->microseconds());
    times_.size() < trips_ ? Send() : End(absl::OkStatus());
  }
  void Send() {
    watch_.emplace();
    const auto sent = stream_->TrySend({kPayload});
    if (!sent.ok()) return End(sent.status());
    if (!*sent) End(absl::InternalError("no room for one message on an empty lane"));
  }
  void End(const absl::Status& how) {
    absl::MutexLock lock(&mu_);
    if (ended_.has_value()) return;
    ended_ = how;
    busy_->DecrementCount();
  }

  const size_t trips_;
  absl::BlockingCounter* const busy_;
  std::optional<Stopwatch> watch_;
  std::vector<double> times_;
  mutable absl::Mutex mu_;
  std::optional<absl::Status> ended_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<client::LaneStream> stream_;  // last: gone first, and with it the callbacks
};

// Sends until nothing more is taken: windows, both rings and what lies between are full.
absl::Status Stall(client::LaneStream& stream) {
  for (;;) {
    const absl::Status sent = stream.Send({kPayload}, absl::Milliseconds(200));
    if (absl::IsDeadlineExceeded(sent)) return absl::OkStatus();
    if (!sent.ok()) return sent;
  }
}

}  // namespace

absl::StatusOr<std::vector<double>> RoundTripsOf(const client::Orchestrator& echo, const BusyLanes& lanes) {
  v1::ChannelConfig config;
  config.set_host_to_chip_lanes(lanes.busy + 1);
  config.set_chip_to_host_lanes(lanes.busy + 1);
  config.set_max_message_bytes(sizeof(kPayload) - 1);
  auto channel = echo.OpenChannel(0, "", config);
  if (!channel.ok()) return channel.status();
  const auto close = absl::MakeCleanup([&] { (*channel)->Close().IgnoreError(); });
  absl::StatusOr<std::unique_ptr<client::LaneStream>> stalled;
  if (lanes.stalled) {
    stalled = (*channel)->OpenStream({.send = LaneChoice::Lane(lanes.busy), .receive = LaneChoice::Lane(lanes.busy)});
    if (!stalled.ok()) return stalled.status();
    if (absl::Status status = Stall(**stalled); !status.ok()) return status;
  }
  absl::BlockingCounter busy(static_cast<int>(lanes.busy));
  std::vector<std::unique_ptr<BusyLane>> all;
  for (uint32_t lane = 0; lane < lanes.busy; ++lane) {
    all.push_back(std::make_unique<BusyLane>(lanes.trips, &busy));
    if (absl::Status opened = all.back()->Open(**channel, lane); !opened.ok()) return opened;
  }
  for (const auto& lane : all) lane->Begin();
  busy.Wait();
  std::vector<double> times;
  for (const auto& lane : all) {
    if (absl::Status ended = lane->ended(); !ended.ok()) return ended;
    times.insert(times.end(), lane->times().begin(), lane->times().end());
  }
  return times;
}

}  // namespace l3link::bench
