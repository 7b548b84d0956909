// Flags, variables and a config file of l3linkd, any of them, right or wrong.
//
// What must hold: every text is either settings or an error that names where it came from (flag, variable, file and line or key);
// a flag wins over a variable, that over the file; options that are accepted are within the limits that the node states; values
// mean what an independent reading says and survive being written again; a quoted value comes back as it was.
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "backends/abi/base.h"
#include "backends/worker/platform_factory.h"
#include "server/options/config_file.h"
#include "server/options/node_options.h"
#include "server/options/option_table.h"
#include "server/options/parse_values.h"
#include "server/options/settings.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"

namespace l3link::fuzz {
namespace {

// Values that some option takes, and some that none does.
constexpr absl::string_view kWords[] = {
    "127.0.0.1:0",
    "[::1]:50051",
    "0.0.0.0:1",
    "[::]:1",
    "localhost:65535",
    "none",
    "a2a3sim=2,a5",
    "a5sim",
    "a2a3sim=0",
    "echo,sink",
    "external",
    ",",
    "info",
    "json",
    "true",
    "off",
    "64KiB",
    "1GiB",
    "4097",
    "1T",
    "0",
    "1000000",
    "18446744073709551616",
    "500ms",
    "1m30s",
    "inf",
    "-1s",
    "10m",
    "/tmp/x",
    " 7 ",
    "\"q\"",
};

// A file that only this process has, emptied for every input.
class ConfigFile {
 public:
  ConfigFile() : fd_(memfd_create("config", 0)), path_(absl::StrCat("/proc/self/fd/", fd_)) {}
  ~ConfigFile() { close(fd_); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  const std::string& path() const { return path_; }
  void Write(const std::string& text) {
    FUZZ_CHECK(ftruncate(fd_, 0) == 0, "ftruncate");
    FUZZ_CHECK(pwrite(fd_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()), "pwrite");
  }

 private:
  const int fd_;
  const std::string path_;
};

// Not the config option: what it names is opened, and that is to be this process's file.
const OptionRow& AnyOption(FuzzInput& input) {
  const absl::Span<const OptionRow> table = OptionTable();
  const OptionRow& row = table[input.Below(table.size())];
  return row.name == "config" ? table[0] : row;
}

std::string AnyValue(FuzzInput& input) {
  const uint8_t how = input.Byte();
  if (how % 4 == 3) return input.Text(24);
  if (how % 4 == 2) return absl::StrCat(input.Near(65536), how & 64 ? "KiB" : "");
  return std::string(kWords[input.Below(std::size(kWords))]);
}

class Bench {
 public:
  Bench(FuzzInput* input, ConfigFile* file) : input_(*input), file_(*file) {}

  void Run() {
    for (int flags = input_.Byte() % 6; flags > 0; --flags) AddFlag();
    for (int variables = input_.Byte() % 4; variables > 0; --variables) AddVariable();
    std::string config;
    for (int lines = input_.Byte() % 6; lines > 0; --lines) absl::StrAppend(&config, Line(), "\n");
    file_.Write(config);
    if (input_.Flag()) {
      arguments_.push_back("--config=" + file_.path());
    } else {
      environment_.push_back("L3LINK_CONFIG=" + file_.path());
    }
    Gather();
    CheckValues();
    CheckQuoted();
  }

 private:
  void AddFlag() {
    const OptionRow& row = AnyOption(input_);
    const std::string name(row.name), value = AnyValue(input_);
    switch (input_.Byte() % 8) {
      case 7:
        plain_ = false;
        if (std::string text = input_.Text(24); !absl::StrContains(text, "config")) arguments_.push_back(text);
        return;
      case 6:
        plain_ = false;
        arguments_.push_back("--" + name);
        return;
      case 5: arguments_.push_back("--" + name), arguments_.push_back(value), plain_ = false; return;
      default:
        if (row.value.empty() || value.empty()) plain_ = false;
        arguments_.push_back(absl::StrCat("--", name, "=", value));
        flags_[name] = value;
    }
  }

  void AddVariable() {
    const std::string name(AnyOption(input_).name), value = AnyValue(input_);
    if (input_.Byte() % 8 == 7) {
      plain_ = false;
      const std::string text = "L3LINK_" + input_.Text(24);
      if (!absl::StrContains(text, "CONFIG")) environment_.push_back(text);
      return;
    }
    environment_.push_back(absl::StrCat(VariableOf(name), "=", value));
    variables_[name] = value;
  }

  std::string Line() {
    if (input_.Byte() % 4 == 3) {
      plain_ = false;
      return input_.Text(40);
    }
    const std::string name(AnyOption(input_).name), value = AnyValue(input_);
    if (value.find_first_of("\"#\n\r") != std::string::npos) plain_ = false;
    file_values_.emplace(name, std::string(absl::StripAsciiWhitespace(value)));
    return absl::StrCat(name, " = ", value, input_.Flag() ? "  # as said" : "");
  }

  void Gather() {
    const absl::StatusOr<Settings> settings = GatherSettings(arguments_, environment_);
    if (!settings.ok()) return CheckNamesItsSource(settings.status());
    if (plain_) CheckPrecedence(*settings);
    const absl::StatusOr<NodeOptions> options = ParseNodeOptions(*settings);
    if (options.ok()) return CheckOptions(*options);
    bool named = false;
    for (const auto& [name, setting] : *settings) {
      named = named || absl::StartsWith(options.status().message(), setting.source + ": ") ||
              absl::StartsWith(options.status().message(), name + ": ");
    }
    FUZZ_CHECK(named, options.status().ToString());
  }

