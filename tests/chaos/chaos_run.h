// Messages through a node while daemon, chip and clients are killed in turn, for as many kills as are wanted and at least as
// many messages; then until the last message is back; then the verdict.
//
//   start -> [ messages flow: kill one, start it again, wait until it works ] x kills -> enough messages -> drain -> check
#ifndef L3LINK_TESTS_CHAOS_CHAOS_RUN_H_
#define L3LINK_TESTS_CHAOS_CHAOS_RUN_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/chaos/chaos_options.h"
#include "tests/chaos/chaos_report.h"
#include "tests/chaos/fleet.h"
#include "tests/chaos/kill_plan.h"
#include "tests/chaos/log_follower.h"

namespace l3link::chaos {

// One of it; every call on the thread that made it.
class ChaosRun {
 public:
  // Called now and then: messages back, kills done.
  using OnProgress = std::function<void(uint64_t, uint64_t)>;

  // Ends early once `stop` is set; it outlives this.
  ChaosRun(const ChaosOptions& options, const std::atomic<bool>& stop, OnProgress on_progress);

  ChaosReport Run();

 private:
  using Clock = std::chrono::steady_clock;

  absl::Status RunToEnd();
  absl::Status Settle();
  // A kill, and of each client that it met where it stood and how far it has to get to have gone on.
  struct Wound {
    struct Lane {
      size_t lane;
      Standing before;
      uint64_t mark;
    };
    Kill kill;
    Clock::time_point at;
    std::vector<Lane> lanes;
    bool healed = false;
  };

  // One kill, or a few before the first is got over; until all are.
  absl::Status KillSome();
  // False: nothing is in flight that could be lost, or who is to die is not there.
  bool KillOne();
  bool SendKill(Kill* kill, size_t lane);
  void Restart(Victim victim, size_t lane);
  absl::Status AwaitHealing();
  bool Heal(Wound& wound);
  // Whether every client that it met went on with the session it had, as the node's own answers say.
  bool SameSession(const Wound& wound, std::string* otherwise);

  // A look at everything: an error when it is to stop, somebody died by himself, or nothing moves any more.
  absl::Status Look();
  uint64_t Received(size_t lane) { return fleet_.logs()[lane].standing().received; }
  // Messages that are certainly with the stream and not back; the last batch claimed may not be there yet.
  uint64_t InFlight(uint64_t claimed, size_t lane);
  uint64_t AllReceived();
  std::vector<size_t> WithMessagesInFlight();

  const ChaosOptions options_;
  const std::atomic<bool>& stop_;
  const OnProgress on_progress_;
  KillPlan plan_;
  Fleet fleet_;
  std::unique_ptr<LogFollower> follower_;
  ChaosReport report_;
  std::vector<Wound> wounds_;  // of the kills that are not in the report yet
  uint64_t moved_ = 0;         // events when something moved last
  Clock::time_point moved_at_ = Clock::now();
};

}  // namespace l3link::chaos

#endif  // L3LINK_TESTS_CHAOS_CHAOS_RUN_H_
