// l3linkd: one a host. Settings in, one run, an exit status out: 0 stopped as asked, 1 could not run, 2 wrong usage.
#include <cstdio>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "server/daemon.h"
#include "server/log.h"
#include "server/options/node_options.h"
#include "server/options/option_table.h"
#include "server/options/settings.h"
#include "server/stop_signals.h"
#include "server/version.h"

extern char** environ;

namespace {

bool Asks(const std::vector<std::string>& arguments, const std::string& flag) {
  for (const std::string& argument : arguments) {
    if (argument == flag) return true;
  }
  return false;
}

int Complain(const absl::Status& status, int exit_status) {
  fprintf(stderr, "l3linkd: %s\n", std::string(status.message()).c_str());
  return exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  // Debian's Abseil looks for lock cycles at every lock, gRPC's included, under one lock of the process.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (Asks(arguments, "--help")) return fputs(l3link::HelpText().c_str(), stdout) < 0;
  if (Asks(arguments, "--version")) return printf("l3linkd %s\n", l3link::kVersion) < 0;
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);

  const auto settings = l3link::GatherSettings(arguments, environment);
  if (!settings.ok()) return Complain(settings.status(), 2);
  const auto options = l3link::ParseNodeOptions(*settings);
  if (!options.ok()) return Complain(options.status(), 2);

  l3link::StopSignals signals;
  l3link::SetUpLog(options->log_level, options->log_format);
  const absl::Status run = l3link::RunDaemon(*options, signals);
  return run.ok() ? 0 : Complain(run, 1);
}
