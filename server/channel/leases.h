// The node's leases: one LeaseTable a chip, each used under its chip worker's lock, and the tick that expires them all.
//
// Made after the node, destroyed before it and after every service.
#ifndef L3LINK_SERVER_CHANNEL_LEASES_H_
#define L3LINK_SERVER_CHANNEL_LEASES_H_

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "backends/host/host_channel.h"
#include "backends/worker/chip_worker.h"
#include "server/channel/lease_table.h"
#include "server/node.h"

namespace l3link {

// A lane as it stands, for LeaseTable. Under the chip worker's lock.
LaneNow LaneNowOf(const HostChannel& channel, Direction direction, uint32_t lane);

class Leases {
 public:
  static constexpr absl::Duration kTick = absl::Milliseconds(250);

  explicit Leases(Node* node);
  // Stops the tick; waits for one that is running.
  ~Leases();

  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  // The node is ready: leases that an earlier daemon left count from now.
  void Ready();

  // The caller holds the worker's ChipLock for as long as it uses the table.
  LeaseTable& of(const ChipWorker& worker) { return *tables_[worker.worker_id()]; }

 private:
  struct Ticking;

  static void Restore(ChipWorker& worker, LeaseTable* table);

  Node& node_;
  std::vector<std::unique_ptr<LeaseTable>> tables_;  // by worker id
  std::shared_ptr<Ticking> ticking_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_LEASES_H_
