// One unary Wait: a call that ends when its conditions hold, its timeout passes, its region is closed, the client goes, or
// the node stops. No thread waits.
//
// Fired and ended come under the chip worker's lock and finish the call right after it; the timeout comes on the ticker's
// thread, a cancellation on gRPC's. Whoever decides first ends it. Keeps itself alive until gRPC is done with it; the timer
// only knows it weakly.
#ifndef L3LINK_SERVER_MEMORY_WAIT_REACTOR_H_
#define L3LINK_SERVER_MEMORY_WAIT_REACTOR_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "backends/worker/chip_worker.h"
#include "l3link/v1/memory.pb.h"
#include "server/memory/region_access.h"
#include "server/node.h"

namespace l3link {

class WaitReactor;

// The waits of all clients now, for a node that stops. Any thread.
class LiveWaits {
 public:
  void Enter(const std::shared_ptr<WaitReactor>& wait) ABSL_LOCKS_EXCLUDED(mu_);
  void Leave(WaitReactor* wait) ABSL_LOCKS_EXCLUDED(mu_);
  // Ends each with `why`.
  void EndAll(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Mutex mu_;
  absl::flat_hash_map<WaitReactor*, std::weak_ptr<WaitReactor>> waits_ ABSL_GUARDED_BY(mu_);
};

class WaitReactor final : public grpc::ServerUnaryReactor,
                          public WaitListener,
                          public DeferredAction,
                          public std::enable_shared_from_this<WaitReactor> {
 public:
  // Checks the request and begins to wait. `response`, node and list outlive the call.
  static grpc::ServerUnaryReactor* Start(grpc::CallbackServerContext* context, const v1::WaitRequest& request,
                                         v1::WaitResponse* response, std::unique_ptr<RegionAccess> region, Node* node,
                                         LiveWaits* live);

  WaitReactor(std::vector<Condition> conditions, v1::WaitResponse* response, std::unique_ptr<RegionAccess> region,
              Node* node, LiveWaits* live);

  // Ends the call with `why`, unless something else has ended it.
  void EndWith(const absl::Status& why);

  void OnWaitFired(uint64_t cookie, absl::Span<const uint64_t> values) override;
  void OnWaitEnded(uint64_t cookie, const absl::Status& why) override;
  void RunDeferred() override;
  void OnCancel() override { EndWith(absl::CancelledError("the client is gone")); }
  void OnDone() override;

 private:
  void Arm(Combine combine, absl::Duration timeout);
  void OnTimeout();
  // True for the first who asks: it ends the call.
  [[nodiscard]] bool Decide() ABSL_LOCKS_EXCLUDED(mu_);
  void FinishAfterLock(absl::Status status);

  const std::vector<Condition> conditions_;
  v1::WaitResponse* const response_;
  const std::unique_ptr<RegionAccess> region_;
  Node& node_;
  LiveWaits& live_;
  std::shared_ptr<WaitReactor> self_;       // until OnDone
  std::shared_ptr<WaitReactor> finishing_;  // from the decision under a chip worker's lock until RunDeferred
  absl::Status outcome_;                    // for RunDeferred

  absl::Mutex mu_;  // a leaf
  bool decided_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t timer_ ABSL_GUARDED_BY(mu_) = 0;
  WaitTable::WaitId wait_ ABSL_GUARDED_BY(mu_) = WaitTable::kGone;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_WAIT_REACTOR_H_
