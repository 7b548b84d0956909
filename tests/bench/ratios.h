// The regression check of dev/bench: the ratios of an earlier run, kept in a file, and what got worse since.
//
// Ratios only, never times: both sides of a ratio ran on the same machine in the same run. Each row has its own tolerance,
// from how much its ratio moved between the rounds of the run that was kept. Pure.
#ifndef L3LINK_TESTS_BENCH_RATIOS_H_
#define L3LINK_TESTS_BENCH_RATIOS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/figure.h"

namespace l3link::bench {

struct KeptRatio {
  double ratio = 0;
  double tolerance = 0;  // how many times worse than `ratio` is still the same: 1.1 to 2
};

struct KeptRatios {
  bool quick = false;  // the run's sizes
  std::map<std::string, KeptRatio> rows;
};

// The tolerance is how far the worst round was from the median, within the limits above.
KeptRatio Keep(const Figure& figure);
// Takes over all figures but absolute ones that have no goal; rows that were not measured stay.
void KeepAll(const std::vector<Figure>& figures, KeptRatios* kept);

// {"quick": true, "rows": {"lane_64B": {"ratio": 3.1, "tolerance": 1.1}, ...}}
std::string RatiosJson(const KeptRatios& kept);
absl::StatusOr<KeptRatios> ParseRatios(const std::string& json);

// Whether its ratio is worse than kept by more than the tolerance. Of an absolute figure, which another machine would change:
// whether it misses the goal that it met. What is not kept never got worse.
bool GotWorse(const Figure& figure, const KeptRatios& kept);
// "lane_64B: 2.1, kept 3.2 (at most 1.1 times worse)"
std::string WorseText(const Figure& figure, const KeptRatios& kept);
// Names that are kept and were not measured.
std::vector<std::string> Missing(const std::vector<Figure>& figures, const KeptRatios& kept);

// For each figure of the same contest held twice, the better of the two.
std::vector<Figure> BetterOf(const std::vector<Figure>& once, const std::vector<Figure>& again);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_RATIOS_H_
