// What a chaos run came to: its numbers as JSON and as a table.
#ifndef L3LINK_TESTS_CHAOS_CHAOS_REPORT_H_
#define L3LINK_TESTS_CHAOS_CHAOS_REPORT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/chaos/kill_plan.h"
#include "tests/history/findings.h"

namespace l3link::chaos {

// One kill, from the signal until every client it met has a message back that was sent after it.
struct Kill {
  Victim victim = Victim::kDaemon;
  uint64_t in_flight = 0;  // messages sent and not back when the signal had been sent
  bool same_session = false;
  std::string otherwise;             // how it went on, when not so
  bool supervised = false;           // a chip that its daemon had to start again
  bool at_the_worst_moment = false;  // a chip that was asked to die between an answer and the release of its question
  double resume_ms = 0;
};

struct ChaosReport {
  std::vector<Kill> kills;
  uint64_t messages = 0;  // back at their senders
  uint64_t redelivered = 0;
  history::Findings findings;
  double seconds = 0;
  std::string failure;  // why the run ended early; empty: it did not

  uint64_t CountOf(Victim victim) const;
  uint64_t InFlight() const;
  uint64_t InFlight(Victim victim) const;
  uint64_t SameSession() const;
  uint64_t Supervised() const;
  uint64_t AtTheWorstMoment() const;
  // Of the kills for which `counts`; 0: there were none.
  double ResumeMs(double quantile, const std::function<bool(const Kill&)>& counts = {}) const;

  // Nothing lost, doubled, swapped or wrong; at least a quarter of the kills of each kind with messages in flight; at least nine
  // in ten went on with the same session.
  bool Passed(uint64_t kills_wanted, uint64_t messages_wanted) const;
  std::string Json() const;
  std::string Table() const;
};

}  // namespace l3link::chaos

#endif  // L3LINK_TESTS_CHAOS_CHAOS_REPORT_H_
