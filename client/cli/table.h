// Aligned text columns. Numbers to the right, words to the left, no trailing spaces.
#ifndef L3LINK_CLIENT_CLI_TABLE_H_
#define L3LINK_CLIENT_CLI_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace l3link::cli {

class Table {
 public:
  // A heading that begins with '>' has its column aligned to the right.
  explicit Table(std::vector<std::string> headings);

  // Cells beyond the headings are dropped, missing ones are empty; an empty cell shows as "-". Control bytes show as '?',
  // so that nothing a chip or another user wrote can drive the terminal.
  void AddRow(std::vector<std::string> cells);

  size_t row_count() const { return rows_.size(); }

  // Lines end in '\n'. A table without rows is its headings.
  std::string ToText() const;

 private:
  std::vector<std::string> headings_;
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

// `text` with every control byte shown as '?'.
std::string Printable(absl::string_view text);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_TABLE_H_
