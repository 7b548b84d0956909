#include "backends/state/private_folder.h"

#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace l3link {
namespace {

absl::Status Distrust(const std::string& path, absl::string_view why) {
  return absl::PermissionDeniedError(absl::StrCat(path, ": ", why, "; remove it, or choose another --state-dir"));
}

absl::Status CheckFolder(const std::string& path) {
  struct stat found;
  if (lstat(path.c_str(), &found) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", path));
  if (S_ISLNK(found.st_mode)) return Distrust(path, "is a symbolic link");
  if (!S_ISDIR(found.st_mode)) return Distrust(path, "is not a folder");
  if (found.st_uid != geteuid()) return Distrust(path, absl::StrCat("belongs to user ", found.st_uid));
  if ((found.st_mode & 022) != 0) return Distrust(path, "may be written by others");
  return absl::OkStatus();
}

}  // namespace

absl::Status MakePrivateFolder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return CheckFolder(path);
  const size_t slash = path.find_last_of('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make folder ", path));
  }
  absl::Status status = MakePrivateFolder(path.substr(0, slash));
  if (!status.ok()) return status;
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make folder ", path));
  }
  return CheckFolder(path);
}

absl::Status CheckPrivateFile(const struct stat& found, const std::string& path) {
  if (S_ISLNK(found.st_mode)) return Distrust(path, "is a symbolic link");
  if (!S_ISREG(found.st_mode)) return Distrust(path, "is not a regular file");
  if (found.st_uid != geteuid()) return Distrust(path, absl::StrCat("belongs to user ", found.st_uid));
  if ((found.st_mode & 022) != 0) return Distrust(path, "may be written by others");
  if (found.st_nlink != 1) return Distrust(path, "has a second hard link");
  return absl::OkStatus();
}

absl::Status RemovePrivateFile(const std::string& path) {
  struct stat old;
  if (lstat(path.c_str(), &old) != 0) {
    return errno == ENOENT ? absl::OkStatus() : absl::ErrnoToStatus(errno, absl::StrCat("cannot look at ", path));
  }
  absl::Status status = CheckPrivateFile(old, path);
  if (!status.ok()) return status;
  if (unlink(path.c_str()) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot remove the old ", path));
  return absl::OkStatus();
}

}  // namespace l3link
