#include "tests/bench/figure.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace l3link::bench {
namespace {

// Three digits that count, with a letter for thousands.
std::string Short(double value) {
  for (const auto& [unit, letter] : {std::pair{1e9, "G"}, {1e6, "M"}, {1e3, "k"}}) {
    if (value >= unit) return absl::StrFormat("%.3g%s", value / unit, letter);
  }
  return absl::StrFormat("%.3g", value);
}

std::string Short(const Spread& spread) {
  return absl::StrCat(Short(spread.median), " (", Short(spread.low), "-", Short(spread.high), ")");
}

std::string Verdict(const Figure& figure) {
  if (figure.kind.goal == 0) return "-";
  return absl::StrFormat("%s %.3g %s", figure.kind.better == Better::kHigher ? ">=" : "<=", figure.kind.goal,
                         figure.met() ? "met" : "MISSED");
}

}  // namespace

Spread SpreadOf(std::vector<double> readings) {
  if (readings.empty()) return {};
  std::sort(readings.begin(), readings.end());
  const size_t half = readings.size() / 2;
  const double median = readings.size() % 2 == 1 ? readings[half] : (readings[half - 1] + readings[half]) / 2;
  return {median, readings.front(), readings.back()};
}

bool Figure::met() const {
  if (kind.goal == 0) return true;
  return kind.better == Better::kHigher ? ratio() >= kind.goal : ratio() <= kind.goal;
}

std::string Table(const std::vector<Figure>& figures) {
  int widest = 0;
  for (const Figure& figure : figures) widest = std::max(widest, static_cast<int>(figure.kind.name.size()));
  std::string table = absl::StrFormat("%-*s %-6s %-24s %-24s %7s  %-14s %s\n", widest, "figure", "unit",
                                      "l3link (low-high)", "baseline (low-high)", "ratio", "goal", "baseline is");
  for (const Figure& figure : figures) {
    absl::StrAppendFormat(&table, "%-*s %-6s %-24s %-24s %7.3g  %-14s %s\n", widest, figure.kind.name, figure.kind.unit,
                          Short(figure.value), Short(figure.baseline), figure.ratio(), Verdict(figure),
                          figure.baseline_name);
  }
  return table;
}

std::string Json(const std::vector<Figure>& figures) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Figure& figure : figures) {
    rows.push_back({{"name", figure.kind.name},
                    {"value", figure.value.median},
                    {"baseline", figure.baseline.median},
                    {"unit", figure.kind.unit},
                    {"better", figure.kind.better == Better::kHigher ? "higher" : "lower"},
                    {"ratio", figure.ratio()},
                    {"goal", figure.kind.goal},
                    {"met", figure.met()},
                    {"baseline_name", figure.baseline_name},
                    {"absolute", figure.kind.absolute},
                    {"value_spread", {figure.value.low, figure.value.high}},
                    {"baseline_spread", {figure.baseline.low, figure.baseline.high}},
                    {"ratio_spread", {figure.round_ratios.low, figure.round_ratios.high}}});
  }
  return nlohmann::ordered_json{{"rows", rows}}.dump(1) + "\n";
}

}  // namespace l3link::bench
