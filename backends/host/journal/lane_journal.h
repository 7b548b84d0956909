// The journal of one lane: what a restarted daemon must know of it, in memory that no chip maps.
//
// Owned by its HostLane; written by LaneProducer or LaneConsumer (positions) and LaneRecord (sessions), all under the chip
// worker's lock; sans-IO. The rule: journal before you give away, after you gain. Each call is one store that counts
// (AbRecord): a death before it leaves the state before, a death after it the state after.
//
//   sending:    Intend -> tail -> Commit -> report          receiving:  SetDigest.. -> Deliver -> frame;  Ack -> head
#ifndef L3LINK_BACKENDS_HOST_JOURNAL_LANE_JOURNAL_H_
#define L3LINK_BACKENDS_HOST_JOURNAL_LANE_JOURNAL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backends/host/journal/lane_journal_layout.h"

namespace l3link {

// A session that another one followed on a lane.
struct RetiredSession {
  std::string session_id;
  uint64_t generation = 0;  // of the lane then
  uint64_t start = 0;       // position when it was granted the lane
  uint64_t position = 0;    // and at its end: host_to_chip published, chip_to_host acked
  std::string principal = {};
};

// Who holds a lane, or held it last.
struct LaneHolder {
  std::string session_id;  // empty: nobody
  std::string principal;
  uint64_t generation = 0;
  uint64_t start = 0;
  uint64_t lease_id = 0;  // 0: not held
  uint64_t ttl_ns = 0;
};

class LaneJournal {
 public:
  // `block` has LaneBlockBytes(digests) of zeroed memory, or what an earlier daemon left there.
  LaneJournal(std::byte* block, uint64_t digests);

  // A new lane, or one that was reset: empty, of this generation, at this offset. Epoch and sessions go on.
  void Begin(uint64_t generation, uint64_t offset);
  // What an earlier daemon left. False: nothing whole, and nothing is known.
  bool Load();

  void Intend(const LanePosition& intent, uint64_t digest);
  void Commit(const LanePosition& committed, uint64_t bytes);
  // Of message `sequence`, before Deliver covers it.
  void SetDigest(uint64_t sequence, uint64_t digest);
  uint64_t Digest(uint64_t sequence) const;
  void Deliver(const LanePosition& delivered, uint64_t bytes);
  // `bytes` ever delivered up to there, looked at where no delivery was journaled so far.
  void Ack(const LanePosition& acked, uint64_t bytes);
  void SetPoison(int reason);

  // `holder` has the lane from now on, under this epoch.
  void Grant(uint64_t epoch, const LaneHolder& holder);
  // Nobody holds it any more; the last holder may come back.
  void Drop();
  // The last holder, which `session` is, will not go on. One that Begin has retired already is not retired twice.
  void Retire(const RetiredSession& session);

  const LaneHot& hot() const { return hot_; }
  LaneHolder holder() const;
  // Oldest first, at most kRetiredSessions; as they were at Load.
  std::vector<RetiredSession> LoadRetired() const;

 private:
  void StoreHot();
  // The cold record first: it does not count before the hot one that names it.
  void StoreCold();

  LaneBlock* const block_;
  const uint64_t digests_;
  AbRecord<LaneHot> hot_record_;
  AbRecord<LaneCold> cold_record_;
  LaneHot hot_;
  LaneCold cold_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_HOST_JOURNAL_LANE_JOURNAL_H_
