#include "backends/sim/chip_binary.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace l3link {
namespace {

bool IsProgram(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

absl::StatusOr<std::string> Named(const std::string& path, absl::string_view by) {
  if (IsProgram(path)) return path;
  return absl::NotFoundError(absl::StrCat("l3link-sim-chip: ", path, " (", by, ") is not a program"));
}

}  // namespace

absl::StatusOr<std::string> FindChipBinary(const std::string& asked) {
  if (!asked.empty()) return Named(asked, "asked for");
  if (const char* variable = std::getenv("L3LINK_SIM_CHIP"); variable != nullptr && *variable != '\0') {
    return Named(variable, "L3LINK_SIM_CHIP");
  }
  std::error_code error;
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<std::string> tried = {folder / "l3link-sim-chip"};
  for (; !folder.empty(); folder = folder.parent_path()) {
    tried.push_back(folder / "backends/sim/chip/l3link-sim-chip");
    if (folder == folder.parent_path()) break;
  }
  for (const std::string& path : tried) {
    if (IsProgram(path)) return path;
  }
  return absl::NotFoundError(absl::StrCat("l3link-sim-chip is in none of: ", absl::StrJoin(tried, ", "),
                                          "; name it by --sim-chip or L3LINK_SIM_CHIP"));
}

}  // namespace l3link
