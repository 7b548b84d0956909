// chaos_driver: the program behind dev/chaos. Run from the top of the checkout, where it finds what it starts.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/chaos/chaos_run.h"

namespace l3link::chaos {
namespace {

std::atomic<bool> stop{false};

void CatchSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { stop.store(true, std::memory_order_relaxed); };
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);  // the second one ends at once
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

// A line that redraws itself on a terminal, else one now and then.
class Progress {
 public:
  explicit Progress(const ChaosOptions& options) : options_(options) {}
  ~Progress() {
    if (terminal_ && shown_) fputs("\r\033[K", stderr);
  }

  void Show(uint64_t messages, uint64_t kills) {
    const auto now = Clock::now();
    if (now - shown_at_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(15))) return;
    shown_at_ = now;
    shown_ = true;
    const double seconds = std::chrono::duration<double>(now - began_).count();
    fprintf(stderr, "%schaos: %llu of %llu messages back, %llu of %llu kills, %.0f s%s", terminal_ ? "\r" : "",
            static_cast<unsigned long long>(messages), static_cast<unsigned long long>(options_.messages),
            static_cast<unsigned long long>(kills), static_cast<unsigned long long>(options_.kills), seconds,
            terminal_ ? "\033[K" : "\n");
  }

 private:
  using Clock = std::chrono::steady_clock;

  const ChaosOptions options_;
  const bool terminal_ = isatty(STDERR_FILENO) != 0;
  const Clock::time_point began_ = Clock::now();
  Clock::time_point shown_at_ = began_;
  bool shown_ = false;
};

int Main(int argc, char** argv) {
  CLI::App app("Kills daemon, clients and chip in turn under load, and verifies that nothing is lost or doubled.",
               "chaos");
  ChaosOptions options;
  std::string json;
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);  // so that --long has defaults as well
  app.add_option("--kills", options.kills, "In all, of the three kinds in turn")->capture_default_str();
  app.add_option("--messages", options.messages, "There and back, at least")->capture_default_str();
  app.add_option("--clients", options.clients, "Processes, each with a lane pair")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--depth", options.depth, "Messages a lane; a power of two")->capture_default_str();
  app.add_option("--seed", options.seed, "Of payloads, victims and moments")->capture_default_str();
  app.add_option("--json", json, "Where to write the numbers");
  CLI11_PARSE(app, argc, argv);
  CatchSignals();
  ChaosReport report;
  {
    Progress progress(options);
    ChaosRun run(options, stop, [&](uint64_t messages, uint64_t kills) { progress.Show(messages, kills); });
    report = run.Run();
  }
  if (!json.empty() && !(std::ofstream(json) << report.Json()).flush()) {
    fprintf(stderr, "chaos: cannot write %s\n", json.c_str());
    return 1;
  }
  fputs(report.Table().c_str(), stdout);
  if (stop.load()) return 130;
  return report.Passed(options.kills, options.messages) ? 0 : 1;
}

}  // namespace
}  // namespace l3link::chaos

int main(int argc, char** argv) { return l3link::chaos::Main(argc, argv); }
