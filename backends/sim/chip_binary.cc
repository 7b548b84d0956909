#include "backends/sim/chip_binary.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace l3link {
namespace {

constexpr char kName[] = "l3link-sim-chip";

bool IsProgram(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

absl::StatusOr<std::string> Named(const std::string& path, absl::string_view by) {
  if (IsProgram(path)) return path;
  return absl::NotFoundError(absl::StrCat(kName, ": ", path, " (", by, ") is not a program"));
}

// Of a program or library at `path`, which may be a link into the folder that matters.
void AddFoldersOf(const std::filesystem::path& path, std::vector<std::string>* tried) {
  for (std::filesystem::path folder = path.parent_path(); !folder.empty(); folder = folder.parent_path()) {
    if (folder == path.parent_path()) tried->push_back(folder / kName);
    tried->push_back(folder / "backends/sim/chip" / kName);
    if (folder == folder.parent_path()) break;
  }
}

void AddFoldersOnPath(std::vector<std::string>* tried) {
  const char* variable = std::getenv("PATH");
  if (variable == nullptr) return;
  for (absl::string_view folder : absl::StrSplit(variable, ':', absl::SkipEmpty())) {
    if (folder[0] == '/') tried->push_back(absl::StrCat(folder, "/", kName));
  }
}

}  // namespace

absl::StatusOr<std::string> FindChipBinary(const std::string& asked, const std::string& beside) {
  if (!asked.empty()) return Named(asked, "asked for");
  if (const char* variable = std::getenv("L3LINK_SIM_CHIP"); variable != nullptr && *variable != '\0') {
    return Named(variable, "L3LINK_SIM_CHIP");
  }
  std::vector<std::string> tried;
  std::error_code error;
  if (!beside.empty()) {
    AddFoldersOf(beside, &tried);
    AddFoldersOf(std::filesystem::canonical(beside, error), &tried);
  }
  AddFoldersOf(std::filesystem::read_symlink("/proc/self/exe", error), &tried);
  AddFoldersOnPath(&tried);
  for (const std::string& path : tried) {
    if (IsProgram(path)) return path;
  }
  return absl::NotFoundError(absl::StrCat(kName, " is in none of: ", absl::StrJoin(tried, ", "),
                                          "; name it by --sim-chip or L3LINK_SIM_CHIP"));
}

}  // namespace l3link
