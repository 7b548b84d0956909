#include "tests/chaos/chaos_run.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace l3link::chaos {
namespace {

constexpr std::chrono::microseconds kGlance{500};
// Some kills meet a node, chip or client that is still getting over the one before.
constexpr uint64_t kOneInSoManyMeetsAnother = 2;
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
  for (size_t lane = 0; lane < fleet_.clients(); ++lane) fleet_.StartClient(lane);
  while (status.ok() && !(plan_.over() && AllReceived() >= options_.messages)) {
    status = Look();
    if (status.ok() && !plan_.over() && AllReceived() >= plan_.due()) status = KillSome();
    std::this_thread::sleep_for(kGlance);
  }
  for (ClientLog& log : fleet_.logs()) log.CloseSoon();
  while (status.ok() && !fleet_.AllDone()) {
    status = Look();
    std::this_thread::sleep_for(kGlance);
  }
  return status;
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
  std::vector<size_t> met = WithMessagesInFlight();
  if (met.empty()) return false;
  Wound wound;
  Kill& kill = wound.kill;
  kill.victim = plan_.victim();
  if (kill.victim == Victim::kClient) met = {met[plan_.Draw(met.size())]};
  for (const size_t lane : met)
    wound.lanes.push_back({lane, fleet_.logs()[lane].standing(), fleet_.logs()[lane].claimed()});
  wound.at = Clock::now();
  if (!SendKill(&kill, met[0])) return false;
  for (Wound::Lane& lane : wound.lanes) {
    kill.in_flight += InFlight(lane.mark, lane.lane);
    lane.mark = fleet_.logs()[lane.lane].claimed();
  }
  Restart(kill.victim, met[0]);
  wounds_.push_back(std::move(wound));
  plan_.Done(AllReceived());
  return true;
}

bool ChaosRun::SendKill(Kill* kill, size_t lane) {
  switch (kill->victim) {
    case Victim::kDaemon: return fleet_.KillDaemon(), true;
    case Victim::kClient: return fleet_.KillClient(lane), true;
    case Victim::kChip:
      kill->supervised = fleet_.supervises();
      kill->at_the_worst_moment = plan_.AtTheWorstMoment();
      return fleet_.KillChip(kill->at_the_worst_moment);
  }
  return false;
}

void ChaosRun::Restart(Victim victim, size_t lane) {
  switch (victim) {
    case Victim::kDaemon: return fleet_.RestartDaemon(plan_.Supervises());
    case Victim::kClient: return fleet_.StartClient(lane);
    case Victim::kChip: return;  // the daemon's to do, or Tend's
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
  for (const Wound::Lane& lane : wound.lanes)
    if (Received(lane.lane) <= lane.mark) return false;
  wound.kill.resume_ms = std::chrono::duration<double, std::milli>(Clock::now() - wound.at).count();
  wound.kill.same_session = SameSession(wound, &wound.kill.otherwise);
  return wound.healed = true;
}

bool ChaosRun::SameSession(const Wound& wound, std::string* otherwise) {
  for (const Wound::Lane& lane : wound.lanes) {
    const Standing now = fleet_.logs()[lane.lane].standing();
    const uint64_t grants = now.grants - lane.before.grants, resumes = now.resumes - lane.before.resumes;
    if (resumes == grants && (grants > 0 || wound.kill.victim == Victim::kChip))
      continue;  // whose death ends no stream
    *otherwise = absl::StrCat("lane ", lane.lane, " was granted ", grants, " times, ", resumes,
                              " of them as expected, epoch ", lane.before.epoch, " to ", now.epoch);
    return false;
  }
  return true;
}

absl::Status ChaosRun::Look() {
  if (stop_.load(std::memory_order_relaxed)) return absl::CancelledError("interrupted");
  const uint64_t received = AllReceived();
  on_progress_(received, plan_.done());
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
      absl::StrAppend(&where, " lane ", lane, ": ", fleet_.logs()[lane].claimed(), " sent, ", Received(lane), " back;");
    return absl::DeadlineExceededError(absl::StrCat("nothing moves:", where));
  }
  return fleet_.Tend();
}

uint64_t ChaosRun::AllReceived() {
  uint64_t sum = 0;
  for (size_t lane = 0; lane < fleet_.logs().size(); ++lane) sum += Received(lane);
  return sum;
}

uint64_t ChaosRun::InFlight(uint64_t claimed, size_t lane) {
  const uint64_t certain = claimed - std::min(claimed, kBatchMessages);
  return certain - std::min(certain, Received(lane));
}

std::vector<size_t> ChaosRun::WithMessagesInFlight() {
  std::vector<size_t> lanes;
  for (size_t lane = 0; lane < fleet_.clients(); ++lane)
    if (InFlight(fleet_.logs()[lane].claimed(), lane) > 0) lanes.push_back(lane);
  return lanes;
}

}  // namespace l3link::chaos
