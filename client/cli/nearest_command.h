// "Did you mean": the command or flag nearest to a misspelled one. Pure; for main, when parsing failed.
#ifndef L3LINK_CLIENT_CLI_NEAREST_COMMAND_H_
#define L3LINK_CLIENT_CLI_NEAREST_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace l3link::cli {

// The one of `commands`, not empty, that the fewest single-character edits turn `word` into.
std::string NearestCommand(absl::string_view word, const std::vector<std::string>& commands);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_NEAREST_COMMAND_H_
