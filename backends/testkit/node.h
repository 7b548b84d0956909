// A real node for a test: one line starts l3linkd with the test's chip program, and it is gone at the end.
//
//   auto node = l3link::testkit::Node::Start({.chip_programs = {"./libshout.so"}});       // StatusOr
//   auto orchestrator = l3link::client::Orchestrator::Connect({(*node)->target()});
//
// The daemon is a process of its own, with its state in a fresh folder of shared memory and a unix socket there. It ends with this
// object, at the latest with the test's process. When it did not get ready, died, or ended badly, its log is shown.
#ifndef L3LINK_BACKENDS_TESTKIT_NODE_H_
#define L3LINK_BACKENDS_TESTKIT_NODE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "backends/testkit/chip_player.h"

namespace l3link::testkit {

class DaemonProcess;
class NodeFolder;

struct NodeOptions {
  // What each simulated chip runs: paths of shared objects (FILE.so), or names of built-in programs, as l3linkd --sim-program.
  std::vector<std::string> chip_programs = {"echo", "vector_add"};
  bool play_chips = false;           // no chip runs a program: the test plays them (Node::PlayChip)
  std::string platform = "a2a3sim";  // or a5sim; more by `flags`
  uint32_t chips = 1;
  std::vector<std::string> flags = {};  // further flags of l3linkd, which win: "--listen=127.0.0.1:0", "--lease-ttl=1s"
  // Default: the variable L3LINK_L3LINKD; beside this library, in the bin of its prefix or in its build tree; the same of the running
  // program; on PATH. l3linkd finds l3link-sim-chip by itself.
  std::string l3linkd = {};
  absl::Duration patience = absl::Seconds(30);  // until it is ready, and until it has ended
  Interrupted interrupted = {};                 // of Start
};

class Node {
 public:
  // Returns when the node serves and its chips run. NOT_FOUND: no l3linkd, or no such chip program; FAILED_PRECONDITION: it ended, or
  // a chip program cannot be loaded; DEADLINE_EXCEEDED; CANCELLED. The message has the last words of the node and of the chip.
  static absl::StatusOr<std::unique_ptr<Node>> Start(const NodeOptions& options = {});
  // Stop, and shows the log on stderr where that fails.
  ~Node();

  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // For clients: "unix:/dev/shm/.../l3linkd.sock".
  std::string target() const { return "unix:" + unix_path_; }
  // "127.0.0.1:41234" where a --listen was given, else "-".
  const std::string& tcp_target() const { return tcp_target_; }

  // The chip's side of this node's chip, which must have been started with play_chips. See ChipPlayer::Attach for errors.
  absl::StatusOr<std::unique_ptr<ChipPlayer>> PlayChip(uint32_t worker_id = 0, Interrupted interrupted = {}) const;

  // What l3linkd, and what a chip and its program, have written so far.
  std::string log() const;
  std::string chip_log(uint32_t worker_id = 0) const;

  // Ends it as an operator would, which gives open streams a second to finish, and removes its folder. INTERNAL when it ended otherwise than well, with
  // its last words. What was stopped stays so.
  absl::Status Stop();

 private:
  Node(std::unique_ptr<NodeFolder> folder, const NodeOptions& options);

  absl::Status AwaitReady();
  absl::Status AwaitChip(uint32_t worker_id, std::chrono::steady_clock::time_point deadline);
  absl::Status Failed(absl::StatusCode code, const std::string& what) const;

  const NodeOptions options_;
  std::unique_ptr<NodeFolder> folder_;
  std::unique_ptr<DaemonProcess> process_;
  std::string unix_path_;
  std::string tcp_target_;
  std::string last_log_;  // once stopped
  bool stopped_ = false;
};

}  // namespace l3link::testkit

#endif  // L3LINK_BACKENDS_TESTKIT_NODE_H_
