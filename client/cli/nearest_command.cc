#include "client/cli/nearest_command.h"

#include <algorithm>
#include <numeric>

namespace l3link::cli {
namespace {

// Levenshtein.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);  // distances of a's prefix so far to every prefix of b
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestCommand(absl::string_view word, const std::vector<std::string>& commands) {
  return *std::min_element(commands.begin(), commands.end(), [word](const std::string& a, const std::string& b) {
    return EditDistance(word, a) < EditDistance(word, b);
  });
}

}  // namespace l3link::cli
