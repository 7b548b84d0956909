#include "tests/partition/net.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/child_process.h"

namespace l3link::partition {
namespace {

constexpr char kOwnNamespace[] = "/proc/thread-self/ns/net";
// Slower than one client sends.
constexpr char kSlow[] = "rate 1mbit burst 32kbit latency 300ms";

int OpenOwn() { return open(kOwnNamespace, O_RDONLY | O_CLOEXEC); }

void Return(int home) {
  if (setns(home, CLONE_NEWNET) == 0) return;
  perror("setns home");
  abort();
}

// A new one, in which this thread is not.
int MakeNamespace(int home) {
  if (unshare(CLONE_NEWNET) != 0) return -1;
  const int fd = OpenOwn();
  Return(home);
  return fd;
}

std::string PathOf(absl::string_view program) {
  for (const char* folder : {"/usr/sbin/", "/sbin/", "/usr/bin/"}) {
    const std::string path = absl::StrCat(folder, program);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

std::string RulesOf(Fault fault) {
  switch (fault) {
    case Fault::kReset: return "tcp flags rst accept\nmeta l4proto tcp reject with tcp reset";
    // 52 bytes: an acknowledgement that carries nothing else.
    case Fault::kHold: return "tcp flags & (fin | syn | rst) == 0 ip length > 52 drop";
    default: return "meta l4proto tcp drop";
  }
}

}  // namespace

Net::Inside::Inside(const Net& net, bool node) : home_(net.home_) {
  if (setns(node ? net.node_ : net.clients_, CLONE_NEWNET) == 0) return;
  perror("setns");
  abort();
}

Net::Inside::~Inside() { Return(home_); }

absl::StatusOr<std::unique_ptr<Net>> Net::Make() {
  std::unique_ptr<Net> net(new Net);
  const absl::Status built = net->Build();
  if (!built.ok()) return built;
  return net;
}

Net::~Net() {
  for (const int fd : {home_, node_, clients_})
    if (fd >= 0) close(fd);
}

absl::Status Net::Build() {
  home_ = OpenOwn();
  for (int* fd : {&node_, &clients_}) {
    *fd = MakeNamespace(home_);
    if (*fd < 0) return absl::ErrnoToStatus(errno, "a network namespace cannot be made (needs CAP_SYS_ADMIN)");
  }
  const std::string clients = absl::StrCat("/proc/", getpid(), "/fd/", clients_);
  for (const auto& [node, command] :
       std::vector<std::pair<bool, std::string>>{{true, "ip link add l3node type veth peer name l3client"},
                                                 {true, absl::StrCat("ip link set l3client netns ", clients)},
                                                 {true, "ip address add 10.77.0.1/24 dev l3node"},
                                                 {true, "ip link set l3node up"},
                                                 {false, "ip address add 10.77.0.2/24 dev l3client"},
                                                 {false, "ip link set l3client up"}}) {
    if (absl::Status done = Run(node, command); !done.ok()) return done;
  }
  for (const Fault fault : {Fault::kReset, Fault::kThrottle}) {  // whether this kernel and these tools can
    if (absl::Status done = Impose(fault); !done.ok()) return done;
    if (absl::Status done = Heal(); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status Net::Impose(Fault fault) {
  if (fault == Fault::kThrottle) {
    const absl::Status slow = Run(true, absl::StrCat("tc qdisc add dev l3node root tbf ", kSlow));
    return slow.ok() ? Run(false, absl::StrCat("tc qdisc add dev l3client root tbf ", kSlow)) : slow;
  }
  const std::string rules = RulesOf(fault);
  if (fault != Fault::kDropToClients) {
    if (absl::Status done = Filter(true, rules); !done.ok()) return done;
  }
  return fault == Fault::kDropToNode ? absl::OkStatus() : Filter(false, rules);
}

// What comes in, at the end that it comes to: the sender does not learn of it.
absl::Status Net::Filter(bool node, const std::string& rules) {
  return Run(node, "nft -f /dev/stdin",
             absl::StrCat("table inet fault {\nchain in {\ntype filter hook input priority 0;\n", rules, "\n}\n}\n"));
}

absl::Status Net::Heal() {
  for (const bool node : {true, false}) {
    if (absl::Status done = Run(node, "nft flush ruleset"); !done.ok()) return done;
    Run(node, absl::StrCat("tc qdisc del dev ", node ? "l3node" : "l3client", " root")).IgnoreError();  // if any
  }
  return absl::OkStatus();
}

absl::Status Net::Run(bool node, const std::string& command, const std::string& input) {
  std::vector<std::string> words = absl::StrSplit(command, ' ');
  const std::string program = PathOf(words[0]);
  if (program.empty())
    return absl::UnimplementedError(absl::StrCat(words[0], " is not installed; dev/setup --test installs it"));
  words.erase(words.begin());
  const Inside inside(*this, node);
  const Finished finished = RunToEnd(program, words, {}, input);
  if (finished.status == 0) return absl::OkStatus();
  const std::string what = absl::StrCat(command, ": ", finished.err);
  const bool refused = absl::StrContains(what, "not permitted") || absl::StrContains(what, "not supported");
  return refused ? absl::UnimplementedError(what) : absl::InternalError(what);
}

}  // namespace l3link::partition
