#include "backends/find_program.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace l3link {
namespace {

namespace fs = std::filesystem;

bool IsProgram(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

absl::StatusOr<std::string> Named(const ProgramPlaces& places, const std::string& path, absl::string_view by) {
  if (IsProgram(path)) return path;
  return absl::NotFoundError(absl::StrCat(places.name, ": ", path, " (", by, ") is not a program"));
}

// Of a program or library at `path`, which may be a link into the folder that matters.
void AddFoldersOf(const fs::path& path, const ProgramPlaces& places, std::vector<std::string>* tried) {
  const fs::path own = path.parent_path();
  if (own.empty()) return;
  tried->push_back(own / places.name);
  if (own.filename() != "bin") tried->push_back(own.parent_path() / "bin" / places.name);
  for (fs::path folder = own;; folder = folder.parent_path()) {
    tried->push_back(folder / places.build_folder / places.name);
    if (folder == folder.parent_path()) return;
  }
}

void AddFoldersOnPath(const ProgramPlaces& places, std::vector<std::string>* tried) {
  const char* variable = std::getenv("PATH");
  if (variable == nullptr) return;
  for (absl::string_view folder : absl::StrSplit(variable, ':', absl::SkipEmpty())) {
    if (folder[0] == '/') tried->push_back(absl::StrCat(folder, "/", places.name));
  }
}

}  // namespace

absl::StatusOr<std::string> FindProgram(const ProgramPlaces& places, const std::string& asked,
                                        const std::string& beside) {
  if (!asked.empty()) return Named(places, asked, "asked for");
  if (const char* variable = std::getenv(places.variable); variable != nullptr && *variable != '\0') {
    return Named(places, variable, places.variable);
  }
  std::vector<std::string> tried;
  std::error_code error;
  if (!beside.empty()) {
    AddFoldersOf(fs::absolute(beside, error), places, &tried);
    AddFoldersOf(fs::canonical(beside, error), places, &tried);
  }
  AddFoldersOf(fs::read_symlink("/proc/self/exe", error), places, &tried);
  AddFoldersOnPath(places, &tried);
  for (const std::string& path : tried) {
    if (IsProgram(path)) return path;
  }
  return absl::NotFoundError(
      absl::StrCat(places.name, " is in none of: ", absl::StrJoin(tried, ", "), "; name it by ", places.remedy));
}

std::string FileThatHolds(const void* address) {
  Dl_info info;
  return dladdr(address, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

}  // namespace l3link
