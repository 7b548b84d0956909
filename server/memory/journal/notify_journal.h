// The journal of one chip's notifies that were sent with a request_id: a ring of the newest, each announced before its signal
// changes and marked after.
//
// Used under the chip worker's lock; sans-IO.
#ifndef L3LINK_SERVER_MEMORY_JOURNAL_NOTIFY_JOURNAL_H_
#define L3LINK_SERVER_MEMORY_JOURNAL_NOTIFY_JOURNAL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "backends/host/host_region.h"
#include "server/memory/journal/session_journal.h"

namespace l3link {

struct NotifyEntry {
  uint64_t serial;  // from 1; stored last, and 0 while the entry is changed
  uint64_t stage;   // NotifyStage
  uint64_t generation;
  uint64_t signal;
  uint64_t op;
  uint64_t operand;
  uint64_t value;  // that the signal will have, or has
  uint64_t reserved;
  char request_id[64];
};
static_assert(sizeof(NotifyEntry) == 128);

class NotifyJournal {
 public:
  // `entries`: `count` of zeros, or what an earlier daemon left.
  NotifyJournal(NotifyEntry* entries, size_t count) : entries_(entries), count_(count) {}

  // The entries that an earlier daemon left, oldest first; their serials are counted on from. `visit` may correct the entry: it is
  // written back.
  void Load(const std::function<void(NotifyEntry&)>& visit);

  // One notify, as its witness.
  class Witness final : public NotifyWitness {
   public:
    // The id outlives it.
    Witness(NotifyJournal* journal, absl::string_view request_id, const Notification& notify)
        : journal_(*journal), request_id_(request_id), notify_(notify) {}
    void BeforeStore(const Store& store) override;
    void AfterStore(uint64_t value) override;

   private:
    NotifyJournal& journal_;
    const absl::string_view request_id_;
    const Notification notify_;
    NotifyEntry* entry_ = nullptr;
  };

 private:
  NotifyEntry& PlaceOf(uint64_t serial) { return entries_[serial % count_]; }

  NotifyEntry* const entries_;
  const size_t count_;
  uint64_t newest_ = 0;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_JOURNAL_NOTIFY_JOURNAL_H_
