// What the services share: who this node is, its chip workers, limits, counters and timer, and whether it is stopping.
//
// Made by main before the server, outlives every service. FindWorker and everything const may be called on any thread.
#ifndef L3LINK_SERVER_NODE_H_
#define L3LINK_SERVER_NODE_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "backends/host/mono_time.h"
#include "backends/worker/worker.h"
#include "server/budget.h"
#include "server/limits.h"
#include "server/ticker.h"

namespace l3link {

struct NodeIdentity {
  std::string node_name;
  std::string version;
  std::string boot_id;      // of the kernel
  std::string instance_id;  // of this process: 32 hex digits
};

// --node-name or the host's name, this build's version, and fresh ids.
NodeIdentity MakeNodeIdentity(absl::string_view node_name);

class Node {
 public:
  Node(NodeIdentity identity, const NodeLimits& limits, std::unique_ptr<Worker> worker);
  // Stops the timer, then the workers and their chips. No service may be left.
  ~Node();

  const NodeIdentity& identity() const { return identity_; }
  const NodeLimits& limits() const { return limits_; }
  absl::Duration uptime() const { return Between(started_, MonoNow()); }

  // In order of worker id, which is the index.
  absl::Span<const std::unique_ptr<ChipWorker>> workers() const { return worker_->chips(); }
  // WORKER_NOT_FOUND says how many there are.
  absl::StatusOr<ChipWorker*> FindWorker(uint32_t worker_id) const;

  Ticker& ticker() { return ticker_; }
  Budget& streams() { return streams_; }
  Budget& leases() { return leases_; }
  Budget& waits() { return waits_; }
  Budget& window_bytes() { return window_bytes_; }

  // The node is stopping: opens and attaches are refused.
  bool draining() const { return draining_.load(std::memory_order_acquire); }
  // NODE_DRAINING, for opens, attaches and new waits.
  absl::Status CheckNotDraining() const;
  // Until when streams may finish; kNever while not draining.
  MonoTime drain_deadline() const;

  // Called once, from StartDraining, on its thread; must not block. For whoever has streams to tell. Before serving begins.
  using DrainAction = absl::AnyInvocable<void(MonoTime deadline)>;
  void OnDraining(DrainAction action);
  // Idempotent.
  void StartDraining(absl::Duration timeout);

 private:
  const NodeIdentity identity_;
  const NodeLimits limits_;
  const MonoTime started_ = MonoNow();
  const std::unique_ptr<Worker> worker_;
  Budget streams_;
  Budget leases_;
  Budget waits_;
  Budget window_bytes_;
  std::atomic<bool> draining_{false};  // release after the deadline is set; acquire by readers
  mutable absl::Mutex mu_;
  MonoTime drain_deadline_ ABSL_GUARDED_BY(mu_) = kNever;
  std::vector<DrainAction> drain_actions_ ABSL_GUARDED_BY(mu_);
  Ticker ticker_;  // last: its actions use the rest
};

}  // namespace l3link

#endif  // L3LINK_SERVER_NODE_H_
