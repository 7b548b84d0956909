#include "client/cli/command.h"

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/quantity.h"

namespace l3link::cli {
namespace {

// An option read by one of our parsers: its message becomes CLI11's.
template <typename T, typename Value>
CLI::Option* AddParsed(CLI::App* command, const std::string& name, const std::string& help,
                       absl::StatusOr<T> (*parse)(absl::string_view), Value* value) {
  return command
      ->add_option_function<std::string>(
          name, [parse, value](const std::string& text) { *value = *parse(text); }, help)
      ->check([parse](const std::string& text) {
        const auto parsed = parse(text);
        return parsed.ok() ? std::string() : std::string(parsed.status().message());
      });
}

}  // namespace

Run::Run(const GlobalOptions& options, absl::optional<absl::Duration> timeout, Output& out, Interrupt& interrupt)
    : timeout_(timeout),
      out_(out),
      interrupt_(interrupt),
      node_(ResolveTarget(options.target), timeout.value_or(kCallTimeout), interrupt) {}

ExitCode Run::Fail(const Failure& failure) {
  if (interrupt_.requested()) return ExitCode::kInterrupted;
  out_.Flush();  // what came before the failure is seen before it
  const std::string text = out_.json() ? DumpLine(FailureJson(failure)) + "\n" : FailureText(failure);
  fwrite(text.data(), 1, text.size(), stderr);
  return failure.exit;
}

CLI::App* CommandTree::Add(CLI::App& parent, const std::string& name, const std::string& summary,
                           const std::string& examples, CommandFunction run) {
  CLI::App* command = parent.add_subcommand(name, summary);
  std::string footer = "Examples:\n";
  for (absl::string_view line : absl::StrSplit(examples, '\n')) absl::StrAppend(&footer, "  ", line, "\n");
  command->footer(footer + "\nCommon options (--target, --timeout, -o, ...) are shown by `l3linkctl --help`.");
  command->callback([this, run = std::move(run)] { chosen_ = run; });
  return command;
}

CLI::App* CommandTree::AddGroup(const std::string& name, const std::string& summary) {
  CLI::App* group = app_.add_subcommand(name, summary);
  group->require_subcommand(1);
  return group;
}

CLI::Option* AddReference(CLI::App* command, const std::string& what, ObjectReference* reference) {
  return AddParsed(command, what, "[WORKER/]NAME[@GENERATION]; worker 0 unless said", &ParseObjectReference, reference)
      ->type_name("REF")
      ->required();
}

CLI::Option* AddNewReference(CLI::App* command, const std::string& what, ObjectReference* reference) {
  return AddParsed(command, what, "[WORKER/]NAME; worker 0 unless said", &ParseNewReference, reference)
      ->type_name("REF")
      ->required();
}

CLI::Option* AddDuration(CLI::App* command, const std::string& name, const std::string& help,
                         absl::Duration* duration) {
  return AddParsed(command, name, help, &ParseDurationArgument, duration)->type_name("DURATION");
}

CLI::Option* AddBytes(CLI::App* command, const std::string& name, const std::string& help, uint64_t* bytes) {
  return AddParsed(command, name, help, &ParseByteCount, bytes)->type_name("BYTES");
}

CLI::Option* AddOptionalBytes(CLI::App* command, const std::string& name, const std::string& help,
                              absl::optional<uint64_t>* bytes) {
  return AddParsed(command, name, help, &ParseByteCount, bytes)->type_name("BYTES");
}

}  // namespace l3link::cli
