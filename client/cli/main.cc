// l3linkctl: an operator's hands on a node. Parses, runs the chosen command, answers with a documented exit code.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/command_groups.h"
#include "client/cli/nearest_command.h"
#include "client/cli/quantity.h"

namespace l3link::cli {
namespace {

constexpr char kVersion[] = "l3linkctl 0.1.0";

constexpr char kAbout[] =
    "l3linkctl: look at and use the channels, regions and signals of an l3linkd node.\n\n"
    "REF names a channel or region: [WORKER/]NAME[@GENERATION], worker 0 unless said; a generation never reaches a "
    "newer\n"
    "object of that name. BYTES take Ki, Mi, Gi; DURATION takes ms, s, m; a bare number is seconds.";

constexpr char kTour[] =
    "A first tour:\n"
    "  l3linkctl wait-ready && l3linkctl status\n"
    "  l3linkctl channels open jobs\n"
    "  l3linkctl send jobs hello && l3linkctl recv jobs\n"
    "  printf 'one\\ntwo\\n' | l3linkctl exchange jobs\n"
    "  l3linkctl regions open vector --bytes 12Ki && l3linkctl regions ls\n"
    "  l3linkctl top\n\n"
    "Target: --target, else L3LINK_TARGET, else unix:$XDG_RUNTIME_DIR/l3link/l3linkd.sock, or without that variable\n"
    "unix:/dev/shm/l3link-UID/l3linkd.sock.\n\n"
    "Errors go to stderr with code, reason, names and limits, and what to do; with -o json or jsonl as one JSON "
    "object.\n\n";

// Whether -o json or jsonl is among the arguments: for errors of parsing itself, when no option has a value yet.
bool WantsJson(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    const bool joined =
        absl::ConsumePrefix(&argument, "--output=") ||
        (!absl::StartsWith(argument, "--") && absl::ConsumePrefix(&argument, "-o") && !argument.empty());
    if (joined) return absl::StartsWith(argument, "json");
    if ((argument.empty() || argument == "--output") && i + 1 < argc) return absl::StartsWith(argv[i + 1], "json");
  }
  return false;
}

Format ParseFormat(const std::string& name) {
  if (name == "json") return Format::kJson;
  if (name == "jsonl") return Format::kJsonLines;
  return name == "raw" ? Format::kRaw : Format::kTable;
}

void AddGlobalOptions(CLI::App& app, GlobalOptions* options) {
  app.set_version_flag("--version", kVersion);
  app.add_option("--target", options->target, "The node: HOST:PORT or unix:PATH")->type_name("TARGET");
  app.add_option("-o,--output", options->format,
                 "table, json (one document), jsonl (one object a line), raw (bare names, values, bodies)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json", "jsonl", "raw"}));
  app.add_option("--timeout", options->timeout,
                 "How long a call, or what the command waits for, may take at most (10s unless the command says)")
      ->type_name("DURATION")
      ->check([](const std::string& text) { return std::string(ParseDurationArgument(text).status().message()); });
}

// The innermost command that parsing came to.
const CLI::App& Reached(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
  return *at;
}

// "--depth", ...: of a command and of all.
std::vector<std::string> FlagsOf(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::App* level : {&Reached(app), &app}) {
    for (const CLI::Option* option : level->get_options()) {
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    }
  }
  return flags;
}

// CLI11 says only that a command is missing where there is a word that names none, and of an unknown flag only that it is one.
std::string ParseErrorMessage(const CLI::ParseError& error, const CLI::App& app) {
  for (const std::string& word : app.remaining(/*recurse=*/true)) {
    if (!absl::StartsWith(word, "--")) continue;
    const std::string flag = word.substr(0, word.find('='));
    return absl::StrCat("unknown flag ", flag, "; did you mean ", NearestCommand(flag, FlagsOf(app)), "?");
  }
  std::vector<std::string> known;
  for (const CLI::App* command : Reached(app).get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(command->get_name());
  }
  if (known.empty()) return error.what();
  for (const std::string& word : app.remaining(/*recurse=*/true)) {
    if (absl::StartsWith(word, "-")) continue;
    return absl::StrCat("unknown command '", word, "'; did you mean ", NearestCommand(word, known), "?");
  }
  return error.what();
}

ExitCode ReportParseError(const CLI::ParseError& error, const CLI::App& app, bool json) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    return app.exit(error) == 0 ? ExitCode::kOk : ExitCode::kOther;  // --help, --version: prints them
  }
  const Failure failure =
      LocalFailure(absl::StatusCode::kInvalidArgument, ParseErrorMessage(error, app), "see l3linkctl COMMAND --help");
  fputs(json ? (DumpLine(FailureJson(failure)) + "\n").c_str() : FailureText(failure).c_str(), stderr);
  return ExitCode::kUsage;
}

ExitCode RunMain(int argc, char** argv) {
  Interrupt interrupt;  // before gRPC makes threads
  CLI::App app(kAbout, "l3linkctl");
  GlobalOptions options;
  CommandTree tree(app);
  app.footer(kTour + ExitCodeTable());
  app.require_subcommand(1);
  app.fallthrough();
  AddGlobalOptions(app, &options);
  AddNodeCommands(tree, options);
  AddChannelCommands(tree);
  AddMessageCommands(tree);
  AddLaneStreamCommands(tree);
  AddRegionCommands(tree);
  AddSignalCommands(tree);
  AddTopCommand(tree);
  AddCompletionCommand(tree);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ReportParseError(error, app, WantsJson(argc, argv));
  }
  absl::optional<absl::Duration> timeout;
  if (!options.timeout.empty()) timeout = *ParseDurationArgument(options.timeout);
  Output out(ParseFormat(options.format), stdout);
  Run run(options, timeout, out, interrupt);
  const ExitCode code = tree.chosen()(run);
  out.Flush();
  if (!out.error().empty())
    return run.Fail(LocalFailure(absl::StatusCode::kUnknown, "standard output: " + out.error()));
  return code;
}

}  // namespace
}  // namespace l3link::cli

int main(int argc, char** argv) { return static_cast<int>(l3link::cli::RunMain(argc, argv)); }
