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

// Some kills meet a node, chip or client that is still getting over the one before.
constexpr uint64_t kOneInSoManyMeetsAnother = 4;
constexpr size_t kMostAtOnce = 4;
constexpr uint64_t kLongestBetweenMs = 60;

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
    const bool due = !plan_.over() && AllReceived() >= plan_.due();
    if (status.ok() && due) status = KillSome();
    if (!status.ok()) return status;
    if (!due) std::this_thread::sleep_for(kGlance);  // else the moment may pass once more
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

absl::Status ChaosRun::KillSome() {
  absl::Status status;
  do {
    if (!KillOne()) break;
    if (plan_.over() || wounds_.size() == kMostAtOnce || plan_.Draw(kOneInSoManyMeetsAnother) != 0) break;
    const auto until = Clock::now() + std::chrono::milliseconds(plan_.Draw(kLongestBetweenMs));
    while (status.ok() && Clock::now() < until) {
      std::this_thread::sleep_for(kGlance);
      status = Look();
    }
  } while (status.ok());
  if (status.ok()) status = AwaitHealing();
  if (absl::IsCancelled(status)) return status;  // the last ones were not seen to their end
  for (const Wound& wound : wounds_) report_.kills.push_back(wound.kill);
  wounds_.clear();
  return status;
}

bool ChaosRun::KillOne() {
  std::vector<size_t> lanes = WithMessagesInFlight();
  if (lanes.empty()) return false;
  Wound wound;
  wound.kill.victim = plan_.victim();
  if (wound.kill.victim == Victim::kClient) lanes = {lanes[plan_.Draw(lanes.size())]};
  for (const size_t lane : lanes) wound.marks.push_back(Sent(lane));
  wound.at = Clock::now();
  SendKill(wound.kill.victim, lanes[0]);
  for (size_t i = 0; i < lanes.size(); ++i) {
    const uint64_t received = Received(lanes[i]);
    wound.kill.in_flight += wound.marks[i] > received ? wound.marks[i] - received : 0;
    wound.marks[i] = std::min(wound.marks[i] + kUntold, messages_of_lane_ - 1);
  }
  Restart(wound.kill.victim, lanes[0]);
  wound.lanes = std::move(lanes);
  wounds_.push_back(std::move(wound));
  plan_.Done();
  LetSend();
  return true;
}

void ChaosRun::SendKill(Victim victim, size_t lane) {
  switch (victim) {
    case Victim::kDaemon: return fleet_.KillDaemon();
    case Victim::kClient: return fleet_.KillClient(lane);
    case Victim::kChip: return fleet_.KillChip();
  }
}

void ChaosRun::Restart(Victim victim, size_t lane) {
  switch (victim) {
    case Victim::kDaemon: return fleet_.RestartDaemon();
    case Victim::kClient: return fleet_.StartClient(lane);
    case Victim::kChip: return fleet_.StartChip();
  }
}

absl::Status ChaosRun::AwaitHealing() {
  for (;;) {
    bool all = true;
    for (Wound& wound : wounds_) all = Heal(wound) && all;
    if (all) return absl::OkStatus();
    const absl::Status status = Look();
    if (!status.ok()) return status;
    std::this_thread::sleep_for(kGlance);
  }
}

bool ChaosRun::Heal(Wound& wound) {
  if (wound.healed) return true;
  for (size_t i = 0; i < wound.lanes.size(); ++i)
    if (Received(wound.lanes[i]) <= wound.marks[i]) return false;
  wound.kill.resume_ms = std::chrono::duration<double, std::milli>(Clock::now() - wound.at).count();
  wound.kill.same_session = true;  // its client asks for no other
  return wound.healed = true;
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
