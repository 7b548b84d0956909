// What every command group works with: the options common to all, the node, the output, and how a command is declared.
#ifndef L3LINK_CLIENT_CLI_COMMAND_H_
#define L3LINK_CLIENT_CLI_COMMAND_H_

#include <grpcpp/support/status.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "client/cli/exit_code.h"
#include "client/cli/failure.h"
#include "client/cli/interrupt.h"
#include "client/cli/node_connection.h"
#include "client/cli/object_reference.h"
#include "client/cli/output.h"

namespace l3link::cli {

// As parsed, before the command's own options.
struct GlobalOptions {
  std::string target;
  std::string format = "table";
  std::string timeout;  // empty: the command's default
};

// One run of one command, on the main thread.
class Run {
 public:
  Run(const GlobalOptions& options, absl::optional<absl::Duration> timeout, Output& out, Interrupt& interrupt);

  NodeConnection& node() { return node_; }
  Output& out() { return out_; }
  Interrupt& interrupt() { return interrupt_; }

  // --timeout, else `otherwise`.
  absl::Duration TimeoutOr(absl::Duration otherwise) const { return timeout_.value_or(otherwise); }
  absl::optional<absl::Duration> timeout() const { return timeout_; }

  // Writes the failure to stderr, in the format of -o, and returns its code. A call cancelled by Ctrl-C says nothing.
  ExitCode Fail(const Failure& failure);
  ExitCode Fail(const grpc::Status& status) { return Fail(FailureOf(status)); }
  ExitCode Fail(const absl::Status& status) { return Fail(FailureOf(status)); }
  // A mistake of the command line that parsing could not see.
  ExitCode Usage(std::string message) { return Fail(absl::InvalidArgumentError(message)); }

 private:
  const absl::optional<absl::Duration> timeout_;
  Output& out_;
  Interrupt& interrupt_;
  NodeConnection node_;
};

using CommandFunction = std::function<ExitCode(Run&)>;

// The tree of commands: groups add to it, main parses and runs what was chosen.
class CommandTree {
 public:
  explicit CommandTree(CLI::App& app) : app_(app) {}

  CLI::App& app() { return app_; }
  // A command below `parent`; `examples` are whole command lines, one a line, shown by its --help.
  CLI::App* Add(CLI::App& parent, const std::string& name, const std::string& summary, const std::string& examples,
                CommandFunction run);
  // A name that only groups commands.
  CLI::App* AddGroup(const std::string& name, const std::string& summary);

  // Nothing unless parsing chose a command.
  const CommandFunction& chosen() const { return chosen_; }

 private:
  CLI::App& app_;
  CommandFunction chosen_;
};

// Options that several commands have. Each is checked while parsing, so that a mistake is a usage error.
CLI::Option* AddReference(CLI::App* command, const std::string& what, ObjectReference* reference);
// Of what the command opens: without a generation.
CLI::Option* AddNewReference(CLI::App* command, const std::string& what, ObjectReference* reference);
CLI::Option* AddDuration(CLI::App* command, const std::string& name, const std::string& help, absl::Duration* duration);
CLI::Option* AddBytes(CLI::App* command, const std::string& name, const std::string& help, uint64_t* bytes);
CLI::Option* AddOptionalBytes(CLI::App* command, const std::string& name, const std::string& help,
                              absl::optional<uint64_t>* bytes);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_COMMAND_H_
