// One chip of this node: its arena, objects and doorbell thread. In-process, no gRPC, no proto.
//
// Whoever works with lanes and regions (the gRPC services, the in-process API) takes a ChipLock. The doorbell thread takes
// the same lock when the chip rang, and tells the listeners of what was rung. Work that must not happen under the lock,
// such as starting a write on a stream, is handed to ChipLock::Defer and runs right after the lock is released, on the
// same thread.
#ifndef L3LINK_BACKENDS_WORKER_CHIP_WORKER_H_
#define L3LINK_BACKENDS_WORKER_CHIP_WORKER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "backends/host/host_bell.h"
#include "backends/host/mono_time.h"
#include "backends/host/object_table.h"
#include "backends/platform.h"
#include "backends/worker/chip_watch.h"
#include "backends/worker/kept_state.h"

namespace l3link {

// Runs once after the current holder of the chip worker's lock has released it, on that thread. Intrusive: deferring
// allocates nothing. The object stays alive until Run; deferring one that is already deferred is the caller's bug.
class DeferredAction {
 public:
  virtual ~DeferredAction() = default;
  virtual void RunDeferred() = 0;

 private:
  friend class ChipLock;
  friend class ChipWorker;
  DeferredAction* next_deferred_ = nullptr;
};

// Told, under the lock, when the chip appears, is lost, or comes back.
class ChipListener {
 public:
  virtual ~ChipListener() = default;
  virtual void OnChipState(ChipState state, const std::string& detail) = 0;
};

struct ChipStatus {
  uint32_t worker_id;
  PlatformTraits traits;
  ChipState state;
  std::string detail;
  ChipPresence presence;
  uint64_t arena_bytes;
  uint64_t used_bytes;
  uint64_t quarantined_bytes;
  uint32_t channel_count;
  uint32_t region_count;
  absl::Duration heartbeat_age;  // zero when never seen
  uint64_t attach_count;
  bool chip_can_wake;
};

struct ChipWorkerOptions {
  uint32_t worker_id = 0;
  uint64_t arena_bytes = uint64_t{1} << 30;
  ObjectLimits limits;
  absl::Duration heartbeat_timeout = absl::Seconds(5);  // then the chip is lost
  absl::Duration spin = absl::Microseconds(20);         // looks so long for more work before it sleeps
  // STATE/private: the chip's journal is kept there, and found again by the next daemon. Empty: nothing outlives this process.
  std::string private_dir;
};

class ChipWorker {
 public:
  // Adopts the arena and journal that an earlier daemon left, or makes new ones; starts the chip program (where supervised, and
  // unless it outlived that daemon) and the doorbell thread. FAILED_PRECONDITION and DATA_LOSS where what was left can be
  // neither used nor thrown away unasked: another version's, another platform's, damaged.
  static absl::StatusOr<std::unique_ptr<ChipWorker>> Start(std::unique_ptr<Platform> platform,
                                                           const ChipWorkerOptions& options);
  // Stops the doorbell thread and the supervised chip. Listeners must be gone.
  ~ChipWorker();

  uint32_t worker_id() const { return options_.worker_id; }
  const PlatformTraits& traits() const { return platform_->traits(); }
  const ChipWorkerOptions& options() const { return options_; }

  // What an earlier daemon left, as far as there was something to adopt or to discard.
  const KeptState& kept_state() const { return *kept_state_; }

  // PLATFORM_UNSUPPORTED where opens must be refused ("a5: not supported on a5").
  absl::Status CheckSupported() const;

  ObjectTable& objects() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return *objects_; }
  ChipState state() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return state_; }
  ChipStatus Status() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // A thread that is awake and expects an answer looks in the doorbell thread's place for what the chip rings for. Between the
  // two the chip wakes nobody: the first comes before the chip can answer, the second must follow. It looks `at_most` so
  // long; true as soon as somebody was told.
  void BeginLook() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool EndLook(absl::Duration at_most) ABSL_LOCKS_EXCLUDED(mu_);

  void AddChipListener(ChipListener* listener) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void RemoveChipListener(ChipListener* listener) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

 private:
  friend class ChipLock;

  ChipWorker(std::unique_ptr<Platform> platform, const ChipWorkerOptions& options);

  absl::Status OpenState();

  // The doorbell thread.
  void Run();
  int TurnOnce() ABSL_LOCKS_EXCLUDED(mu_);  // one pass over what was rung; returns how many were told
  bool SpinForWork(absl::Duration at_most) ABSL_LOCKS_EXCLUDED(mu_);  // true: there was some
  void SleepUntilRung() ABSL_LOCKS_EXCLUDED(mu_);
  void TickIfDue(MonoTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasNewAttach() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void WatchChip(MonoTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void WatchArena() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Duration LongestSleep(MonoTime now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::unique_ptr<Platform> platform_;
  const ChipWorkerOptions options_;
  l3_arena_header* header_ = nullptr;
  std::atomic<bool> stop_{false};

  absl::Mutex mu_;
  std::unique_ptr<KeptState> kept_state_;
  std::unique_ptr<HostBell> bell_;
  std::unique_ptr<ObjectTable> objects_ ABSL_PT_GUARDED_BY(mu_);
  ChipWatch watch_ ABSL_GUARDED_BY(mu_);
  ChipState state_ ABSL_GUARDED_BY(mu_) = ChipState::kAbsent;
  std::vector<ChipListener*> chip_listeners_ ABSL_GUARDED_BY(mu_);
  DeferredAction* first_deferred_ ABSL_GUARDED_BY(mu_) = nullptr;
  DeferredAction* last_deferred_ ABSL_GUARDED_BY(mu_) = nullptr;
  uint64_t host_heartbeat_ ABSL_GUARDED_BY(mu_) = 0;
  MonoTime next_tick_ ABSL_GUARDED_BY(mu_){};
  bool ring_everything_ ABSL_GUARDED_BY(mu_) = true;
  bool arena_gone_ ABSL_GUARDED_BY(mu_) = false;
  bool asleep_ ABSL_GUARDED_BY(mu_) = false;        // the doorbell thread, until rung
  int lookers_ ABSL_GUARDED_BY(mu_) = 0;            // threads between BeginLook and EndLook
  absl::Duration poll_pause_ ABSL_GUARDED_BY(mu_);  // of a chip that cannot wake us
  std::thread doorbell_thread_;
};

// Holds the chip worker's lock; what was deferred runs when it ends.
class ABSL_SCOPED_LOCKABLE ChipLock {
 public:
  explicit ChipLock(ChipWorker& worker) ABSL_EXCLUSIVE_LOCK_FUNCTION(worker.mu_);
  ~ChipLock() ABSL_UNLOCK_FUNCTION();

  ChipLock(const ChipLock&) = delete;
  ChipLock& operator=(const ChipLock&) = delete;

  // Runs `action` after this thread's ChipLock on `worker` ends (or the doorbell thread's turn). The lock is held.
  static void Defer(ChipWorker& worker, DeferredAction* action);

 private:
  ChipWorker& worker_;
};

}  // namespace l3link

#endif  // L3LINK_BACKENDS_WORKER_CHIP_WORKER_H_
