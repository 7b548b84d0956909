// The processes of a chaos run, each killed and started again on its own: a node, its chip, and one client a lane.
//
// Owned by ChaosRun, on the one thread that starts them (they die with it; a chip that a node has started ends soon after).
// All files lie in one folder in memory, which goes with this.
//
// In some of the daemon's lives it supervises its chip: it starts one, or takes over the one of the life before, and starts it
// again when it has died. In the others the chip is started here, since a node's pauses before that grow with every death.
#ifndef L3LINK_TESTS_CHAOS_FLEET_H_
#define L3LINK_TESTS_CHAOS_FLEET_H_

#include <signal.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/orchestrator.h"
#include "tests/chaos/chaos_options.h"
#include "tests/chaos/client_log.h"
#include "tests/support/child_process.h"
#include "tests/support/test_node.h"

namespace l3link::chaos {

class Fleet {
 public:
  explicit Fleet(const ChaosOptions& options);
  ~Fleet();

  // The node and its chip, the channel, and the clients' logs; no client yet.
  absl::Status Start();
  void StartClient(size_t lane);  // also after it was killed
  size_t clients() const { return logs_.size(); }

  // kill -9, without waiting for the end; the other half waits for that and starts it again.
  void KillDaemon() { node_.process().Signal(SIGKILL); }
  void KillClient(size_t lane) { clients_[lane]->Signal(SIGKILL); }
  // False: there is none. It may also be asked to do it itself between an answer and the release of its question; one that
  // does not come there soon is killed as it is.
  bool KillChip(bool at_the_worst_moment);
  void RestartDaemon(bool supervises);
  // Whoever is to start a chip that has died.
  bool supervises() const { return supervises_; }

  // Starts a chip where that is not the daemon's to do and there is none. Why the run cannot go on: a process that ended by
  // itself, with what it said.
  absl::Status Tend();
  bool ChipLives() { return ChipPid() != 0; }
  bool ClientIsDone(size_t lane) { return clients_[lane]->Poll() == 0; }
  bool AllDone();

  std::vector<ClientLog>& logs() { return logs_; }
  uint64_t generation() const { return channel_->id().generation(); }
  // The lanes at rest, as the node tells.
  absl::StatusOr<v1::Channel> FinalChannel();
  // Asks node and chip to end, and says if one of them does not do so well.
  absl::Status Stop();

 private:
  absl::Status OpenChannel();
  void StartChip();
  // Of the chip that holds the arena's lock; 0: there is none.
  pid_t ChipPid();
  void AwaitEndOfChip(pid_t pid, absl::Duration at_most);
  std::string arena_path() const { return node_.state_dir() + "/chips/0/arena"; }
  std::string log_path(const std::string& name) const { return node_.dir() / (name + ".log"); }
  std::string client_log_path(size_t lane) const;
  std::string LastWords(const std::string& path) const;

  const ChaosOptions options_;
  TestNode node_;
  bool supervises_ = true;
  std::unique_ptr<ChildProcess> chip_;  // the last one that was started here
  std::vector<std::unique_ptr<ChildProcess>> clients_;
  std::vector<ClientLog> logs_;
  std::unique_ptr<client::Orchestrator> orchestrator_;
  std::unique_ptr<client::Channel> channel_;
};

}  // namespace l3link::chaos

#endif  // L3LINK_TESTS_CHAOS_FLEET_H_
