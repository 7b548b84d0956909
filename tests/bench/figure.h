// What dev/bench prints: a figure of the project beside its baseline, both from the same run, and the ratio of the two.
#ifndef L3LINK_TESTS_BENCH_FIGURE_H_
#define L3LINK_TESTS_BENCH_FIGURE_H_

#include <string>
#include <vector>

namespace l3link::bench {

enum class Better { kHigher, kLower };

// What is measured, before it is.
struct FigureKind {
  std::string name;  // "lane_64B"
  std::string unit;  // "msg/s", "us", "GB/s", "%"
  Better better = Better::kHigher;
  double goal = 0;  // of the ratio; 0: only shown
  // The baseline is a fixed amount ("one second"): the ratio is then this machine's, and is not compared with another's.
  bool absolute = false;
};

// Medians over the rounds of one run; `low` and `high` are the extremes.
struct Spread {
  double median = 0;
  double low = 0;
  double high = 0;
};
Spread SpreadOf(std::vector<double> readings);

struct Figure {
  FigureKind kind;
  Spread value;
  std::string baseline_name;  // the fastest of those tried
  Spread baseline;
  Spread round_ratios = {};  // of the two within each round

  double ratio() const { return baseline.median == 0 ? 0 : value.median / baseline.median; }
  bool met() const;
};

// One line a figure, with a head line.
std::string Table(const std::vector<Figure>& figures);
// {"rows": [{"name", "value", "baseline", "unit", "better", "ratio", "goal", "met", "baseline_name", ...}]}; "goal" 0: none.
std::string Json(const std::vector<Figure>& figures);

}  // namespace l3link::bench

#endif  // L3LINK_TESTS_BENCH_FIGURE_H_
