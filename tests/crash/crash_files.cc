#include "tests/crash/crash_files.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace l3link {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> made) {
  if (made.ok()) return *std::move(made);
  fprintf(stderr, "%s\n", made.status().ToString().c_str());
  abort();
}

std::string NewFolder() {
  // Memory, as the daemon's own state folder: a prefix costs no disk.
  std::string folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TEST_TMPDIR");
  folder += "/l3link-crash-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) abort();
  return folder;
}

absl::string_view TextOf(absl::Span<std::byte> memory) {
  return {reinterpret_cast<const char*>(memory.data()), memory.size()};
}

// Only where something else is there: pages that nobody wrote stay away.
void PutPages(absl::Span<std::byte> memory, const std::string& bytes) {
  constexpr size_t kPage = 4096;
  for (size_t at = 0; at < bytes.size(); at += kPage) {
    if (std::memcmp(memory.data() + at, bytes.data() + at, kPage) != 0)
      std::memcpy(memory.data() + at, bytes.data() + at, kPage);
  }
}

}  // namespace

CrashFiles::CrashFiles()
    : folder_(NewFolder()),
      ours_(true),
      arena_(OrDie(MappedFile::Create(absl::StrCat(folder_, "/arena"), kArenaBytes))),
      journal_(OrDie(JournalMemory::Create(absl::StrCat(folder_, "/journal"), kJournalBytes))) {
  traits_.platform = "crash";
}

CrashFiles::CrashFiles(const CrashFiles& other)
    : Platform(),
      folder_(other.folder_),
      ours_(false),
      traits_(other.traits_),
      arena_(OrDie(MappedFile::Open(absl::StrCat(folder_, "/arena")))),
      journal_(OrDie(JournalMemory::Open(absl::StrCat(folder_, "/journal")))) {}

CrashFiles::~CrashFiles() {
  if (!ours_) return;
  arena_->Remove();
  journal_->Remove();
  rmdir(folder_.c_str());
}

Image CrashFiles::Take() const { return {std::string(TextOf(arena())), std::string(TextOf(journal()))}; }

void CrashFiles::Put(const Image& image) {
  PutPages(arena(), image.arena);
  PutPages(journal(), image.journal);
}

}  // namespace l3link
