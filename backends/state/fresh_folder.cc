#include "backends/state/fresh_folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backends/state/file_lock.h"

namespace l3link {
namespace {

namespace fs = std::filesystem;

constexpr time_t kLeftBehindSeconds = 60;  // a younger one may still be on its way to its lock

std::string Parent() {
  std::error_code error;
  if (access("/dev/shm", W_OK | X_OK) == 0) return "/dev/shm";
  const fs::path folder = fs::temp_directory_path(error);
  return error ? "/tmp" : folder.string();
}

bool IsLeftBehind(const std::string& path, const std::string& lock_name) {
  struct stat folder, lock;
  if (lstat(path.c_str(), &folder) != 0 || !S_ISDIR(folder.st_mode) || folder.st_uid != geteuid()) return false;
  if (lstat((path + lock_name).c_str(), &lock) != 0) return false;
  return time(nullptr) - lock.st_mtime > kLeftBehindSeconds;
}

// A chip of theirs that still runs ends when the arena's file is gone.
void RemoveLeftBehind(const std::string& parent, const std::string& prefix, const std::string& lock_name) {
  std::error_code error;
  for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
    const std::string path = at->path().string();
    if (!absl::StartsWith(at->path().filename().string(), prefix) || !IsLeftBehind(path, lock_name)) continue;
    const absl::StatusOr<FileLock> lock = FileLock::Take(path + lock_name, path);
    std::error_code ignored;
    if (lock.ok()) fs::remove_all(path, ignored);
  }
}

}  // namespace

absl::StatusOr<std::string> MakeFreshFolder(const std::string& kind, const std::string& lock_name) {
  const std::string parent = Parent();
  const std::string prefix = absl::StrCat(kind, "-", geteuid(), ".");
  RemoveLeftBehind(parent, prefix, lock_name);
  std::string path = absl::StrCat(parent, "/", prefix, "XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot make ", path));
  return path;
}

}  // namespace l3link
