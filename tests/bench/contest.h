// A contest: the project and its baselines do the same work in turn, round after round, so that what else the machine does
// falls on all of them. Each run reads one or several figures (p50 and p99 of the same run, say).
#ifndef L3LINK_TESTS_BENCH_CONTEST_H_
#define L3LINK_TESTS_BENCH_CONTEST_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/figure.h"

namespace l3link::bench {

// One reading of each of the contest's figures, in their order.
using Readings = std::vector<double>;
// Those of a contest for one figure.
absl::StatusOr<Readings> One(const absl::StatusOr<double>& reading, double scale = 1);
// Those of a contest for p50 and p99.
absl::StatusOr<Readings> Percentiles(absl::StatusOr<std::vector<double>> times);

struct Contestant {
  std::string name;
  std::function<absl::StatusOr<Readings>()> run;
  // Of a baseline, where not empty: beside the figures against the best it has its own, named FIGURE_vs_THIS, without a goal.
  std::string own_row = {};
};

struct Contest {
  std::vector<FigureKind> figures;
  Contestant ours;
  std::vector<Contestant> baselines;  // at least one
  int least_rounds = 1;
};

// Runs it `rounds` times, at least its least (after one that does not count) and keeps for each figure the best baseline. The
// error is that of the contestant who failed, with its name.
absl::StatusOr<std::vector<Figure>> Hold(const Contest& contest, int rounds);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_CONTEST_H_
