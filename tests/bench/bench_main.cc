// bench: the program behind dev/bench. Run from the top of the checkout, where it finds what it starts.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <regex>
#include <string>

#include "tests/bench/contests.h"
#include "tests/bench/figure.h"
#include "tests/bench/raw/raw_server.h"

namespace l3link::bench {
namespace {

struct BenchOptions {
  bool quick = false;
  int rounds = 0;
  std::string only;
  std::string json;
};

std::string NameOf(const NamedContest& named) { return named.name + " " + named.contest.figures[0].name; }

int Run(const BenchOptions& options) {
  const int rounds = options.rounds > 0 ? options.rounds : options.quick ? 3 : 7;
  const std::regex only(options.only);
  Contests contests(options.quick);
  std::vector<Figure> figures;
  for (const NamedContest& named : contests.all()) {
    if (!std::regex_search(NameOf(named), only)) continue;
    std::fprintf(stderr, "bench: %s, %d rounds\n", NameOf(named).c_str(), rounds);
    auto held = Hold(named.contest, rounds);
    if (!held.ok()) {
      std::fprintf(stderr, "bench: %s: %s\n", NameOf(named).c_str(), held.status().ToString().c_str());
      return 1;
    }
    figures.insert(figures.end(), held->begin(), held->end());
  }
  if (figures.empty()) {
    std::fprintf(stderr, "bench: --only %s matches no contest; --list shows them\n", options.only.c_str());
    return 2;
  }
  std::fputs(Table(figures).c_str(), stdout);
  if (!options.json.empty() && !(std::ofstream(options.json) << Json(figures)).flush()) {
    std::fprintf(stderr, "bench: cannot write %s\n", options.json.c_str());
    return 1;
  }
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app("Measures the project and its baselines side by side and prints the ratios.", "dev/bench");
  BenchOptions options;
  bool list = false;
  app.add_flag("--quick", options.quick, "Smaller runs and 3 rounds: under 8 minutes");
  app.add_option("--rounds", options.rounds, "Of each contest; default 7, 3 with --quick")->check(CLI::Range(1, 100));
  app.add_option("--only", options.only, "Only contests whose name matches this regular expression");
  app.add_option("--json", options.json, "Writes the figures there as well");
  app.add_flag("--list", list, "Names the contests and ends");
  CLI11_PARSE(app, argc, argv);
  if (list) {
    const Contests contests(true);
    for (const NamedContest& named : contests.all()) std::puts(NameOf(named).c_str());
    return 0;
  }
  TuneProcess();
  return Run(options);
}

}  // namespace
}  // namespace l3link::bench

int main(int argc, char** argv) { return l3link::bench::Main(argc, argv); }
