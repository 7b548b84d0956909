#include "server/options/node_options.h"

#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "backends/arena_limits.h"
#include "backends/host/arena_header.h"
#include "backends/worker/platform_factory.h"

namespace l3link {
namespace {

constexpr char kDefaultListen[] = "127.0.0.1:50051";
constexpr uint64_t kMostWindowBytes = uint64_t{1} << 40;
constexpr uint64_t kMillion = 1'000'000;

// Hands each setting's text to a parser and keeps the first error.
class Reader {
 public:
  explicit Reader(const Settings& settings) : settings_(settings) {}

  std::string Text(const std::string& name, const std::string& otherwise) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? otherwise : found->second.text;
  }

  // `target` keeps its value, the default, when nobody said anything.
  template <typename Value, typename Parse>
  void Read(const std::string& name, Value* target, Parse parse) {
    const auto found = settings_.find(name);
    if (found == settings_.end() || !status_.ok()) return;
    auto value = parse(found->second.text);
    if (value.ok()) {
      *target = static_cast<Value>(*std::move(value));
    } else {
      Fail(found->second.source, value.status().message());
    }
  }

  void Bytes(const std::string& name, uint64_t* target, uint64_t least, uint64_t most) {
    Read(name, target, [&](absl::string_view text) { return ParseBytes(text, least, most); });
  }
  template <typename Count>
  void Number(const std::string& name, Count* target, uint64_t least, uint64_t most) {
    Read(name, target, [&](absl::string_view text) { return ParseCount(text, least, most); });
  }
  void Time(const std::string& name, absl::Duration* target, absl::Duration least, absl::Duration most) {
    Read(name, target, [&](absl::string_view text) { return ParseTime(text, least, most); });
  }
  void Words(const std::string& name, std::string* target, const std::vector<std::string>& words) {
    Read(name, target, [&](absl::string_view text) { return ParseOneOf(text, words); });
  }

  void Fail(absl::string_view source, absl::string_view what) {
    if (status_.ok()) status_ = absl::InvalidArgumentError(absl::StrCat(source, ": ", what));
  }
  const absl::Status& status() const { return status_; }

 private:
  const Settings& settings_;
  absl::Status status_;
};

void ReadListeners(Reader& reader, NodeOptions* options) {
  reader.Read("insecure", &options->insecure, ParseSwitch);
  const std::string listen = reader.Text("listen", kDefaultListen);
  if (listen != "none") {
    absl::StatusOr<ListenAddress> address = ParseListen(listen);
    if (address.ok()) {
      options->listen = *address;
    } else {
      reader.Fail("listen", address.status().message());
    }
  }
  if (options->listen && !options->listen->loopback && !options->insecure) {
    reader.Fail("listen",
                absl::StrCat(listen, " is plaintext beyond loopback: anybody who reaches it could use the chips. ",
                             "Listen on 127.0.0.1 or the unix socket, or say --insecure if the network is trusted"));
  }
  const std::string path = reader.Text("unix", absl::StrCat(options->state_dir, "/l3linkd.sock"));
  if (path != "none") options->unix_path = path;
  constexpr size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
  if (options->unix_path.size() > kMost) {
    reader.Fail("unix", absl::StrCat("path of ", options->unix_path.size(), " bytes > ", kMost, ": ", path,
                                     "; give a shorter --unix or --state-dir"));
  }
  if (!options->listen && options->unix_path.empty())
    reader.Fail("listen", "none, and unix none: nobody could reach the node");
}

absl::StatusOr<std::vector<PlatformCount>> ParseKnownPlatforms(absl::string_view text, uint32_t chips) {
  absl::StatusOr<std::vector<PlatformCount>> platforms = ParsePlatforms(text, chips);
  if (!platforms.ok()) return platforms;
  const absl::Span<const absl::string_view> names = PlatformNames();
  for (const PlatformCount& platform : *platforms) {
    if (std::find(names.begin(), names.end(), platform.platform) != names.end()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("no platform '", platform.platform, "'; there are ", absl::StrJoin(names, ", ")));
  }
  return platforms;
}

void ReadChips(Reader& reader, NodeOptions* options) {
  uint32_t chips = 1;
  reader.Number("chips", &chips, 1, 64);
  options->platforms = {{"a2a3sim", chips}};
  reader.Read("platform", &options->platforms,
              [&](absl::string_view text) { return ParseKnownPlatforms(text, chips); });
  reader.Read("discard-state", &options->discard_state, ParseSwitch);
  options->sim_programs = absl::StrSplit(reader.Text("sim-program", "echo,vector_add"), ',', absl::SkipWhitespace());
  if (options->sim_programs.empty()) reader.Fail("sim-program", "names no program");
  const std::string chip = reader.Text("sim-chip", "");
  options->sim_external = chip == "external";
  if (!options->sim_external) options->sim_chip = chip;
  options->ascend = {reader.Text("ascend-hal", ""), reader.Text("ascend-acl", "")};
}

// What the chips' platforms would refuse when they start.
absl::StatusOr<uint64_t> ParseArenaBytes(absl::string_view text, const NodeOptions& options) {
  uint64_t most = kMaxArenaBytes;
  for (const PlatformCount& platform : options.platforms) most = std::min(most, MaxArenaBytesOf(platform.platform));
  const uint64_t least = ArenaDataAt(options.limits.objects.max_objects) + L3_PAGE_BYTES;
  absl::StatusOr<uint64_t> bytes = ParseBytes(text, least, most);
  if (!bytes.ok() || *bytes % L3_PAGE_BYTES == 0) return bytes;
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not a multiple of ", L3_PAGE_BYTES, " bytes"));
}

void ReadLimits(Reader& reader, NodeOptions* options) {
  NodeLimits* const limits = &options->limits;
  reader.Time("lease-ttl", &limits->lease_ttl, limits->min_lease_ttl, limits->max_lease_ttl);
  reader.Number("max-objects", &limits->objects.max_objects, 1, kMillion);
  reader.Read("arena-bytes", &limits->arena_bytes,
              [&](absl::string_view text) { return ParseArenaBytes(text, *options); });
  reader.Number("max-streams", &limits->max_streams, 1, kMillion);
  reader.Number("max-leases", &limits->max_leases, 1, kMillion);
  reader.Number("max-waits-per-stream", &limits->max_waits_per_stream, 1, kMillion);
  reader.Bytes("window-budget-bytes", &limits->window_budget_bytes, uint64_t{1} << 10, kMostWindowBytes);
  reader.Time("attach-timeout", &limits->attach_timeout, absl::Milliseconds(10), absl::Minutes(1));
  reader.Time("drain-timeout", &limits->drain_timeout, absl::ZeroDuration(), absl::Hours(1));
}

}  // namespace

std::string DefaultStateDir() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && runtime[0] == '/') return absl::StrCat(runtime, "/l3link");
  return absl::StrCat("/dev/shm/l3link-", getuid());
}

absl::StatusOr<NodeOptions> ParseNodeOptions(const Settings& settings) {
  Reader reader(settings);
  NodeOptions options;
  options.state_dir = reader.Text("state-dir", DefaultStateDir());
  if (options.state_dir.empty()) reader.Fail("state-dir", "is empty");
  options.ready_file = reader.Text("ready-file", "");
  options.node_name = reader.Text("node-name", "");
  reader.Words("log-level", &options.log_level, {"debug", "info", "warn", "error"});
  reader.Words("log-format", &options.log_format, {"text", "json"});
  ReadListeners(reader, &options);
  ReadChips(reader, &options);
  ReadLimits(reader, &options);
  if (!reader.status().ok()) return reader.status();
  return options;
}

}  // namespace l3link
