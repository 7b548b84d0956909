#include "server/kept_chips.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "backends/state/private_folder.h"

namespace l3link {
namespace {

std::string JournalOf(const std::string& state_dir, uint32_t chip) {
  return absl::StrCat(state_dir, "/private/chip-", chip, ".journal");
}

std::string ArenaOf(const std::string& state_dir, uint32_t chip) {
  return absl::StrCat(state_dir, "/chips/", chip, "/arena");
}

bool Exists(const std::string& path) {
  struct stat there;
  return lstat(path.c_str(), &there) == 0;
}

// Of the names PREFIX N SUFFIX in a folder, each N; none when there is no such folder.
std::set<uint32_t> NumbersIn(const std::string& folder, absl::string_view prefix, absl::string_view suffix) {
  std::set<uint32_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    absl::string_view digits = name;
    uint32_t number;
    if (!absl::ConsumePrefix(&digits, prefix) || !absl::ConsumeSuffix(&digits, suffix)) continue;
    if (absl::SimpleAtoi(digits, &number) && absl::StrCat(number) == digits) numbers.insert(number);
  }
  return numbers;
}

}  // namespace

std::set<uint32_t> FindKeptChips(const std::string& state_dir) {
  std::set<uint32_t> kept = NumbersIn(state_dir + "/private", "chip-", ".journal");
  for (uint32_t chip : NumbersIn(state_dir + "/chips", "", "")) {
    if (Exists(ArenaOf(state_dir, chip))) kept.insert(chip);
  }
  return kept;
}

absl::Status DiscardKeptChips(const std::string& state_dir) {
  const std::set<uint32_t> kept = FindKeptChips(state_dir);
  for (uint32_t chip : kept) {
    absl::Status status = RemovePrivateFile(JournalOf(state_dir, chip));
    if (!status.ok()) return status;
  }
  for (uint32_t chip : kept) {
    absl::Status status = RemovePrivateFile(ArenaOf(state_dir, chip));
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace l3link
