#include "backends/runtime/context_options.h"

#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace l3link {
namespace {

absl::Status Wrong(absl::string_view part, absl::string_view legal) {
  return absl::InvalidArgumentError(absl::StrCat("option \"", part, "\": ", legal));
}

// False: no such key, or not a value of it.
bool Apply(absl::string_view key, absl::string_view value, ContextOptions* options) {
  if (value.empty()) return false;
  SimOptions& sim = options->sim;
  if (key == "program") {
    sim.programs.emplace_back(value);
  } else if (key == "chip_arg") {
    sim.chip_arguments.emplace_back(value);
  } else if (key == "sim_chip") {
    sim.chip_binary = std::string(value);
  } else if (key == "state_dir") {
    sim.state_dir = std::string(value);
  } else if (key == "ascend_hal") {
    options->ascend.hal_library = std::string(value);
  } else if (key == "ascend_acl") {
    options->ascend.acl_library = std::string(value);
  } else if (key == "external") {
    sim.external = value == "1";
    return value == "1" || value == "0";
  } else {
    return key == "arena_bytes" && absl::SimpleAtoi(value, &options->arena_bytes);
  }
  return true;
}

}  // namespace

absl::StatusOr<ContextOptions> ParseContextOptions(absl::string_view text) {
  ContextOptions options;
  absl::string_view key;
  for (absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    std::pair<absl::string_view, absl::string_view> words = absl::StrSplit(part, absl::MaxSplits('=', 1));
    // "program=echo,vector_add" as the daemon's flag has it: what has no key is one more program.
    if (words.first.size() == part.size() && key == "program") words = {key, part};
    key = words.first;
    if (!Apply(key, words.second, &options)) {
      return Wrong(part,
                   "not one of program=NAME, sim_chip=PATH, state_dir=DIR, arena_bytes=N, chip_arg=FLAG, external=0 or "
                   "1, ascend_hal=FILE, ascend_acl=FILE");
    }
  }
  return options;
}

}  // namespace l3link