  // An argument, a variable, or the file with a line or a key.
  void CheckNamesItsSource(const absl::Status& status) const {
    FUZZ_CHECK(absl::IsInvalidArgument(status), status.ToString());
    const absl::string_view message = status.message();
    if (absl::StrContains(message, file_.path())) return;
    for (const std::string& argument : arguments_) {
      if (absl::StrContains(message, argument.substr(0, argument.find('=')))) return;
    }
    for (const std::string& entry : environment_) {
      if (absl::StrContains(message, entry.substr(0, entry.find('=')))) return;
    }
    FUZZ_CHECK(false, status.ToString());
  }

  void CheckPrecedence(const Settings& settings) const {
    for (const auto& [name, setting] : settings) {
      if (name == "config") continue;
      const auto flag = flags_.find(name), variable = variables_.find(name), line = file_values_.find(name);
      const std::string& expected = flag != flags_.end()           ? flag->second
                                    : variable != variables_.end() ? variable->second
                                                                   : line->second;
      FUZZ_CHECK(setting.text == expected, absl::StrCat(name, ": ", setting.text, " and not ", expected));
    }
    FUZZ_CHECK(settings.size() >= flags_.size(), "a flag is lost");
  }

  static void CheckOptions(const NodeOptions& options) {
    const NodeLimits& limits = options.limits;
    FUZZ_CHECK(limits.lease_ttl >= limits.min_lease_ttl && limits.lease_ttl <= limits.max_lease_ttl, "lease-ttl");
    FUZZ_CHECK(limits.objects.max_objects >= 1 && limits.objects.max_objects <= 1'000'000, "max-objects");
    FUZZ_CHECK(limits.arena_bytes % L3_PAGE_BYTES == 0, absl::StrCat(limits.arena_bytes));
    FUZZ_CHECK(limits.max_streams >= 1 && limits.max_leases >= 1 && limits.max_waits_per_stream >= 1, "counts");
    FUZZ_CHECK(options.listen.has_value() || !options.unix_path.empty(), "nobody could reach it");
    FUZZ_CHECK(!options.listen.has_value() || options.listen->loopback || options.insecure, "plaintext to all");
    FUZZ_CHECK(options.unix_path.size() < 108, options.unix_path);
    FUZZ_CHECK(!options.platforms.empty() && !options.sim_programs.empty(), "no chip");
    for (const PlatformCount& platform : options.platforms) {
      FUZZ_CHECK(platform.chips >= 1 && platform.chips <= 64, absl::StrCat(platform.chips));
      const auto names = PlatformNames();
      FUZZ_CHECK(std::find(names.begin(), names.end(), platform.platform) != names.end(), platform.platform);
    }
  }

  // Each parser by itself, against another reading of the same text.
  void CheckValues() {
    const std::string text = AnyValue(input_);
    const uint64_t least = input_.Byte(), most = least + input_.Near(65536) / 2;
    if (const auto count = ParseCount(text, least, most); count.ok()) {
      FUZZ_CHECK(*count >= least && *count <= most, absl::StrCat(*count));
      FUZZ_CHECK(ParseCount(absl::StrCat(*count), least, most).value() == *count, text);
    }
    if (const auto bytes = ParseBytes(text, least, most); bytes.ok()) {
      FUZZ_CHECK(*bytes >= least && *bytes <= most, absl::StrCat(*bytes));
      FUZZ_CHECK(ParseBytes(absl::StrCat(*bytes, "B"), least, most).value() == *bytes, text);
    }
    uint64_t number;
    const bool in_range = absl::SimpleAtoi(text, &number) && number >= least && number <= most;
    FUZZ_CHECK(!in_range || ParseBytes(text, least, most).value_or(number + 1) == number, text);
    if (const auto time = ParseTime(text, absl::Milliseconds(least), absl::Hours(1)); time.ok()) {
      FUZZ_CHECK(*time >= absl::Milliseconds(least) && *time <= absl::Hours(1), text);
      FUZZ_CHECK(ParseTime(absl::FormatDuration(*time), *time, *time).ok(), text);
    }
    if (const auto listen = ParseListen(text); listen.ok()) {
      const auto again = ParseListen(listen->ToString());
      FUZZ_CHECK(again.ok(), text);
      FUZZ_CHECK(again->host == listen->host && again->port == listen->port, text);
      FUZZ_CHECK(again->loopback == listen->loopback, text);
    }
  }

  void CheckQuoted() {
    const std::string name(AnyOption(input_).name), value = input_.Text(40);
    if (value.find_first_of("\"\n") != std::string::npos) return;
    const auto line = ParseConfigLine(absl::StrCat(" ", name, "= \"", value, "\" # ", value), 3);
    FUZZ_CHECK(line.ok(), line.status().ToString());
    FUZZ_CHECK(line->has_value() && (*line)->key == name && (*line)->value == value, value);
  }

  FuzzInput& input_;
  ConfigFile& file_;
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::map<std::string, std::string> flags_, variables_, file_values_;  // what was said, the last word of each
  bool plain_ = true;  // all of it was said so plainly that what it means is beyond doubt
};

}  // namespace
}  // namespace l3link::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto& file = *new l3link::fuzz::ConfigFile();
  l3link::fuzz::FuzzInput input(data, size);
  l3link::fuzz::Bench(&input, &file).Run();
  return 0;
}
