// What the clients and the chip of session_fuzzer know: of each stream, of both lanes' messages, and how an answer of the node is
// held against the model's.
#ifndef L3LINK_TESTS_FUZZ_SESSION_BOOKS_H_
#define L3LINK_TESTS_FUZZ_SESSION_BOOKS_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "l3link/v1/channel.pb.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/session_model.h"

namespace l3link::fuzz {

// What a client and the model know of a stream.
struct Client {
  std::vector<int> lanes;
  uint64_t next = 0;        // sequence that the node expects
  uint64_t deliver = 0;     // that comes next
  uint64_t ack_most = 0;    // that it may acknowledge through
  bool superseded = false;  // and does not know it

  bool Has(int lane) const { return std::count(lanes.begin(), lanes.end(), lane) > 0; }
};

inline std::string ReasonNameOf(const absl::Status& status) {
  const absl::optional<Refusal> refusal = RefusalOf(status);
  return status.ok() ? "" : refusal.has_value() ? std::string(refusal->row->name) : status.ToString();
}

struct LaneBooks {
  std::vector<std::string> published;  // on the host_to_chip lane
  std::vector<std::string> pending;    // accepted of its sender, and not yet published
  std::vector<std::string> given;      // by the chip
  uint64_t taken = 0;
  uint64_t acked = 0;

  // The node has published so many: the first of those that were pending.
  void Published(uint64_t count) {
    FUZZ_CHECK(count >= published.size() && count - published.size() <= pending.size(),
               absl::StrCat(count, " published, not ", published.size(), " and of ", pending.size(), " pending"));
    const auto end = pending.begin() + (count - published.size());
    published.insert(published.end(), pending.begin(), end);
    pending.erase(pending.begin(), end);
  }
};

inline void CheckAnswer(const Answer& expected, const absl::Status& status) {
  FUZZ_CHECK(ReasonNameOf(status) == expected.reason, absl::StrCat("instead: ", status.ToString()));
  if (status.ok()) return;
  const Metadata metadata = RefusalOf(status)->metadata;
  for (const auto& [key, value] : expected.metadata) {
    const bool there = std::count(metadata.begin(), metadata.end(), Metadata::value_type(key, value)) > 0;
    FUZZ_CHECK(there, absl::StrCat(status.ToString(), " without ", key, " ", value));
  }
}

// A frame that tells progress, by itself or with messages.
inline void CheckProgress(const LaneBooks& books, const v1::StreamResponse& frame) {
  if (!frame.has_progress() && !frame.messages().has_progress()) return;
  const v1::Progress& progress = frame.has_progress() ? frame.progress() : frame.messages().progress();
  FUZZ_CHECK(progress.published() == books.published.size(), frame.ShortDebugString());
  FUZZ_CHECK(progress.consumed() <= books.taken, frame.ShortDebugString());
}

inline void CheckAttached(const Answer& expected, const std::vector<int>& lanes, const LaneBooks& books,
                          const v1::Attached& attached) {
  FUZZ_CHECK(attached.resumed() == expected.resumed, attached.ShortDebugString());
  for (size_t i = 0; i < lanes.size(); ++i) {
    const bool to_chip = lanes[i] == kToChip;
    const v1::AttachedLane& lane = to_chip ? attached.host_to_chip() : attached.chip_to_host();
    FUZZ_CHECK(lane.epoch() == expected.epochs[i], attached.ShortDebugString());
    FUZZ_CHECK(lane.next_sequence() == (to_chip ? books.published.size() : books.acked), attached.ShortDebugString());
  }
}

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_SESSION_BOOKS_H_
