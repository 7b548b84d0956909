#include "backends/testkit/node_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backends/state/fresh_folder.h"

namespace l3link::testkit {

absl::StatusOr<std::unique_ptr<NodeFolder>> NodeFolder::Make() {
  constexpr char kLockName[] = "/lock";
  absl::StatusOr<std::string> path = MakeFreshFolder("l3link-testkit", kLockName);
  if (!path.ok()) return path.status();
  absl::StatusOr<FileLock> lock = FileLock::Take(*path + kLockName, *path);
  if (!lock.ok()) return lock.status();
  return std::unique_ptr<NodeFolder>(new NodeFolder(*std::move(path), *std::move(lock)));
}

NodeFolder::~NodeFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string LastWords(const std::string& text, int lines) {
  const std::vector<absl::string_view> all = absl::StrSplit(absl::StripTrailingAsciiWhitespace(text), '\n');
  const size_t first = all.size() - std::min(all.size(), static_cast<size_t>(lines));
  std::string words;
  for (size_t i = first; i < all.size(); ++i) {
    if (!all[i].empty()) absl::StrAppend(&words, "\n  ", all[i]);
  }
  return words;
}

}  // namespace l3link::testkit
