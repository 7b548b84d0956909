// completion bash: a completion script made from the tree of commands itself, so that it is never behind.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/command_groups.h"

namespace l3link::cli {
namespace {

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

// Whether the command's first argument names a channel or a region.
std::string ReferenceKind(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name(/*positional=*/true);
    if (option->get_positional() && (name == "channel" || name == "region")) return name + "s";
  }
  return "";
}

// One `case` branch for each command: its words, and which list its argument comes from.
void AppendBranches(const CLI::App& app, const std::string& path, std::string* script) {
  std::vector<std::string> words;
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(child->get_name());
  }
  const std::vector<std::string> options = OptionNames(app);
  words.insert(words.end(), options.begin(), options.end());
  absl::StrAppend(script, "    '", path, "') words='", absl::StrJoin(words, " "), "'; objects='", ReferenceKind(app),
                  "' ;;\n");
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    AppendBranches(*child, absl::StrCat(path, path.empty() ? "" : " ", child->get_name()), script);
  }
}

constexpr char kBeginning[] = R"(# bash completion of l3linkctl:  source <(l3linkctl completion bash)
_l3linkctl() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} path='' words='' objects='' target=() i
  case $previous in
    -o | --output) mapfile -t COMPREPLY < <(compgen -W 'table json jsonl raw' -- "$current") && return ;;
    --file | --out) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    --direction) mapfile -t COMPREPLY < <(compgen -W 'host_to_chip chip_to_host' -- "$current") && return ;;
    --target | --timeout) return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --target) target=(--target "${COMP_WORDS[i + 1]}") && ((i++)) ;;
      -o | --output | --timeout) ((i++)) ;;
      -*) ;;
      *)
        case "$path" in
          '' | channels | regions | completion) path="${path:+$path }${COMP_WORDS[i]}" ;;
        esac
        ;;
    esac
  done
  case "$path" in
)";

constexpr char kEnd[] = R"(  esac
  if [ -n "$objects" ] && [[ $current != -* ]]; then
    words=$(l3linkctl "${target[@]}" --timeout 2s "$objects" ls -o raw 2>/dev/null | sed 's/@.*//; s,^0/,,')
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _l3linkctl l3linkctl
)";

std::string BashCompletion(const CLI::App& app) {
  std::string script = kBeginning;
  AppendBranches(app, "", &script);
  return script + kEnd;
}

}  // namespace

void AddCompletionCommand(CommandTree& tree) {
  CLI::App* group = tree.AddGroup("completion", "Prints a completion script for a shell");
  tree.Add(*group, "bash", "For bash 4 and later",
           "source <(l3linkctl completion bash)\n"
           "l3linkctl completion bash > /etc/bash_completion.d/l3linkctl",
           [&tree](Run& run) {
             run.out().Write(BashCompletion(tree.app()));
             return ExitCode::kOk;
           });
}

}  // namespace l3link::cli
