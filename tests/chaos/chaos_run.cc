#include "tests/chaos/chaos_run.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace l3link::chaos {
namespace {

constexpr std::chrono::microseconds kGlance{500};
// What a client may have handed to its stream without having said so yet: a batch.
constexpr uint64_t kUntold = 64;
// With less left to send, the last may be back before the signal has come.
constexpr uint64_t kGoingOn = 200;

history::Event AtRest(history::EventKind kind, uint64_t position) {
  history::Event event;
  event.kind = kind;
  event.position = position;
  return event;
}

}  // namespace

ChaosRun::ChaosRun(const ChaosOptions& options, const std::atomic<bool>& stop, OnProgress on_progress)
    : options_(options),
      messages_of_lane_(options.messages / options.clients),
      stop_(stop),
      on_progress_(std::move(on_progress)),
      plan_(options.kills, options.messages, options.seed),
      fleet_(options) {}

ChaosReport ChaosRun::Run() {
  const auto began = Clock::now();
  absl::Status status = RunToEnd();
  if (status.ok()) status = Settle();
  if (follower_ != nullptr) {
    follower_->Stop();
    report_.findings = follower_->Finish(absl::IsCancelled(status));
    report_.redelivered = follower_->redelivered();
    report_.messages = AllReceived();
  }
  if (!status.ok()) report_.failure = std::string(status.message());
  report_.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  return std::move(report_);
}

absl::Status ChaosRun::RunToEnd() {
  absl::Status status = fleet_.Start();
  if (!status.ok()) return status;
  follower_ = std::make_unique<LogFollower>(&fleet_.logs(), options_.seed, fleet_.generation());
  LetSend();
  for (size_t lane = 0; lane < fleet_.clients(); ++lane) fleet_.StartClient(lane);
  while (!fleet_.AllDone()) {
    status = Look();
    if (status.ok() && !plan_.over() && AllReceived() >= plan_.due()) status = KillOne();
    if (!status.ok()) return status;
    std::this_thread::sleep_for(kGlance);
  }
  return absl::OkStatus();
}

absl::Status ChaosRun::Settle() {
  const auto channel = fleet_.FinalChannel();
  if (!channel.ok()) return channel.status();
  follower_->Stop();
  for (const v1::LaneState& lane : channel->lanes()) {
    const bool down = lane.direction() == v1::DIRECTION_HOST_TO_CHIP;
    history::LaneChecker& checker = follower_->checker(lane.lane());
    using history::EventKind;
    checker.Observe(AtRest(down ? EventKind::kFinalPublished : EventKind::kFinalReturned, lane.published()));
    checker.Observe(AtRest(down ? EventKind::kFinalConsumed : EventKind::kFinalAcked, lane.consumed()));
  }
  return fleet_.Stop();
}

absl::Status ChaosRun::KillOne() {
  const Victim victim = plan_.victim();
  std::vector<size_t> lanes = WithMessagesInFlight();
  if (lanes.empty()) return absl::OkStatus();  // at the next glance
  if (victim == Victim::kClient) lanes = {lanes[plan_.Draw(lanes.size())]};
  std::vector<uint64_t> marks;
  for (const size_t lane : lanes) marks.push_back(Sent(lane));
  Kill kill;
  kill.victim = victim;
  const auto killed = Clock::now();
  SendKill(victim, lanes[0]);
  for (size_t i = 0; i < lanes.size(); ++i) {
    const uint64_t received = Received(lanes[i]);
    kill.in_flight += marks[i] > received ? marks[i] - received : 0;
    marks[i] = std::min(marks[i] + kUntold, messages_of_lane_ - 1);
  }
  absl::Status status = Restart(victim, lanes[0]);
  plan_.Done();
  LetSend();
  if (status.ok()) status = AwaitBeyond(lanes, marks);
  if (absl::IsCancelled(status)) return status;  // not seen to its end
  kill.resume_ms = std::chrono::duration<double, std::milli>(Clock::now() - killed).count();
  kill.same_session = status.ok();
  report_.kills.push_back(kill);
  return status;
}

void ChaosRun::SendKill(Victim victim, size_t lane) {
  switch (victim) {
    case Victim::kDaemon: return fleet_.KillDaemon();
    case Victim::kClient: return fleet_.KillClient(lane);
    case Victim::kChip: return fleet_.KillChip();
  }
}

absl::Status ChaosRun::Restart(Victim victim, size_t lane) {
  switch (victim) {
    case Victim::kDaemon: return fleet_.RestartDaemon();
    case Victim::kClient: fleet_.StartClient(lane); break;
    case Victim::kChip: fleet_.StartChip(); break;
  }
  return absl::OkStatus();
}

absl::Status ChaosRun::AwaitBeyond(const std::vector<size_t>& lanes, const std::vector<uint64_t>& marks) {
  for (size_t i = 0; i < lanes.size(); ++i) {
    while (Received(lanes[i]) <= marks[i]) {
      const absl::Status status = Look();
      if (!status.ok()) return status;
      std::this_thread::sleep_for(kGlance);
    }
  }
  return absl::OkStatus();
}

absl::Status ChaosRun::Look() {
  if (stop_.load(std::memory_order_relaxed)) return absl::CancelledError("interrupted");
  const uint64_t received = AllReceived();
  on_progress_(received, plan_.done());
  if (received == plan_.Sendable(messages_of_lane_) * fleet_.clients()) {
    plan_.Missed();  // on a busy machine the clients may have been quicker than this process
    LetSend();
  }
  uint64_t events = 0;
  for (const ClientLog& log : fleet_.logs()) events += log.events();
  const auto now = Clock::now();
  if (events != moved_) {
    moved_ = events;
    moved_at_ = now;
  }
  if (std::chrono::duration<double>(now - moved_at_).count() > options_.patience_seconds) {
    std::string where;
    for (size_t lane = 0; lane < fleet_.clients(); ++lane)
      absl::StrAppend(&where, " lane ", lane, ": ", Sent(lane), " sent, ", Received(lane), " back;");
    return absl::DeadlineExceededError(absl::StrCat("nothing moves:", where));
  }
  return fleet_.CheckAlive();
}

uint64_t ChaosRun::AllReceived() {
  uint64_t sum = 0;
  for (size_t lane = 0; lane < fleet_.logs().size(); ++lane) sum += Received(lane);
  return sum;
}

std::vector<size_t> ChaosRun::WithMessagesInFlight() {
  const uint64_t sendable = plan_.Sendable(messages_of_lane_);
  std::vector<size_t> lanes;
  for (size_t lane = 0; lane < fleet_.clients(); ++lane)
    if (Sent(lane) > Received(lane) && Received(lane) + kGoingOn < sendable) lanes.push_back(lane);
  return lanes;
}

void ChaosRun::LetSend() {
  const uint64_t limit = plan_.Sendable(messages_of_lane_);
  for (ClientLog& log : fleet_.logs()) log.sendable().store(limit, std::memory_order_relaxed);
}

}  // namespace l3link::chaos
