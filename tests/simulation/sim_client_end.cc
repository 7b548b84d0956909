// How a SimClient's stream comes to an end, what the application then does, and what it must have been told.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/errors.h"
#include "tests/simulation/sim_client.h"

namespace l3link::simulation {

void SimClient::Abandon() {
  if (call_ != nullptr) network_.Cancel(*std::exchange(call_, nullptr));
  session_.reset();
  ever_attached_ = false;
}

void SimClient::Crash() {
  world_.Tally(Count::kClientCrash, "client dies", index_, stored_.session);
  Abandon();
  resume_ = stored_.attached && world_.random.Chance(850);
}

void SimClient::CheckFinalPositions(const absl::Status& status) {
  const client::ErrorMetadata metadata = client::MetadataOf(status);
  auto check = [&](const char* key, uint64_t least) {
    uint64_t told = 0;
    const auto found = metadata.find(key);
    if (found != metadata.end() && absl::SimpleAtoi(found->second, &told) && told < least) {
      Wrong(absl::StrCat("was told before that ", key, " is ", least, ", now: ", status.ToString()));
    }
  };
  if (stored_.attached && SendTruth() != nullptr) check("published", stored_.published);
}

bool SimClient::OnReason(const std::string& reason) {
  struct Row {
    const char* reason;
    Count count;
    uint32_t resumes;  // of a thousand
  };
  static constexpr Row kRows[] = {
      {"LEASE_EXPIRED", Count::kEndedExpired, 850},
      {"LEASE_RELEASED", Count::kEndedReleased, 500},
      {"LANE_RESET", Count::kEndedReset, 100},
      {"LANE_POISONED", Count::kEndedPoisoned, 500},
      {"SESSION_LOST", Count::kEndedLost, 100},
      {"SESSION_UNKNOWN", Count::kEnd, 0},
      {"SESSION_SUPERSEDED", Count::kEndedSuperseded, 500},
      {"LANE_HELD", Count::kEnd, 500},
      {"LANES_ALL_HELD", Count::kEnd, 500},
  };
  for (const Row& row : kRows) {
    if (reason != row.reason) continue;
    if (row.count != Count::kEnd) world_.counters.Add(row.count);
    resume_ = stored_.session != 0 && world_.random.Chance(row.resumes);
    return true;
  }
  return false;
}

void SimClient::OnEnded() {
  const absl::Status status = session_->status();
  const std::string reason = client::ReasonOf(status);
  world_.Note("client ended", index_, static_cast<uint64_t>(status.code()), reason.size());
  const bool detached = session_->detach_sent() && absl::IsCancelled(status);
  const bool broke = !ever_attached_ && (absl::IsUnavailable(status) || absl::IsCancelled(status));
  if (!reason.empty()) {
    CheckFinalPositions(status);
    if (!OnReason(reason)) Wrong(status.ToString());
  } else if (detached) {
    world_.counters.Add(Count::kEndedDetached);
    resume_ = world_.random.Chance(500);
  } else if (!broke) {
    Wrong(status.ToString());
  }
  Abandon();
}

}  // namespace l3link::simulation
