#include "server/memory/session_table.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/session_owner.h"

namespace l3link {
namespace {

constexpr size_t kMostIdBytes = 64;
constexpr char kMadeUp[] = "memory-";
constexpr int kLooks = 8;  // of ForgetSome

absl::Status CheckSessionId(absl::string_view id) {
  if (id.size() <= kMostIdBytes && std::all_of(id.begin(), id.end(), absl::ascii_isprint)) return absl::OkStatus();
  const std::string shown = absl::CHexEscape(id.substr(0, kMostIdBytes));
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD,
                absl::StrCat("field session_id: \"", shown, "\"; 1 to 64 printable characters"),
                {{"field", "session_id"}, {"value", shown}, {"limit", "1 to 64 printable characters"}});
}

// Of the operation that an earlier daemon was in the middle of when it had come to its notify.
OperationLog::Result OutcomeOf(const SessionHot& open, const std::function<bool(const SessionHot&)>& store_again) {
  const auto stage = static_cast<NotifyStage>(open.stage);
  if (stage == NotifyStage::kStored || (stage == NotifyStage::kAnnounced && store_again(open))) {
    return {absl::OkStatus(), open.value, false};
  }
  return {
      Refuse(Reason::kOUTCOME_UNKNOWN, absl::StrCat("operation ", open.next,
                                                    " may have been done: the node was killed in the middle of it, and "
                                                    "the chip writes that signal too")),
      absl::nullopt, false};
}

std::unique_ptr<SessionJournal> TakeJournal(SessionRecord& record) {
  absl::MutexLock lock(&record.mu);
  return record.log.TakeJournal();
}

std::string RandomId() {
  std::random_device device;
  std::string id = kMadeUp;
  for (int i = 0; i < 4; ++i) absl::StrAppend(&id, absl::Hex(device(), absl::kZeroPad8));
  return id;
}

}  // namespace

absl::StatusOr<SessionTable::Attached> SessionTable::Attach(absl::string_view session_id, const std::string& principal,
                                                            MonoTime now) {
  if (absl::Status legal = CheckSessionId(session_id); !legal.ok()) return legal;
  const std::string id = session_id.empty() ? RandomId() : std::string(session_id);
  std::shared_ptr<SessionRecord> record;
  {
    absl::MutexLock lock(&mu_);
    auto found = sessions_.find(id);
    if (found != sessions_.end()) {
      absl::Status owner = CheckOwner(id, found->second.record->principal, principal);
      if (!owner.ok()) return owner;
      longest_unused_first_.splice(longest_unused_first_.end(), longest_unused_first_, found->second.age);
      found->second.unused_since = kNever;
      record = found->second.record;
    } else if (ForgetSome(now); sessions_.size() < most_ || ForgetOne()) {
      record = std::make_shared<SessionRecord>(id, principal);
      sessions_[id] = {record, longest_unused_first_.insert(longest_unused_first_.end(), id)};
    } else {
      return Refuse(Reason::kLIMIT_REACHED, absl::StrCat("memory sessions with a stream: all ", most_, " in use"),
                    {{"limit", "memory_sessions"}, {"maximum", absl::StrCat(most_)}});
    }
  }
  absl::MutexLock lock(&record->mu);
  const uint64_t stream = ++record->newest_stream;
  return Attached{record, stream, record->log.next_sequence(), this};
}

void SessionTable::Restore(std::vector<std::unique_ptr<SessionJournal>> sessions,
                           const std::function<bool(const SessionHot&)>& store_again) {
  absl::MutexLock lock(&mu_);
  for (std::unique_ptr<SessionJournal>& journal : sessions) {
    const std::string id = journal->session_id();
    auto record = std::make_shared<SessionRecord>(id, journal->principal());
    {
      absl::MutexLock record_lock(&record->mu);
      const SessionHot open = journal->hot();
      record->log.KeepIn(std::move(journal));
      if (open.stage != static_cast<uint64_t>(NotifyStage::kNone)) record->log.Append(OutcomeOf(open, store_again));
    }
    sessions_[id] = {std::move(record), longest_unused_first_.insert(longest_unused_first_.end(), id)};
  }
}

absl::Status SessionTable::KeepLog(SessionRecord& record) {
  if (journal_ == nullptr || record.log.journal() != nullptr) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<SessionJournal>> journal = journal_->NewSession();
  if (!journal.ok()) return journal.status();
  (*journal)->Begin(record.session_id, record.principal, record.log.next_sequence());
  record.log.KeepIn(*std::move(journal));
  return absl::OkStatus();
}

bool SessionTable::ForgetOne() {
  for (const std::string& id : longest_unused_first_) {
    auto found = sessions_.find(id);
    if (found->second.record.use_count() > 1) continue;  // a stream has it
    Forget(found);
    return true;
  }
  return false;
}

void SessionTable::ForgetSome(MonoTime now) {
  for (int looks = 0; looks < kLooks && !sessions_.empty(); ++looks) {
    if (next_look_ == longest_unused_first_.end()) next_look_ = longest_unused_first_.begin();
    auto found = sessions_.find(*next_look_++);
    Entry& entry = found->second;
    if (entry.record.use_count() > 1 || !absl::StartsWith(found->first, kMadeUp)) {
      entry.unused_since = kNever;
    } else if (entry.unused_since == kNever) {
      entry.unused_since = now;
    } else if (now >= After(entry.unused_since, kUnusedAtMost)) {
      Forget(found);
    }
  }
}

void SessionTable::Forget(Entries::iterator entry) {
  if (std::unique_ptr<SessionJournal> kept = TakeJournal(*entry->second.record)) journal_->Forget(std::move(kept));
  if (next_look_ == entry->second.age) ++next_look_;
  longest_unused_first_.erase(entry->second.age);
  sessions_.erase(entry);
}

size_t SessionTable::size() const {
  absl::MutexLock lock(&mu_);
  return sessions_.size();
}

}  // namespace l3link
