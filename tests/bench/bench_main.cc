// bench: the program behind dev/bench. Run from the top of the checkout, where it finds what it starts.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <string>

#include "tests/bench/contests.h"
#include "tests/bench/figure.h"
#include "tests/bench/ratios.h"
#include "tests/bench/raw/tune_process.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {
namespace {

struct BenchOptions {
  bool quick = false;
  int rounds = 0;
  std::string only;
  std::string json;
  std::string save;
  std::string check;
};

std::string NameOf(const NamedContest& named) { return named.name + " " + named.contest.figures[0].name; }

bool WriteTo(const std::string& path, const std::string& text) {
  if (path.empty() || (std::ofstream(path) << text).flush()) return true;
  std::fprintf(stderr, "bench: cannot write %s\n", path.c_str());
  return false;
}

absl::StatusOr<KeptRatios> ReadRatios(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(path + " cannot be read");
  const auto kept = ParseRatios({std::istreambuf_iterator<char>(file), {}});
  return kept.ok() ? kept : absl::InvalidArgumentError(path + ": " + std::string(kept.status().message()));
}

bool AnyGotWorse(const std::vector<Figure>& figures, const KeptRatios& kept) {
  for (const Figure& figure : figures) {
    if (GotWorse(figure, kept)) return true;
  }
  return false;
}

// With `kept` a contest in which something got worse is held once more, and the better of the two counts: one round of a
// neighbour's work is no regression.
absl::StatusOr<std::vector<Figure>> HoldAll(const std::vector<const NamedContest*>& chosen, int rounds,
                                            const std::optional<KeptRatios>& kept) {
  std::vector<Figure> figures;
  const Stopwatch watch;
  for (size_t i = 0; i < chosen.size(); ++i) {
    const std::string name = NameOf(*chosen[i]);
    std::fprintf(stderr, "bench: %4.0f s  %zu of %zu: %s\n", watch.seconds(), i + 1, chosen.size(), name.c_str());
    auto held = Hold(chosen[i]->contest, rounds);
    if (held.ok() && kept && AnyGotWorse(*held, *kept)) {
      std::fprintf(stderr, "bench: %4.0f s  worse than kept; once more\n", watch.seconds());
      const auto again = Hold(chosen[i]->contest, rounds);
      held = again.ok() ? BetterOf(*held, *again) : again;
    }
    if (!held.ok()) return absl::Status(held.status().code(), name + ": " + std::string(held.status().message()));
    figures.insert(figures.end(), held->begin(), held->end());
  }
  std::fprintf(stderr, "bench: %4.0f s  done\n", watch.seconds());
  return figures;
}

// Prints what got worse; answers how many rows.
int Check(const std::vector<Figure>& figures, const KeptRatios& kept, const BenchOptions& options) {
  int worse = 0;
  for (const Figure& figure : figures) {
    if (!GotWorse(figure, kept)) continue;
    ++worse;
    std::printf("worse: %s\n", WorseText(figure, kept).c_str());
  }
  for (const std::string& name : Missing(figures, kept)) {
    if (!options.only.empty()) break;
    ++worse;
    std::printf("worse: %s: kept in %s, and no longer measured\n", name.c_str(), options.check.c_str());
  }
  if (worse == 0) std::printf("no ratio is worse than %s says\n", options.check.c_str());
  return worse;
}

bool Save(const std::vector<Figure>& figures, const BenchOptions& options) {
  if (options.save.empty()) return true;
  KeptRatios kept;
  if (!options.only.empty()) {
    if (auto before = ReadRatios(options.save); before.ok()) kept = *std::move(before);
  }
  kept.quick = options.quick;
  KeepAll(figures, &kept);
  return WriteTo(options.save, RatiosJson(kept));
}

int Run(const BenchOptions& options) {
  std::optional<KeptRatios> kept;
  if (!options.check.empty()) {
    auto read = ReadRatios(options.check);
    if (!read.ok()) return std::fprintf(stderr, "bench: %s\n", std::string(read.status().message()).c_str()), 2;
    if (read->quick != options.quick) {
      std::fprintf(stderr, "bench: %s is of a run %s --quick; this one is not\n", options.check.c_str(),
                   read->quick ? "with" : "without");
    }
    kept = *std::move(read);
  }
  const std::regex only(options.only);
  const Contests contests(options.quick);
  std::vector<const NamedContest*> chosen;
  for (const NamedContest& named : contests.all()) {
    if (std::regex_search(NameOf(named), only)) chosen.push_back(&named);
  }
  if (chosen.empty()) {
    std::fprintf(stderr, "bench: --only %s matches no contest; --list shows them\n", options.only.c_str());
    return 2;
  }
  const int rounds = options.rounds > 0 ? options.rounds : options.quick ? 3 : 7;
  const auto figures = HoldAll(chosen, rounds, kept);
  if (!figures.ok()) return std::fprintf(stderr, "bench: %s\n", figures.status().ToString().c_str()), 1;
  std::fputs(Table(*figures).c_str(), stdout);
  if (!WriteTo(options.json, Json(*figures)) || !Save(*figures, options)) return 1;
  return kept && Check(*figures, *kept, options) > 0 ? 1 : 0;
}

// What is wrong with it; empty: nothing.
std::string NotARegex(const std::string& text) {
  try {
    const std::regex regex(text);
    return "";
  } catch (const std::regex_error&) {
    return text + " is no regular expression";
  }
}

int Main(int argc, char** argv) {
  CLI::App app("Measures the project and its baselines side by side and prints the ratios.", "dev/bench");
  BenchOptions options;
  bool list = false;
  app.add_flag("--quick", options.quick, "Smaller runs and 3 rounds: under 8 minutes");
  app.add_option("--rounds", options.rounds, "Of each contest; default 7, 3 with --quick")->check(CLI::Range(1, 100));
  app.add_option("--only", options.only, "Only contests whose name matches this regular expression")->check(NotARegex);
  app.add_option("--json", options.json, "Writes the figures there as well");
  CLI::Option* const save = app.add_option("--save", options.save, "Keeps the ratios there, for --check");
  app.add_option("--check", options.check, "Fails when a ratio is worse than kept there")->excludes(save);
  app.add_flag("--list", list, "Names the contests and ends");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
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
