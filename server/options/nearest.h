// "Did you mean": the known word nearest to a misspelled one. Pure.
#ifndef L3LINK_SERVER_OPTIONS_NEAREST_H_
#define L3LINK_SERVER_OPTIONS_NEAREST_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace l3link {

// Single-character insertions, deletions and replacements that turn `a` into `b` (Levenshtein).
size_t EditDistance(absl::string_view a, absl::string_view b);

struct NearestWord {
  std::string word;  // empty when there are no candidates
  size_t distance = 0;
};
NearestWord Nearest(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace l3link

#endif  // L3LINK_SERVER_OPTIONS_NEAREST_H_
