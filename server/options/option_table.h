// Every setting of l3linkd, once: its name, which is flag, variable and config key alike, and what --help says of it.
#ifndef L3LINK_SERVER_OPTIONS_OPTION_TABLE_H_
#define L3LINK_SERVER_OPTIONS_OPTION_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace l3link {

struct OptionRow {
  absl::string_view name;   // "state-dir": --state-dir, L3LINK_STATE_DIR, state-dir = ...
  absl::string_view value;  // "DIR"; empty: a switch
  absl::string_view group;  // heading in --help
  absl::string_view help;
};

// In order of --help.
absl::Span<const OptionRow> OptionTable();

// "L3LINK_STATE_DIR"
std::string VariableOf(absl::string_view name);

std::vector<std::string> OptionNames();

// What --help prints.
std::string HelpText();

}  // namespace l3link

#endif  // L3LINK_SERVER_OPTIONS_OPTION_TABLE_H_
