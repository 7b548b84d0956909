#include "tests/crash/crash_run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tests/crash/chips_eye.h"
#include "tests/crash/daemon.h"
#include "tests/crash/describe.h"
#include "tests/crash/go_on.h"

namespace l3link {
namespace {

constexpr size_t kPage = L3_PAGE_BYTES;
constexpr size_t kArenaPages = kArenaBytes / kPage;
constexpr size_t kPages = kArenaPages + kJournalBytes / kPage;
constexpr size_t kMostFaults = 5;

bool IsZero(const char* page) {
  static const char zeros[kPage] = {};
  return std::memcmp(page, zeros, kPage) == 0;
}

char* PageOf(Image& image, size_t page) {
  return page < kArenaPages ? image.arena.data() + page * kPage : image.journal.data() + (page - kArenaPages) * kPage;
}

const char* PageOf(const CrashFiles& files, size_t page) {
  const std::byte* at =
      page < kArenaPages ? files.arena().data() + page * kPage : files.journal().data() + (page - kArenaPages) * kPage;
  return reinterpret_cast<const char*>(at);
}

// Answers the state right after the recovery; `fault`: what was wrong with it, or with what came next.
std::string RecoverAndGoOn(CrashFiles* files, std::string* fault) {
  const ChipsEye seen = LookAsChip(*files);
  const uint64_t version = HeaderOf(files->arena())->host.directory_version;
  std::string text;
  {
    Daemon daemon(files);
    const absl::Status status = daemon.Recover();
    if (!status.ok()) return *fault = status.ToString(), "";
    text = Describe(daemon);
    if (daemon.header().host.directory_version <= version) *fault = "no new version of the directory";
    if (fault->empty()) *fault = FindTakenBack(seen, daemon);
    if (fault->empty()) *fault = FindFault(daemon);
    if (fault->empty()) *fault = GoOn(daemon);
    if (!fault->empty()) return text;
  }
  Daemon next(files);  // and what it went on with can be recovered in turn
  const absl::Status status = next.Recover();
  *fault = status.ok() ? FindFault(next) : status.ToString();
  return text;
}

}  // namespace

CrashRun::CrashRun(CrashFiles* files, Operation operation, const std::vector<Operation>& between)
    : files_(*files), operation_(std::move(operation)), start_(files->Take()), pages_in_use_(kPages), seen_(start_) {
  std::vector<Operation> ends = between;
  ends.insert(ends.begin(), [] { return true; });
  ends.push_back(operation_);
  for (const Operation& end : ends) {
    files_.Put(start_);
    SteppedChild child(end);
    child.Finish();
    std::string fault = child.succeeded() ? "" : "the operation fails";
    FindPagesInUse();
    legal_.push_back(fault.empty() ? RecoverCopy(&fault) : "");
    if (!fault.empty()) AddFault(absl::StrCat("legal state ", legal_.size() - 1), fault);
  }
}

void CrashRun::FindPagesInUse() {
  for (size_t page = 0; page < kPages; ++page) {
    if (!IsZero(PageOf(files_, page))) pages_in_use_[page] = true;
  }
}

bool CrashRun::NoticeStore() {
  bool changed = false;
  for (size_t page = 0; page < kPages; ++page) {
    if (!pages_in_use_[page]) continue;
    char* seen = PageOf(seen_, page);
    if (std::memcmp(seen, PageOf(files_, page), kPage) == 0) continue;
    std::memcpy(seen, PageOf(files_, page), kPage);
    changed = true;
  }
  return changed;
}

std::string CrashRun::RecoverCopy(std::string* fault) {
  copies_.Put(files_.Take());
  return RecoverAndGoOn(&copies_, fault);
}

void CrashRun::Judge(const std::string& where, const std::string& text, const std::string& fault) {
  if (!fault.empty()) return AddFault(where, fault);
  const auto found = std::find(legal_.begin() + static_cast<ptrdiff_t>(reached_), legal_.end(), text);
  if (found == legal_.end()) return AddFault(where, absl::StrCat("neither before nor after:\n", text));
  reached_ = static_cast<size_t>(found - legal_.begin());
}

void CrashRun::JudgePrefix(const std::string& where) {
  std::string fault;
  const std::string text = RecoverCopy(&fault);
  ++counts_.recoveries;
  Judge(where, text, fault);
}

void CrashRun::AddFault(const std::string& where, const std::string& what) {
  if (faults_.size() < kMostFaults) faults_.push_back(absl::StrCat(where, ": ", what));
}

void CrashRun::Run() {
  files_.Put(start_);
  seen_ = start_;
  reached_ = 0;
  prefixes_ = {start_};
  JudgePrefix("before the first store");
  SteppedChild child(operation_);
  while (child.Step()) {
    ++counts_.instructions;
    if (!NoticeStore()) continue;
    ++counts_.stores;
    prefixes_.push_back(seen_);
    JudgePrefix(absl::StrCat("store ", counts_.stores));
  }
  if (!child.succeeded()) AddFault("the end", "the operation fails");
  if (!(files_.Take() == seen_)) AddFault("the end", "something was stored where nobody looked");
  if (reached_ + 1 != legal_.size()) AddFault("the end", "the state after is not reached");
}

void CrashRun::KillEvery(uint64_t instructions) {
  for (uint64_t kill_at = 0;; kill_at += instructions) {
    files_.Put(start_);
    seen_ = start_;
    SteppedChild child(operation_);
    size_t stores = 0;
    uint64_t step = 0;
    while (step < kill_at && child.Step()) {
      ++step;
      if (NoticeStore()) ++stores;
    }
    if (step < kill_at) return;  // the operation has no more instructions
    child.Kill();
    ++kills_;
    const std::string where = absl::StrCat("killed after instruction ", step, ", store ", stores);
    if (stores >= prefixes_.size() || !(files_.Take() == prefixes_[stores])) {
      AddFault(where, "the files are not what they were after this store");
    }
    CrashFiles opened_anew(files_);
    std::string fault;
    const std::string text = RecoverAndGoOn(&opened_anew, &fault);
    reached_ = 0;
    Judge(where, text, fault);
  }
}

void CrashRun::StepRecovery(const Image& from, const std::string& where) {
  files_.Put(from);
  seen_ = from;
  std::string fault;
  const std::string expected = RecoverCopy(&fault);
  if (!fault.empty()) AddFault(where, fault);
  SteppedChild child([this] { return Daemon(&files_).Recover().ok(); });
  uint64_t stores = 0;
  while (child.Step()) {
    ++recovery_counts_.instructions;
    if (!NoticeStore()) continue;
    ++recovery_counts_.stores;
    ++recovery_counts_.recoveries;
    const std::string text = RecoverCopy(&fault);
    const std::string here = absl::StrCat(where, ", store ", ++stores, " of its recovery");
    if (!fault.empty()) AddFault(here, fault);
    if (text != expected) AddFault(here, absl::StrCat("recovers to something else:\n", text));
  }
  if (!child.succeeded()) AddFault(where, "the recovery fails");
  if (!(files_.Take() == seen_)) AddFault(where, "something was stored where nobody looked");
}

void CrashRun::CrashRecovery(size_t most_prefixes) {
  const size_t count = std::min(most_prefixes, prefixes_.size());
  for (size_t i = 0; i < count; ++i) {
    const size_t store = count == 1 ? 0 : i * (prefixes_.size() - 1) / (count - 1);
    StepRecovery(prefixes_[store], absl::StrCat("store ", store));
  }
}

std::string CrashRun::Summary(const std::string& name) const {
  auto counts = [](const CrashCounts& of) {
    return absl::StrCat(of.instructions, " instructions, ", of.stores, " stores, ", of.recoveries, " recoveries");
  };
  std::string text = absl::StrCat(name, ": ", counts(counts_));
  if (kills_ > 0) absl::StrAppend(&text, "; ", kills_, " kills");
  if (recovery_counts_.instructions > 0) absl::StrAppend(&text, "; in recoveries: ", counts(recovery_counts_));
  return text;
}

}  // namespace l3link
