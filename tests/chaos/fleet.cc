#include "tests/chaos/fleet.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/history/payload.h"

namespace l3link::chaos {
namespace {

constexpr char kChannel[] = "chaos";
constexpr size_t kLastWords = 2000;

}  // namespace

// The chip is started here and not by the node, whose pauses before a restart grow with every death.
Fleet::Fleet(const ChaosOptions& options)
    : options_(options), node_({"--listen=none", "--platform=a2a3sim=1", "--sim-chip=external"}) {}

absl::Status Fleet::Start() {
  if (!node_.ready()) return absl::InternalError(absl::StrCat("the node did not get ready:\n", node_.log()));
  StartChip();
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

void Fleet::StartChip() {
  chip_.reset();  // its lock goes with it
  ChildOptions chip;
  chip.arguments = {absl::StrCat("--arena=", node_.state_dir(), "/chips/0/arena"), "--program=echo", "--wait-arena=60"};
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
                      absl::StrCat("--messages=", options_.messages / options_.clients),
                      absl::StrCat("--seed=", options_.seed)};
  client.stdout_path = client.stderr_path = log_path(absl::StrCat("client-", lane));
  clients_[lane] = std::make_unique<ChildProcess>(RunfilePath("tests/chaos/chaos_client"), client);
}

void Fleet::RestartDaemon() {
  node_.process().Wait();
  node_.Relaunch();
}

std::string Fleet::LastWords(const std::string& path) const {
  const std::string all = ReadFileOrEmpty(path);
  return all.substr(all.size() - std::min(all.size(), kLastWords));
}

absl::Status Fleet::CheckAlive() {
  const std::string node_log = node_.dir() / "log";
  if (const auto status = node_.process().Poll())
    return absl::InternalError(absl::StrCat("the daemon ended with status ", *status, ":\n", LastWords(node_log)));
  if (const auto status = chip_->Poll())
    return absl::InternalError(
        absl::StrCat("the chip ended with status ", *status, ":\n", LastWords(log_path("chip"))));
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
  chip_->Signal(SIGTERM);
  if (const int status = chip_->Wait())
    return absl::InternalError(absl::StrCat("asked to end, the chip did so with status ", status));
  return absl::OkStatus();
}

}  // namespace l3link::chaos
