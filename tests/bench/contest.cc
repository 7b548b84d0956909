#include "tests/bench/contest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace l3link::bench {
namespace {

// [figure][round]
using Sheet = std::vector<std::vector<double>>;

absl::Status RunOnce(const Contestant& contestant, bool counts, Sheet* sheet) {
  absl::StatusOr<Readings> readings = contestant.run();
  if (!readings.ok()) {
    return absl::Status(readings.status().code(), absl::StrCat(contestant.name, ": ", readings.status().message()));
  }
  if (readings->size() != sheet->size()) {
    return absl::InternalError(absl::StrCat(contestant.name, ": ", readings->size(), " readings of ", sheet->size()));
  }
  for (size_t i = 0; counts && i < sheet->size(); ++i) (*sheet)[i].push_back((*readings)[i]);
  return absl::OkStatus();
}

Spread RoundRatios(const std::vector<double>& ours, const std::vector<double>& baseline) {
  std::vector<double> ratios;
  for (size_t round = 0; round < ours.size(); ++round) {
    if (baseline[round] != 0) ratios.push_back(ours[round] / baseline[round]);
  }
  return SpreadOf(ratios);
}

bool Beats(const FigureKind& kind, const Spread& a, const Spread& b) {
  return kind.better == Better::kHigher ? a.median > b.median : a.median < b.median;
}

}  // namespace

absl::StatusOr<Readings> One(const absl::StatusOr<double>& reading, double scale) {
  if (!reading.ok()) return reading.status();
  return Readings{*reading * scale};
}

absl::StatusOr<Readings> Percentiles(absl::StatusOr<std::vector<double>> times) {
  if (!times.ok()) return times.status();
  if (times->empty()) return absl::InternalError("nothing was timed");
  std::sort(times->begin(), times->end());
  return Readings{(*times)[times->size() / 2], (*times)[times->size() * 99 / 100]};
}

absl::StatusOr<std::vector<Figure>> Hold(const Contest& contest, int rounds) {
  std::vector<const Contestant*> all = {&contest.ours};
  for (const Contestant& baseline : contest.baselines) all.push_back(&baseline);
  std::vector<Sheet> sheets(all.size(), Sheet(contest.figures.size()));
  rounds = std::max(rounds, contest.least_rounds);
  for (int round = 0; round <= rounds; ++round) {
    for (size_t i = 0; i < all.size(); ++i) {
      if (absl::Status status = RunOnce(*all[i], round > 0, &sheets[i]); !status.ok()) return status;
    }
  }
  std::vector<Figure> figures;
  for (size_t f = 0; f < contest.figures.size(); ++f) {
    const FigureKind& kind = contest.figures[f];
    const auto against = [&](const FigureKind& row, size_t i) {
      return Figure{row, SpreadOf(sheets[0][f]), all[i]->name, SpreadOf(sheets[i][f]),
                    RoundRatios(sheets[0][f], sheets[i][f])};
    };
    Figure best = against(kind, 1);
    for (size_t i = 2; i < all.size(); ++i) {
      if (Figure figure = against(kind, i); Beats(kind, figure.baseline, best.baseline)) best = std::move(figure);
    }
    figures.push_back(std::move(best));
    for (size_t i = 1; i < all.size(); ++i) {
      if (all[i]->own_row.empty()) continue;
      figures.push_back(against({absl::StrCat(kind.name, "_vs_", all[i]->own_row), kind.unit, kind.better}, i));
    }
  }
  return figures;
}

}  // namespace l3link::bench
