#include "client/cli/object_reference.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace l3link::cli {
namespace {

constexpr size_t kMaxNameBytes = 47;

absl::Status Wrong(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("'", text, "': ", why, "; expected [WORKER/]NAME[@GENERATION]"));
}

bool IsNameByte(char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; }

// SimpleAtoi alone would take a sign and spaces.
template <typename T>
bool ParseDigits(absl::string_view text, T* value) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) && absl::SimpleAtoi(text, value);
}

}  // namespace

absl::StatusOr<ObjectReference> ParseObjectReference(absl::string_view text) {
  ObjectReference reference;
  absl::string_view name = text;
  if (const size_t slash = name.find('/'); slash != absl::string_view::npos) {
    if (!ParseDigits(name.substr(0, slash), &reference.worker_id)) {
      return Wrong(text, absl::StrCat("WORKER '", name.substr(0, slash), "' is not a worker index"));
    }
    name.remove_prefix(slash + 1);
  }
  if (const size_t at = name.find('@'); at != absl::string_view::npos) {
    if (!ParseDigits(name.substr(at + 1), &reference.generation) || reference.generation == 0) {
      return Wrong(text, absl::StrCat("GENERATION '", name.substr(at + 1), "' is not a number from 1"));
    }
    name = name.substr(0, at);
  }
  if (name.empty()) return Wrong(text, "NAME is empty");
  if (name.size() > kMaxNameBytes) return Wrong(text, absl::StrCat("NAME of ", name.size(), " bytes > 47"));
  if (!std::all_of(name.begin(), name.end(), IsNameByte)) {
    return Wrong(text, "NAME may have letters, digits, '.', '_' and '-' only");
  }
  reference.name = std::string(name);
  return reference;
}

absl::StatusOr<ObjectReference> ParseNewReference(absl::string_view text) {
  absl::StatusOr<ObjectReference> reference = ParseObjectReference(text);
  if (!reference.ok() || reference->generation == 0) return reference;
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "': a generation cannot be chosen at open; expected [WORKER/]NAME"));
}

std::string FormatObjectReference(uint32_t worker_id, absl::string_view name, uint64_t generation) {
  std::string text = absl::StrCat(worker_id, "/", name);
  if (generation != 0) absl::StrAppend(&text, "@", generation);
  return text;
}

}  // namespace l3link::cli
