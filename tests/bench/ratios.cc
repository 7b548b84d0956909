#include "tests/bench/ratios.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"

namespace l3link::bench {
namespace {

constexpr double kLeastTolerance = 1.1;
constexpr double kMostTolerance = 2;

// How many times worse `ratio` is than `kept`.
double TimesWorse(Better better, double ratio, double kept) {
  return better == Better::kHigher ? kept / ratio : ratio / kept;
}

double Rounded(double value) { return std::round(value * 1000) / 1000; }

}  // namespace

KeptRatio Keep(const Figure& figure) {
  const Better better = figure.kind.better;
  const double worst = better == Better::kHigher ? figure.round_ratios.low : figure.round_ratios.high;
  const double spread = TimesWorse(better, worst, figure.ratio());
  return {figure.ratio(), std::isfinite(spread) ? std::clamp(spread, kLeastTolerance, kMostTolerance) : kMostTolerance};
}

void KeepAll(const std::vector<Figure>& figures, KeptRatios* kept) {
  for (const Figure& figure : figures) {
    const bool comparable = !figure.kind.absolute || figure.kind.goal != 0;
    if (comparable && figure.ratio() > 0) kept->rows[figure.kind.name] = Keep(figure);
  }
}

std::string RatiosJson(const KeptRatios& kept) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::object();
  for (const auto& [name, row] : kept.rows) {
    rows[name] = {{"ratio", Rounded(row.ratio)}, {"tolerance", Rounded(row.tolerance)}};
  }
  return nlohmann::ordered_json{{"quick", kept.quick}, {"rows", rows}}.dump(1) + "\n";
}

absl::StatusOr<KeptRatios> ParseRatios(const std::string& json) {
  const absl::Status wrong = absl::InvalidArgumentError("not what dev/bench --save writes");
  const auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object() || !parsed.contains("quick") || !parsed["quick"].is_boolean()) return wrong;
  if (!parsed.contains("rows") || !parsed["rows"].is_object()) return wrong;
  KeptRatios kept;
  kept.quick = parsed["quick"].get<bool>();
  for (const auto& [name, row] : parsed["rows"].items()) {
    for (const char* key : {"ratio", "tolerance"}) {
      if (!row.is_object() || !row.contains(key) || !row[key].is_number() || row[key] <= 0) return wrong;
    }
    kept.rows[name] = {row["ratio"].get<double>(), row["tolerance"].get<double>()};
  }
  return kept;
}

bool GotWorse(const Figure& figure, const KeptRatios& kept) {
  const auto row = kept.rows.find(figure.kind.name);
  if (row == kept.rows.end()) return false;
  if (figure.kind.absolute) {
    return !figure.met() && TimesWorse(figure.kind.better, row->second.ratio, figure.kind.goal) <= 1;
  }
  return TimesWorse(figure.kind.better, figure.ratio(), row->second.ratio) > row->second.tolerance;
}

std::string WorseText(const Figure& figure, const KeptRatios& kept) {
  if (figure.kind.absolute) {
    return absl::StrFormat("%s: %.3g times %s, and it met its goal of %.3g", figure.kind.name, figure.ratio(),
                           figure.baseline_name, figure.kind.goal);
  }
  const KeptRatio& row = kept.rows.at(figure.kind.name);
  return absl::StrFormat("%s: %.3g, kept %.3g (at most %.3g times worse)", figure.kind.name, figure.ratio(), row.ratio,
                         row.tolerance);
}

std::vector<std::string> Missing(const std::vector<Figure>& figures, const KeptRatios& kept) {
  std::vector<std::string> missing;
  for (const auto& [name, row] : kept.rows) {
    const auto is_it = [&name = name](const Figure& figure) { return figure.kind.name == name; };
    if (std::none_of(figures.begin(), figures.end(), is_it)) missing.push_back(name);
  }
  return missing;
}

std::vector<Figure> BetterOf(const std::vector<Figure>& once, const std::vector<Figure>& again) {
  std::vector<Figure> better = once;
  for (size_t i = 0; i < better.size() && i < again.size(); ++i) {
    if (TimesWorse(once[i].kind.better, once[i].ratio(), again[i].ratio()) > 1) better[i] = again[i];
  }
  return better;
}

}  // namespace l3link::bench
