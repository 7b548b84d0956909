// The clients of one test, one of each kind on the same node, beyond the fault; and those on the node's side of it, which keep
// their lanes moving and witness what is in them.
//
//   lane 0  both ways   idle
//   lane 1  to the chip sending       <- echo, drained on the node's side
//   lane 2  from it     receiving     <- echo, fed on the node's side
//   region              waiting
//
// At the end the independent checker judges all three lanes. Owned by a test; its thread.
#ifndef L3LINK_TESTS_PARTITION_CAST_H_
#define L3LINK_TESTS_PARTITION_CAST_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/orchestrator.h"
#include "tests/history/findings.h"
#include "tests/partition/actor.h"
#include "tests/partition/bench.h"
#include "tests/partition/ledger.h"

namespace l3link::partition {

class Cast {
 public:
  // Opens channel and region `name`, and starts all of them.
  Cast(Bench* bench, const std::string& name, absl::Duration lease_ttl);
  ~Cast();
  Cast(const Cast&) = delete;
  Cast& operator=(const Cast&) = delete;

  // Until all are at work.
  bool AwaitReady();
  std::vector<Actor*> clients() { return {idle_.get(), sending_.get(), receiving_.get(), waiting_.get()}; }
  Actor& idle() { return *idle_; }
  Actor& sending() { return *sending_; }
  Actor& receiving() { return *receiving_; }
  Actor& waiting() { return *waiting_; }
  Actor& drainer() { return *drainer_; }
  Actor& feeder() { return *feeder_; }
  // One more, on the node's side, that wants the sending client's lane as soon as its lease is over.
  Actor& StartRival();

  client::Region& region() { return *region_; }

  // Everything that moves comes to rest, whoever holds the lanes now; then all end. "" or what went wrong.
  std::string Settle();
  // After that.
  history::Findings Judge();
  // How often the sending client's lane was granted, to it or to the rival.
  int SendersGrants() const;

 private:
  std::unique_ptr<Actor> Start(const std::string& role, std::vector<std::string> arguments, bool beyond);
  std::string FinishAll();

  Bench& bench_;
  const std::string name_;
  const absl::Duration lease_ttl_;
  std::unique_ptr<client::Channel> channel_;
  std::unique_ptr<client::Region> region_;
  std::unique_ptr<Actor> idle_, sending_, receiving_, waiting_, drainer_, feeder_, rival_;
  std::unique_ptr<Ledger> ledger_;  // of the first five with lanes
  std::unique_ptr<Ledger> rivals_ledger_;
  v1::Channel at_rest_;
};

}  // namespace l3link::partition

#endif  // L3LINK_TESTS_PARTITION_CAST_H_
