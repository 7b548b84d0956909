#include "tests/bench/contest.h"

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

bool Beats(const FigureKind& kind, const Spread& a, const Spread& b) {
  return kind.better == Better::kHigher ? a.median > b.median : a.median < b.median;
}

}  // namespace

absl::StatusOr<Readings> One(const absl::StatusOr<double>& reading, double scale) {
  if (!reading.ok()) return reading.status();
  return Readings{*reading * scale};
}

absl::StatusOr<std::vector<Figure>> Hold(const Contest& contest, int rounds) {
  std::vector<const Contestant*> all = {&contest.ours};
  for (const Contestant& baseline : contest.baselines) all.push_back(&baseline);
  std::vector<Sheet> sheets(all.size(), Sheet(contest.figures.size()));
  for (int round = 0; round <= rounds; ++round) {
    for (size_t i = 0; i < all.size(); ++i) {
      if (absl::Status status = RunOnce(*all[i], round > 0, &sheets[i]); !status.ok()) return status;
    }
  }
  std::vector<Figure> figures;
  for (size_t f = 0; f < contest.figures.size(); ++f) {
    Figure figure{contest.figures[f], SpreadOf(sheets[0][f]), "", {}};
    for (size_t i = 1; i < all.size(); ++i) {
      const Spread spread = SpreadOf(sheets[i][f]);
      if (!figure.baseline_name.empty() && !Beats(figure.kind, spread, figure.baseline)) continue;
      figure.baseline_name = all[i]->name;
      figure.baseline = spread;
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace l3link::bench
