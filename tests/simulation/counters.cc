#include "tests/simulation/counters.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace l3link::simulation {
namespace {

struct Row {
  uint64_t floor_in_a_million;
  const char* text;
};

constexpr Row kRows[] = {
#define COUNTER(name, floor, text) {floor, text},
#include "tests/simulation/counters.inc"
#undef COUNTER
};

uint64_t FloorOf(const Row& row, uint64_t seeds) { return row.floor_in_a_million * seeds / 1'000'000; }

}  // namespace

std::string Counters::Table(uint64_t seeds) const {
  std::string table;
  for (size_t i = 0; i < counts_.size(); ++i) {
    const uint64_t floor = FloorOf(kRows[i], seeds);
    absl::StrAppendFormat(&table, "%12d  (at least %8d)  %s%s\n", counts_[i], floor, kRows[i].text,
                          counts_[i] < floor ? "  LOW" : "");
  }
  return table;
}

std::string Counters::Low(uint64_t seeds) const {
  std::string low;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] < FloorOf(kRows[i], seeds)) absl::StrAppend(&low, kRows[i].text, ": ", counts_[i], "\n");
  }
  return low;
}

}  // namespace l3link::simulation
