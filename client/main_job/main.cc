// l3link-main-job: an orchestrator that uses a node's whole path over gRPC, verifies every byte and says how fast it was.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "absl/strings/str_cat.h"
#include "client/cli/exit_code.h"
#include "client/cli/failure.h"
#include "client/cli/interrupt.h"
#include "client/cli/quantity.h"
#include "client/main_job/main_job.h"

namespace l3link::main_job {
namespace {

constexpr char kProgram[] = "l3link-main-job";
constexpr size_t kLongestLine = 4096;

constexpr char kAbout[] =
    "Streams every line of a text over several lanes to the chip's checksum program and verifies each reply's "
    "CRC-32C,\n"
    "sequence, route and correlation id; then adds float vectors on the chip through a region and its signals, and "
    "verifies\n"
    "every element. Needs a node whose chip runs both: l3linkd --sim-program checksum,vector_add.";

constexpr char kFooter[] =
    "Examples:\n"
    "  l3link-main-job --target 127.0.0.1:50051\n"
    "  l3link-main-job --target node-a:50051 --target node-b:50051 --messages 100000 --json\n"
    "  l3link-main-job --corpus README.md --messages 5000 --lanes 2\n\n"
    "Exit code 0 only if all was verified; 1 if anything differed or was missing; the others as in l3linkctl --help.\n";

struct Arguments {
  std::vector<std::string> targets;
  std::vector<std::string> corpus = {"/usr/share/common-licenses"};
  JobOptions job;
  bool json = false;
};

void Declare(CLI::App& app, Arguments* arguments) {
  JobOptions& job = arguments->job;
  app.footer(kFooter);
  app.add_option("--target", arguments->targets,
                 "A node, HOST:PORT or unix:PATH; repeatable. Default: L3LINK_TARGET, else "
                 "the default unix socket")
      ->allow_extra_args(false);
  app.add_option("--messages", job.messages, "To each node")->capture_default_str();
  app.add_option("--lanes", job.lanes, "Lanes each way, each with a sender and a receiver of its own")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app.add_option("--depth", job.depth, "Messages a lane; a power of two")->capture_default_str();
  app.add_option("--corpus", arguments->corpus, "Files or folders whose lines are sent")->capture_default_str();
  app.add_option("--round-trips", job.round_trips, "One after the other, for p50 and p99; 0: none")
      ->capture_default_str();
  app.add_option("--vector-elements", job.vector_elements, "Floats a vector; 0: no vectors")->capture_default_str();
  app.add_option("--vector-rounds", job.vector_rounds, "Additions, each with new vectors")->capture_default_str();
  app.add_option("--worker", job.worker, "Index of the chip worker on each node")->capture_default_str();
  app.add_option("--channel", job.channel,
                 "Name of the channel it opens and closes; default: main-job- and a suffix of its own");
  app.add_option("--region", job.region,
                 "Name of the region; vector_add takes those that begin with 'vector'. Default: "
                 "vector-main-job- and the same suffix");
  app.add_option("--seed", job.seed, "Of ids, routes, vectors and where in the text to begin")->capture_default_str();
  app.add_option_function<std::string>(
         "--patience", [&job](const std::string& text) { job.patience = *cli::ParseDurationArgument(text); },
         "Give up when nothing moves for so long; default 30s")
      ->check([](const std::string& text) { return std::string(cli::ParseDurationArgument(text).status().message()); });
  app.add_flag("--json", arguments->json, "The result as one JSON object");
}

// Of this process alone, so that no other main job closes them under it. Process ids of two containers may be the same.
void NameTheUnnamed(JobOptions* job) {
  const std::string name = absl::StrCat("main-job-", getpid(), "-", absl::Hex(std::random_device()()));
  if (job->channel.empty()) job->channel = name;
  if (job->region.empty()) job->region = absl::StrCat("vector-", name);
}

cli::ExitCode Fail(const absl::Status& status, bool json) {
  const cli::Failure failure = cli::FailureOf(status);
  fputs(json ? (cli::DumpLine(cli::FailureJson(failure)) + "\n").c_str() : cli::FailureText(failure, kProgram).c_str(),
        stderr);
  return failure.exit;
}

cli::ExitCode RunJob(const Arguments& arguments, cli::Interrupt& interrupt) {
  std::atomic<bool> stop{false};  // only a hint to loops: relaxed
  cli::Interrupt::Reaction reaction(interrupt, [&stop] { stop.store(true, std::memory_order_relaxed); });
  const auto corpus = Corpus::Read(arguments.corpus, kLongestLine);
  if (!corpus.ok()) return Fail(corpus.status(), arguments.json);
  const auto orchestrator = client::Orchestrator::Connect(arguments.targets);
  if (!orchestrator.ok()) return Fail(orchestrator.status(), arguments.json);
  MainJob job(**orchestrator, arguments.job, **corpus, stop);
  const absl::Status status = job.Run();
  const Report& report = job.report();
  if (report.interrupted) {
    fprintf(stderr, "%s: interrupted; what it opened is closed\n", kProgram);
    return cli::ExitCode::kInterrupted;
  }
  if (!status.ok() && report.replies.verified == 0) return Fail(status, arguments.json);  // there is nothing to report
  fputs(arguments.json ? (cli::DumpIndented(ReportJson(report)) + "\n").c_str() : ReportText(report).c_str(), stdout);
  if (!status.ok()) return Fail(status, arguments.json);
  return report.verified() ? cli::ExitCode::kOk : cli::ExitCode::kOther;
}

cli::ExitCode RunMain(int argc, char** argv) {
  cli::Interrupt interrupt;  // before gRPC makes threads
  Arguments arguments;
  CLI::App app(kAbout, kProgram);
  Declare(app, &arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? cli::ExitCode::kOk : cli::ExitCode::kUsage;
  }
  if (arguments.targets.empty()) {
    const char* target = getenv("L3LINK_TARGET");
    arguments.targets.push_back(target == nullptr ? "" : target);  // empty: the client library's default
  }
  NameTheUnnamed(&arguments.job);
  return RunJob(arguments, interrupt);
}

}  // namespace
}  // namespace l3link::main_job

int main(int argc, char** argv) { return static_cast<int>(l3link::main_job::RunMain(argc, argv)); }
