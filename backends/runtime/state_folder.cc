#include "backends/runtime/state_folder.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "backends/state/fresh_folder.h"
#include "backends/state/private_folder.h"

namespace l3link {
namespace {

namespace fs = std::filesystem;

constexpr char kLockName[] = "/l3linkd.lock";  // the daemon's own: the two exclude each other

absl::Status CheckNoJournal(const std::string& path) {
  std::error_code error;
  const fs::path journals = path + "/private";
  if (!fs::exists(journals, error) || fs::is_empty(journals, error)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("state_dir ", path, ": a daemon keeps its state there; give another"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateFolder>> StateFolder::Open(const std::string& asked) {
  absl::StatusOr<std::string> path = asked.empty() ? MakeFreshFolder("l3link-runtime", kLockName) : asked;
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
