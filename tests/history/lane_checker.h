// Judges the history of one lane pair while it is told: every acknowledged message is there exactly once and in order at
// the chip and back at the client, one position has the same bytes everywhere, nothing acts after it was fenced, and the
// positions at rest are exact.
//
// Shares no code with lanes, node or client: it recomputes each payload from its identity. Bounded memory, however long the
// history. Made and fed by one thread.
#ifndef L3LINK_TESTS_HISTORY_LANE_CHECKER_H_
#define L3LINK_TESTS_HISTORY_LANE_CHECKER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/history/event.h"
#include "tests/history/findings.h"
#include "tests/history/payload.h"
#include "tests/history/witnessed_order.h"

namespace l3link::history {

class LaneChecker {
 public:
  LaneChecker(uint64_t seed, uint32_t lane, uint64_t generation)
      : seed_(seed), lane_(lane), generation_(generation), chip_("chip"), client_("client") {}

  void Observe(const Event& event);
  // When all was told: what was acknowledged and never came. Of a history that broke off only what was passed over is lost;
  // the rest may have been under way.
  const Findings& Finish(bool broken_off = false);
  const Findings& findings() const { return findings_; }

  uint64_t attaches() const { return attaches_; }
  uint64_t redelivered() const { return redelivered_; }

 private:
  // A session and its first position.
  struct Tenure {
    uint64_t first;
    uint64_t session;
  };
  // One end: what it has seen, and by how much the contents were shifted against their positions at the last.
  struct End {
    explicit End(const char* name) : name(name) {}
    const char* name;
    WitnessedOrder order;
    int64_t shift = 0;
    uint64_t next_position = 0;  // one beyond the highest seen
    bool used = false;
  };

  void Attach(const Event& event);
  void Witness(End& end, const Event& event);
  void WitnessAgain(const Event& event);
  void Final(const Event& event, uint64_t expected, const char* what);
  bool IsFenced(const Event& event) const;

  Identity IdentityAt(uint64_t position) const;
  bool Is(const Event& event, uint64_t number) const;
  // Which message it is, whatever its place; nullopt: none that was sent near there.
  std::optional<uint64_t> Recognize(const End& end, const Event& event) const;
  bool IsOfEarlierSession(const Event& event) const;
  void Found(uint64_t* count, const Event& event, absl::string_view what);

  const uint64_t seed_;
  const uint32_t lane_;
  const uint64_t generation_;
  std::vector<Tenure> tenures_;
  uint64_t epoch_ = 0;
  uint64_t fenced_ = 0;
  uint64_t published_ = 0;
  uint64_t acked_ = 0;
  uint64_t attaches_ = 0;
  uint64_t redelivered_ = 0;
  bool finished_ = false;
  End chip_;
  End client_;
  Findings findings_;
};

}  // namespace l3link::history

#endif  // L3LINK_TESTS_HISTORY_LANE_CHECKER_H_
