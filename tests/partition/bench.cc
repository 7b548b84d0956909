#include "tests/partition/bench.h"

#include <signal.h>

#include <cstdio>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace l3link::partition {
namespace {

// In /proc/net/tcp.
constexpr char kEstablished[] = "01";

}  // namespace

std::atomic<bool> interrupted{false};

absl::StatusOr<std::unique_ptr<Bench>> Bench::Make() {
  for (const int sent : {SIGINT, SIGTERM}) signal(sent, [](int) { interrupted = true; });
  std::unique_ptr<Bench> bench(new Bench);
  auto net = Net::Make();
  if (!net.ok()) return net.status();
  bench->net_ = *std::move(net);
  {
    const Net::Inside inside(*bench->net_, true);
    bench->node_ = std::make_unique<TestNode>(
        std::vector<std::string>{absl::StrCat("--listen=", bench->net_->node_target()), "--insecure",
                                 "--platform=a2a3sim=1", "--sim-chip=external", "--arena-bytes=256MiB"});
    if (!bench->node_->ready()) return absl::InternalError(absl::StrCat("no node: ", bench->node_->log()));
    ChildOptions chip;
    chip.arguments = {absl::StrCat("--arena=", bench->node_->state_dir(), "/chips/0/arena"), "--program=echo",
                      "--wait-arena=60"};
    chip.stdout_path = chip.stderr_path = bench->node_->dir() / "chip.log";
    bench->chip_ = std::make_unique<ChildProcess>(RunfilePath("backends/sim/chip/l3link-sim-chip"), chip);
  }
  auto orchestrator = client::Orchestrator::Connect({bench->node_->unix_target()});
  if (!orchestrator.ok()) return orchestrator.status();
  bench->orchestrator_ = *std::move(orchestrator);
  return bench;
}

absl::Status Bench::Impose(Fault fault) {
  if (fault == Fault::kStopClients) return absl::OkStatus();  // they are the test's
  if (fault != Fault::kStopNode) return net_->Impose(fault);
  node_->process().Signal(SIGSTOP);
  return absl::OkStatus();
}

absl::Status Bench::Heal(Fault fault) {
  if (fault == Fault::kStopClients) return absl::OkStatus();
  if (fault != Fault::kStopNode) return net_->Heal();
  node_->process().Signal(SIGCONT);
  return absl::OkStatus();
}

uint64_t Bench::NodeMemory() {
  const std::string status = ReadFileOrEmpty(absl::StrCat("/proc/", node_->process().pid(), "/status"));
  constexpr char kKey[] = "RssAnon:";
  const size_t at = status.find(kKey);
  uint64_t kib = 0;
  if (at == std::string::npos || sscanf(status.c_str() + at + sizeof(kKey) - 1, "%lu", &kib) != 1) return 0;
  return kib << 10;
}

int Bench::NodeConnections() {
  std::istringstream table(ReadFileOrEmpty(absl::StrCat("/proc/", node_->process().pid(), "/net/tcp")));
  std::string line, number, local, remote, state;
  std::getline(table, line);  // the heading
  int count = 0;
  while (std::getline(table, line)) {
    std::istringstream(line) >> number >> local >> remote >> state;
    count += state == kEstablished;
  }
  return count;
}

}  // namespace l3link::partition
