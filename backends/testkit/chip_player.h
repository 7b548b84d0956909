// The chip's side of a simulated chip, played by a test: send, receive, notify and wait as L2 does.
//
//   auto node = Node::Start({.play_chips = true});
//   auto chip = (*node)->PlayChip();                                  // or ChipPlayer::Attach(arena file)
//   auto question = (*chip)->Receive("work", 0, absl::Seconds(10));   // what a client sent on lane 0
//   auto sent = (*chip)->Send("work", 0, {.payload = "answer", .correlation_id = question->correlation_id}, absl::Seconds(10));
//
// Channels and regions are found by the name that the host opened them with; a call waits for that too, so the order in which a
// test does both sides does not matter. Any thread, several at once; what one thread sends on a lane stays in order. A thread
// of the player's own keeps the heartbeat and gives closed objects back, as a chip program would.
#ifndef L3LINK_BACKENDS_TESTKIT_CHIP_PLAYER_H_
#define L3LINK_BACKENDS_TESTKIT_CHIP_PLAYER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "backends/abi/chip.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_region.h"
#include "backends/abi/chip_send.h"

namespace l3link {

class ArenaLock;
class ArenaMap;

namespace testkit {

// Asked by calls that wait, on their thread, ten times a second at least; true ends them with CANCELLED.
using Interrupted = std::function<bool()>;

struct PlayedMessage {
  std::string payload = {};
  uint64_t correlation_id = 0;
  uint32_t route = 0;
  uint64_t sequence = 0;  // of its lane, from 0; Send does not read it
};

// Times are as everywhere in L3Link: zero is one probe, absl::InfiniteDuration() has no end. Errors of every call:
//   DEADLINE_EXCEEDED   no message, no room, no such value within the timeout
//   NOT_FOUND           no channel or region of that name within the timeout; the message names those that are open
//   INVALID_ARGUMENT    no such lane or signal, a message or range that is too large, a signal that the chip may not write
//   DATA_LOSS           shared words that contradict each other
//   UNAVAILABLE         the node has made its arena anew: attach again
//   CANCELLED           the wait was interrupted, by the Interrupted of Attach
class ChipPlayer {
 public:
  // Becomes the chip of an arena: STATE_DIR/chips/N/arena of a node with --sim-chip external, or of a context with external=1. Waits for
  // the file. ALREADY_EXISTS: another chip runs there (its process is named); DEADLINE_EXCEEDED: no arena; FAILED_PRECONDITION:
  // not one, or of another ABI version.
  static absl::StatusOr<std::unique_ptr<ChipPlayer>> Attach(const std::string& arena_path,
                                                            absl::Duration timeout = absl::Seconds(10),
                                                            Interrupted interrupted = {});
  // Detaches: the host sees a chip program that has ended. No call may be under way.
  ~ChipPlayer();

  ChipPlayer(const ChipPlayer&) = delete;
  ChipPlayer& operator=(const ChipPlayer&) = delete;

  // The next message of host_to_chip lane `lane`, which is given back to the host at once.
  absl::StatusOr<PlayedMessage> Receive(std::string_view channel, uint32_t lane, absl::Duration timeout);
  // Copies the message into chip_to_host lane `lane` and shows it to the host.
  absl::Status Send(std::string_view channel, uint32_t lane, const PlayedMessage& message, absl::Duration timeout);

  // Data of a region, from `offset` on. What the host wrote before a notify that Wait has seen is there; what is written here before
  // Notify is there for the host.
  absl::Status Read(std::string_view region, uint64_t offset, absl::Span<std::byte> to, absl::Duration timeout);
  absl::Status Write(std::string_view region, uint64_t offset, absl::Span<const std::byte> from,
                     absl::Duration timeout);
  // Changes a signal (L3_NOTIFY_SET, _ADD, _MAX); the value afterwards.
  absl::StatusOr<uint64_t> Notify(std::string_view region, uint32_t signal, uint64_t value, absl::Duration timeout,
                                  uint32_t operation = L3_NOTIFY_SET);
  // Until the signal compares to `target` so (L3_GE, L3_EQ, ...); the value that did.
  absl::StatusOr<uint64_t> Wait(std::string_view region, uint32_t signal, uint64_t target, absl::Duration timeout,
                                uint32_t comparison = L3_GE);

 private:
  using LaneKey = std::pair<std::string, uint32_t>;

  ChipPlayer(std::unique_ptr<ArenaLock> lock, std::unique_ptr<ArenaMap> arena, Interrupted interrupted);

  int AttachChip() ABSL_LOCKS_EXCLUDED(mutex_);
  // The thread: heartbeat, directory, the arena's life.
  void Keep() ABSL_LOCKS_EXCLUDED(mutex_);
  // Lets go of what is closed, so that the host may use its memory again.
  void FollowDirectory() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  l3_doorbell* Bell() const;

  // Runs `attempt` under the lock until it answers something else than what may pass (L3_AGAIN, L3_ENOENT, L3_ECLOSED) or the time is
  // over. OK for L3_OK; else the error of its last code about `object`, with `detail`, which it may have written.
  absl::Status Until(absl::Duration timeout, const std::string& object, const std::string& detail,
                     absl::FunctionRef<int()> attempt) ABSL_LOCKS_EXCLUDED(mutex_);
  // Of channels and regions that are open, for an error's words.
  std::string OpenNames() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // The view of an open object, opened by the first call that needs it; L3_ENOENT while it is not open. L3_EINVAL: no such lane, which
  // *detail says.
  int FindReceiver(const LaneKey& key, l3_receiver** found, std::string* detail) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int FindSender(const LaneKey& key, l3_sender** found, std::string* detail) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int FindRegion(const std::string& name, l3_region** found) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int OpenLane(const LaneKey& key, int direction, l3_channel* channel, std::string* detail)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The same and `bytes` of its data from `offset` on.
  int FindData(const std::string& name, uint64_t offset, uint64_t bytes, uint8_t** found, std::string* detail)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::unique_ptr<ArenaLock> lock_;
  const std::unique_ptr<ArenaMap> arena_;
  const Interrupted interrupted_;
  absl::Mutex mutex_;
  l3_chip chip_ ABSL_GUARDED_BY(mutex_) = {};
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;  // the arena
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<LaneKey, l3_receiver> receivers_ ABSL_GUARDED_BY(mutex_);
  std::map<LaneKey, l3_sender> senders_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, l3_region> regions_ ABSL_GUARDED_BY(mutex_);
  std::thread keeper_;
};

}  // namespace testkit
}  // namespace l3link

#endif  // L3LINK_BACKENDS_TESTKIT_CHIP_PLAYER_H_
