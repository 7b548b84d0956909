#include "server/node.h"

#include <unistd.h>

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "backends/state/boot_id.h"
#include "server/version.h"

namespace l3link {
namespace {

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

std::string RandomHex128() {
  std::random_device device;
  std::string hex;
  for (int i = 0; i < 4; ++i) absl::StrAppend(&hex, absl::Hex(device(), absl::kZeroPad8));
  return hex;
}

}  // namespace

NodeIdentity MakeNodeIdentity(absl::string_view node_name) {
  return {node_name.empty() ? HostName() : std::string(node_name), kVersion, BootIdText(), RandomHex128()};
}

Node::Node(NodeIdentity identity, const NodeLimits& limits, std::unique_ptr<Worker> worker)
    : identity_(std::move(identity)),
      limits_(limits),
      worker_(std::move(worker)),
      streams_("streams", limits.max_streams),
      leases_("leases", limits.max_leases),
      waits_("waits", limits.max_waits),
      window_bytes_("window_budget_bytes", limits.window_budget_bytes) {}

Node::~Node() = default;

absl::StatusOr<ChipWorker*> Node::FindWorker(uint32_t worker_id) const {
  const size_t count = worker_->size();
  if (worker_id < count) return &worker_->chip(worker_id);
  const std::string ids = count == 1 ? "1 worker (0)" : absl::StrCat(count, " workers (0 to ", count - 1, ")");
  return Refuse(Reason::kWORKER_NOT_FOUND,
                absl::StrCat("worker ", worker_id, ": node ", identity_.node_name, " has ", ids),
                {{"worker_id", absl::StrCat(worker_id)}, {"workers", absl::StrCat(count)}});
}

absl::Status Node::CheckNotDraining() const {
  if (!draining()) return absl::OkStatus();
  return Refuse(Reason::kNODE_DRAINING, absl::StrCat("node ", identity_.node_name, " is stopping"),
                {{"node", identity_.node_name}});
}

MonoTime Node::drain_deadline() const {
  absl::MutexLock lock(&mu_);
  return drain_deadline_;
}

void Node::OnDraining(DrainAction action) {
  absl::MutexLock lock(&mu_);
  drain_actions_.push_back(std::move(action));
}

void Node::StartDraining(absl::Duration timeout) {
  std::vector<DrainAction> actions;
  MonoTime deadline;
  {
    absl::MutexLock lock(&mu_);
    if (drain_deadline_ != kNever) return;
    deadline = drain_deadline_ = After(MonoNow(), timeout);
    actions.swap(drain_actions_);
  }
  draining_.store(true, std::memory_order_release);
  for (DrainAction& action : actions) action(deadline);
}

}  // namespace l3link
