#include "server/options/settings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/options/config_file.h"
#include "server/options/nearest.h"
#include "server/options/option_table.h"

namespace l3link {
namespace {

bool IsOption(const std::string& name) {
  const std::vector<std::string> names = OptionNames();
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsSwitch(absl::string_view name) {
  for (const OptionRow& row : OptionTable()) {
    if (row.name == name) return row.value.empty();
  }
  return false;
}

absl::Status Unknown(absl::string_view what, absl::string_view word, const std::vector<std::string>& known) {
  return absl::InvalidArgumentError(
      absl::StrCat("unknown ", what, " ", word, "; did you mean ", Nearest(word, known).word, "?"));
}

std::vector<std::string> Flags() {
  std::vector<std::string> flags = {"--help", "--version"};
  for (const std::string& name : OptionNames()) flags.push_back("--" + name);
  return flags;
}

std::vector<std::string> Variables() {
  std::vector<std::string> variables;
  for (const std::string& name : OptionNames()) variables.push_back(VariableOf(name));
  return variables;
}

absl::Status CheckNoExtras(const std::vector<std::string>& extras) {
  if (extras.empty()) return absl::OkStatus();
  const std::string& word = extras.front();
  if (!absl::StartsWith(word, "-")) {
    return absl::InvalidArgumentError(absl::StrCat("unexpected word '", word, "'; every setting is a --flag"));
  }
  return Unknown("flag", std::string(word, 0, word.find('=')), Flags());
}

}  // namespace

absl::StatusOr<Settings> SettingsOfFlags(const std::vector<std::string>& arguments) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, std::string> values;
  for (const OptionRow& row : OptionTable()) {
    const std::string name(row.name);
    std::string& value = values[name];
    CLI::Option* option =
        row.value.empty() ? app.add_flag("--" + name + "{true}", value) : app.add_option("--" + name, value);
    option->take_last();
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  absl::Status extras = CheckNoExtras(app.remaining());
  if (!extras.ok()) return extras;
  Settings settings;
  for (const auto& [name, value] : values) {
    if (app.count("--" + name) > 0) settings[name] = {value, "--" + name};
  }
  return settings;
}

absl::StatusOr<Settings> SettingsOfEnvironment(const std::vector<std::string>& environment) {
  constexpr size_t kSlip = 2;  // edits
  const std::vector<std::string> variables = Variables();
  Settings settings;
  for (const std::string& entry : environment) {
    if (!absl::StartsWith(entry, "L3LINK_")) continue;
    const std::pair<std::string, std::string> halves = absl::StrSplit(entry, absl::MaxSplits('=', 1));
    const auto found = std::find(variables.begin(), variables.end(), halves.first);
    if (found != variables.end()) {
      settings[OptionNames()[found - variables.begin()]] = {halves.second, halves.first};
    } else if (Nearest(halves.first, variables).distance <= kSlip) {
      return Unknown("variable", halves.first, variables);
    }
  }
  return settings;
}

absl::StatusOr<Settings> SettingsOfFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read config file ", path, ": ", strerror(errno)));
  const absl::StatusOr<std::vector<ConfigLine>> lines = ReadConfig(file);
  if (!lines.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read config file ", path, ": ", lines.status().message()));
  }
  Settings settings;
  for (const ConfigLine& line : *lines) {
    const std::string& key = line.key;
    if (!IsOption(key) || key == "config") return Unknown(absl::StrCat("key in ", path, ":"), key, OptionNames());
    if (settings.count(key) != 0) return absl::InvalidArgumentError(absl::StrCat(path, ": ", key, " stands twice"));
    if (!line.value && !IsSwitch(key))
      return absl::InvalidArgumentError(absl::StrCat(path, ": ", key, " has no value"));
    settings[key] = {line.value.value_or("true"), absl::StrCat(path, ": ", key)};
  }
  return settings;
}

absl::StatusOr<Settings> GatherSettings(const std::vector<std::string>& arguments,
                                        const std::vector<std::string>& environment) {
  absl::StatusOr<Settings> settings = SettingsOfFlags(arguments);
  if (!settings.ok()) return settings;
  absl::StatusOr<Settings> variables = SettingsOfEnvironment(environment);
  if (!variables.ok()) return variables;
  settings->insert(variables->begin(), variables->end());  // inserts only what flags did not say
  const auto config = settings->find("config");
  if (config == settings->end()) return settings;
  absl::StatusOr<Settings> file = SettingsOfFile(config->second.text);
  if (!file.ok()) return file;
  settings->insert(file->begin(), file->end());
  return settings;
}

}  // namespace l3link
