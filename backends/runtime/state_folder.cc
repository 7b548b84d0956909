#include "backends/runtime/state_folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/state/private_folder.h"

namespace l3link {
namespace {

namespace fs = std::filesystem;

constexpr char kLockName[] = "/l3linkd.lock";  // the daemon's own: the two exclude each other
constexpr time_t kLeftBehindSeconds = 60;      // a younger one may still be on its way to its lock

std::string NamePrefix() { return absl::StrCat("l3link-runtime-", geteuid(), "."); }

std::string ParentOfFresh() {
  std::error_code error;
  if (access("/dev/shm", W_OK | X_OK) == 0) return "/dev/shm";
  const fs::path folder = fs::temp_directory_path(error);
  return error ? "/tmp" : folder.string();
}

bool IsLeftBehind(const std::string& path) {
  struct stat folder, lock;
  if (lstat(path.c_str(), &folder) != 0 || !S_ISDIR(folder.st_mode) || folder.st_uid != geteuid()) return false;
  if (lstat((path + kLockName).c_str(), &lock) != 0) return false;
  return time(nullptr) - lock.st_mtime > kLeftBehindSeconds;
}

// Whoever was killed could not remove its folder. Its chip, should it still run, ends when the arena's file is gone.
void RemoveLeftBehind(const std::string& parent) {
  std::error_code error;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    const std::string path = at->path().string();
    if (!absl::StartsWith(at->path().filename().string(), NamePrefix()) || !IsLeftBehind(path)) continue;
    const absl::StatusOr<FileLock> lock = FileLock::Take(path + kLockName, path);
    std::error_code ignored;
    if (lock.ok()) fs::remove_all(path, ignored);
  }
}

absl::StatusOr<std::string> MakeFresh() {
  const std::string parent = ParentOfFresh();
  RemoveLeftBehind(parent);
  std::string path = absl::StrCat(parent, "/", NamePrefix(), "XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  return path;
}

absl::Status CheckNoJournal(const std::string& path) {
  std::error_code error;
  const fs::path journals = path + "/private";
  if (!fs::exists(journals, error) || fs::is_empty(journals, error)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("state_dir ", path, ": a daemon keeps its state there; give another"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateFolder>> StateFolder::Open(const std::string& asked) {
  absl::StatusOr<std::string> path = asked.empty() ? MakeFresh() : asked;
  if (!path.ok()) return path.status();
  absl::Status status = MakePrivateFolder(*path);
  if (!status.ok()) return status;
  absl::StatusOr<FileLock> lock = FileLock::Take(*path + kLockName, absl::StrCat("state_dir ", *path));
  if (absl::IsAlreadyExists(lock.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("state_dir ", *path, " is in use by another context or a daemon"));
  }
  if (!lock.ok()) return lock.status();
  std::unique_ptr<StateFolder> folder(new StateFolder(*path, asked.empty(), *std::move(lock)));
  status = CheckNoJournal(*path);
  if (!status.ok()) return status;
  return folder;
}

StateFolder::~StateFolder() {
  std::error_code ignored;
  if (ours_) fs::remove_all(path_, ignored);
}

}  // namespace l3link
