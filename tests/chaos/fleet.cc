#include "tests/chaos/fleet.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/history/payload.h"

namespace l3link::chaos {
namespace {

constexpr char kChannel[] = "chaos";
constexpr size_t kLastWords = 2000;
constexpr absl::Duration kWorstMomentComesWithin = absl::Milliseconds(200);

// What a daemon's life in which it does not supervise its chip is started with.
const std::vector<std::string>& Unsupervised() {
  static const std::vector<std::string> flags = {"--sim-chip=external"};
  return flags;
}

// How a chip ends that this program has killed, has let the daemon end, or has started beside another one.
bool IsOrderly(int status) { return status == 0 || status == 4 || status == 128 + SIGKILL; }

}  // namespace

Fleet::Fleet(const ChaosOptions& options)
    : options_(options), node_({"--listen=none", "--platform=a2a3sim=1", "--sim-program=echo"}) {}

Fleet::~Fleet() {
  node_.process().KillGroup();  // else it starts another
  node_.process().Wait();
  if (const pid_t pid = ChipPid()) kill(pid, SIGKILL);
}

absl::Status Fleet::Start() {
  if (!node_.ready()) return absl::InternalError(absl::StrCat("the node did not get ready:\n", node_.log()));
  const absl::Status opened = OpenChannel();
  if (!opened.ok()) return opened;
  for (size_t lane = 0; lane < options_.clients; ++lane) {
    auto log = ClientLog::Open(client_log_path(lane));
    if (!log.ok()) return log.status();
    logs_.push_back(*std::move(log));
  }
  clients_.resize(options_.clients);
  return absl::OkStatus();
}

absl::Status Fleet::OpenChannel() {
  auto orchestrator = client::Orchestrator::Connect({node_.unix_target()});
  if (!orchestrator.ok()) return orchestrator.status();
  orchestrator_ = *std::move(orchestrator);
  v1::ChannelConfig config;
  config.set_host_to_chip_lanes(options_.clients);
  config.set_chip_to_host_lanes(options_.clients);
  config.set_lane_depth(options_.depth);
  config.set_max_message_bytes(history::kMostPayloadBytes);
  auto channel = orchestrator_->OpenChannel(0, kChannel, config);
  if (!channel.ok()) return channel.status();
  channel_ = *std::move(channel);
  return absl::OkStatus();
}

std::string Fleet::client_log_path(size_t lane) const { return node_.dir() / absl::StrCat("client-", lane, ".events"); }

pid_t Fleet::ChipPid() {
  int pid = 0;
  if (!absl::SimpleAtoi(ReadFileOrEmpty(arena_path() + ".lock"), &pid)) return 0;
  if (chip_ != nullptr && chip_->pid() == pid) return chip_->Poll() ? 0 : pid;
  std::error_code gone;
  const std::filesystem::path program = std::filesystem::read_symlink(absl::StrCat("/proc/", pid, "/exe"), gone);
  return !gone && program.filename() == "l3link-sim-chip" ? pid : 0;
}

void Fleet::AwaitEndOfChip(pid_t pid, absl::Duration at_most) {
  for (const absl::Time end = absl::Now() + at_most; ChipPid() == pid && absl::Now() < end;)
    absl::SleepFor(absl::Microseconds(200));
}

bool Fleet::KillChip(bool at_the_worst_moment) {
  const pid_t pid = ChipPid();
  if (pid == 0) return false;
  if (at_the_worst_moment) {
    kill(pid, SIGUSR2);
    AwaitEndOfChip(pid, kWorstMomentComesWithin);
  }
  if (ChipPid() == pid) kill(pid, SIGKILL);
  return true;
}

void Fleet::StartChip() {
  chip_.reset();  // its lock goes with it
  ChildOptions chip;
  chip.arguments = {"--arena=" + arena_path(), "--program=echo", "--wait-arena=60"};
  chip.stdout_path = chip.stderr_path = log_path("chip");
  chip_ = std::make_unique<ChildProcess>(RunfilePath("backends/sim/chip/l3link-sim-chip"), chip);
}

void Fleet::StartClient(size_t lane) {
  clients_[lane].reset();
  ChildOptions client;
  client.arguments = {absl::StrCat("--target=", node_.unix_target()),
                      absl::StrCat("--channel=", kChannel),
                      absl::StrCat("--lane=", lane),
                      absl::StrCat("--session=chaos-", lane),
                      absl::StrCat("--log=", client_log_path(lane)),
                      absl::StrCat("--seed=", options_.seed)};
  client.stdout_path = client.stderr_path = log_path(absl::StrCat("client-", lane));
  clients_[lane] = std::make_unique<ChildProcess>(RunfilePath("tests/chaos/chaos_client"), client);
}

void Fleet::RestartDaemon(bool supervises) {
  node_.process().Wait();
  supervises_ = supervises;
  node_.Relaunch(supervises ? std::vector<std::string>() : Unsupervised());
}

std::string Fleet::LastWords(const std::string& path) const {
  const std::string all = ReadFileOrEmpty(path);
  return all.substr(all.size() - std::min(all.size(), kLastWords));
}

absl::Status Fleet::Tend() {
  const std::string node_log = node_.dir() / "log";
  if (const auto status = node_.process().Poll())
    return absl::InternalError(absl::StrCat("the daemon ended with status ", *status, ":\n", LastWords(node_log)));
  const auto end_of_chip = chip_ == nullptr ? absl::nullopt : chip_->Poll();
  if (end_of_chip && !IsOrderly(*end_of_chip))
    return absl::InternalError(
        absl::StrCat("the chip ended with status ", *end_of_chip, ":\n", LastWords(log_path("chip"))));
  if (!supervises_ && (chip_ == nullptr || end_of_chip) && !ChipLives()) StartChip();
  for (size_t lane = 0; lane < clients_.size(); ++lane) {
    const auto status = clients_[lane] == nullptr ? absl::nullopt : clients_[lane]->Poll();
    if (status.value_or(0) == 0) continue;
    return absl::InternalError(absl::StrCat("client ", lane, " ended with status ", *status, ":\n",
                                            LastWords(log_path(absl::StrCat("client-", lane))), "the daemon's log:\n",
                                            LastWords(node_log)));
  }
  return absl::OkStatus();
}

bool Fleet::AllDone() {
  for (size_t lane = 0; lane < clients_.size(); ++lane)
    if (!ClientIsDone(lane)) return false;
  return true;
}

absl::StatusOr<v1::Channel> Fleet::FinalChannel() {
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  for (;;) {  // this connection, unused meanwhile, may still be getting over the last kill
    auto channel = channel_->Refresh();
    if (!absl::IsUnavailable(channel.status()) || absl::Now() > deadline) return channel;
    absl::SleepFor(absl::Milliseconds(20));
  }
}

absl::Status Fleet::Stop() {
  channel_.reset();
  orchestrator_.reset();
  if (const int status = node_.Terminate())
    return absl::InternalError(absl::StrCat("asked to end, the daemon did so with status ", status));
  if (chip_ != nullptr && !chip_->Poll()) {
    chip_->Signal(SIGTERM);
    if (const int status = chip_->Wait())
      return absl::InternalError(absl::StrCat("asked to end, the chip did so with status ", status));
  }
  return absl::OkStatus();
}

}  // namespace l3link::chaos
