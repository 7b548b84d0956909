#include "server/options/option_table.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "server/limits.h"
#include "server/version.h"

namespace l3link {
namespace {

constexpr char kListening[] = "Where it listens";
constexpr char kChips[] = "Chips";
constexpr char kNode[] = "The node";
constexpr char kLimits[] = "Limits (defaults in the table below)";

constexpr OptionRow kRows[] = {
    {"listen", "HOST:PORT", kListening, "TCP; port 0: any free one; none: off. Default 127.0.0.1:50051"},
    {"unix", "PATH", kListening, "unix socket, mode 0600; none: off. Default STATE/l3linkd.sock"},
    {"insecure", "", kListening, "allow plaintext TCP beyond loopback: anybody who reaches the port is in"},
    {"ready-file", "PATH", kListening, "write the ready line here, atomically, when all is served"},

    {"platform", "NAME[=N],..", kChips, "a2a3sim, a5sim, a2a3, a5 and how many of each. Default a2a3sim"},
    {"chips", "N", kChips, "how many, of each platform that says no number. Default 1"},
    {"sim-program", "NAME,..", kChips,
     "what simulated chips run: echo, checksum, sink, source, vector_add, or FILE.so. Default echo,vector_add"},
    {"sim-chip", "PATH", kChips,
     "l3link-sim-chip to run; external: it is started elsewhere. Default: beside l3linkd, in its build tree, on PATH"},
    {"ascend-hal", "FILE", kChips,
     "libascend_hal.so of a2a3, a path or a name. Default: that name, then the driver's folder"},
    {"ascend-acl", "FILE", kChips, "libascendcl.so of a2a3, as above. Default: that name, then the toolkit's folder"},

    {"state-dir", "DIR", kNode,
     "arenas, lock and socket; ours alone, on tmpfs. Default $XDG_RUNTIME_DIR/l3link, else /dev/shm/l3link-UID"},
    {"discard-state", "", kNode, "begin anew: channels, regions and leases that an earlier node left there are lost"},
    {"node-name", "NAME", kNode, "Default: the host's name"},
    {"log-level", "LEVEL", kNode, "debug, info, warn, error. Default info"},
    {"log-format", "FORMAT", kNode, "text or json, on stderr. Default text"},
    {"config", "FILE", kNode, "lines of `key = value`; keys are the names of these flags"},
    {"drain-timeout", "TIME", kNode, "how long streams may finish after SIGTERM"},

    {"arena-bytes", "BYTES", kLimits, "shared memory of a chip, taken as objects are opened; whole pages"},
    {"lease-ttl", "TIME", kLimits, "how long a lane stays held without a frame, 1s to 10m"},
    {"max-objects", "N", kLimits, "channels and regions of a chip"},
    {"max-streams", "N", kLimits, "streams at once"},
    {"max-leases", "N", kLimits, "leases at once; a stream's two lanes are one"},
    {"max-waits-per-stream", "N", kLimits, "watches on one memory stream"},
    {"window-budget-bytes", "BYTES", kLimits, "sent and not yet published, all streams together"},
    {"attach-timeout", "TIME", kLimits, "from a stream's start to its attach"},
};

constexpr char kHead[] =
    "l3linkd %s: lets orchestrators reach this host's chips over gRPC\n"
    "\n"
    "usage: l3linkd [--FLAG VALUE]...\n"
    "\n"
    "Each flag can also be a variable (--state-dir: L3LINK_STATE_DIR) or a line of the config file (state-dir = DIR).\n"
    "A flag wins over a variable, that over the file, that over the default.\n"
    "Sizes: 65536, 64KiB, 1GiB. Times: 500ms, 30s, 2m.\n";

constexpr char kTail[] =
    "\n"
    "The start-up block ends in: ready grpc=HOST:PORT unix=PATH   (- for what is off)\n"
    "SIGTERM or SIGINT drains and ends with 0; a second one ends at once. Usage errors end with 2, others with 1.\n"
    "\n"
    "Examples:\n"
    "  l3linkd                                                  one simulated chip that echoes, loopback only\n"
    "  l3linkd --platform a2a3sim=2 --sim-program checksum      two chips that answer with CRC-32Cs\n"
    "  l3linkd --listen 0.0.0.0:50051 --insecure                reachable from a network that is trusted\n"
    "  l3linkd --sim-chip external                              the chip is started by hand or in its own container\n";

}  // namespace

absl::Span<const OptionRow> OptionTable() { return kRows; }

std::string VariableOf(absl::string_view name) {
  return absl::StrCat("L3LINK_", absl::StrReplaceAll(absl::AsciiStrToUpper(name), {{"-", "_"}}));
}

std::vector<std::string> OptionNames() {
  std::vector<std::string> names;
  for (const OptionRow& row : kRows) names.emplace_back(row.name);
  return names;
}

std::string HelpText() {
  std::string text = absl::StrFormat(kHead, kVersion);
  absl::string_view group;
  for (const OptionRow& row : kRows) {
    if (row.group != group) absl::StrAppend(&text, "\n", row.group, ":\n");
    group = row.group;
    const std::string flag = absl::StrCat("--", row.name, row.value.empty() ? "" : " ", row.value);
    absl::StrAppendFormat(&text, "  %-29s %s\n", flag, row.help);
  }
  absl::StrAppend(&text, "\n  --help, --version\n", kTail, "\nDefaults and caps (also in GetNode):\n",
                  LimitTableText(NodeLimits{}));
  return text;
}

}  // namespace l3link
