// One stream of MemoryService after its attach: takes the client's frames, works on regions, has frames for the client.
//
// Sans-IO: regions are ports, time is a parameter, and whoever owns it carries frames. Threads: OnFrame, OnRoom, OnHalfClose
// and Close come from one (the stream's queue thread); Expire from the timer's; TakeFrame and settled from any, also under a
// chip worker's lock; firings come under a chip worker's lock. Locks, outermost first: the session record's, a chip
// worker's, then the leaves (watch board, result queue).
//
// Operations are done in order, each when its turn comes and there is room for its result; else it is parked, with every
// frame behind it. Beyond a bound of parked frames the stream ends with LIMIT_REACHED. Watches block nothing: events are
// coalesced per watch, so they need no bound beyond max_watches.
#ifndef L3LINK_SERVER_MEMORY_MEMORY_SESSION_H_
#define L3LINK_SERVER_MEMORY_MEMORY_SESSION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "backends/host/mono_time.h"
#include "l3link/v1/memory.pb.h"
#include "server/budget.h"
#include "server/memory/region_port.h"
#include "server/memory/result_queue.h"
#include "server/memory/session_table.h"
#include "server/memory/watch_board.h"

namespace l3link {

struct MemorySessionLimits {
  uint64_t max_frame_bytes = uint64_t{1} << 20;
  uint32_t max_watches = 65'536;
  uint32_t max_conditions = 64;
  uint64_t result_bytes = uint64_t{4} << 20;   // then operations are parked
  bool results_with_events = false;            // by the client's wish
  size_t parked_frames = 65'536;               // then the stream ends
  uint64_t parked_bytes = uint64_t{16} << 20;  // the same
};

class MemorySession {
 public:
  // `on_event(region)`: a firing in attach.regions[region] made an event ready; called under its chip worker's lock.
  // `parked_budget` (the node's) outlives it.
  MemorySession(const MemorySessionLimits& limits, std::vector<std::unique_ptr<RegionPort>> regions,
                SessionTable::Attached session, Budget* parked_budget,
                absl::AnyInvocable<void(uint32_t region)> on_event);
  // Closed before.
  ~MemorySession();

  // The first frame for the client. REGION_CLOSED, when one has gone in between.
  absl::Status PutAttached();

  // Takes a frame; may empty it. A refusal ends the stream.
  absl::Status OnFrame(v1::MemoryServiceStreamRequest& frame, MonoTime now);
  // Frames were taken: does parked operations while there is room, and tidies up. A refusal ends the stream.
  absl::Status OnRoom(MonoTime now);

  // The next frame for the client, in `frame`'s place. False: there is none now. One at a time: by who claimed the write.
  bool TakeFrame(v1::MemoryServiceStreamResponse* frame);
  bool has_frames() const { return !results_.empty() || board_.has_events(); }
  // Whether an operation that notified is to be followed by a look for the chip's answer: events may come of it.
  bool expects_events() const { return limits_.results_with_events && board_.size() > 0 && !board_.has_events(); }
  // Nothing parked, said or awaited any more: a half-closed stream may finish. From OnFrame's thread.
  bool settled() const { return parked_.empty() && results_.empty() && board_.size() == 0; }

  MonoTime next_deadline() const { return board_.next_deadline(); }
  void Expire(MonoTime now);

  void PutDraining(absl::Duration deadline) { results_.PutDraining(deadline); }

  // Removes every wait from its region. Afterwards no firing comes.
  void Close();

 private:
  // Tells the board of one region's firings.
  class Ear final : public WaitListener {
   public:
    Ear(WatchBoard* board, uint32_t region) : board_(*board), region_(region) {}
    void OnWaitFired(uint64_t cookie, absl::Span<const uint64_t> values) override {
      board_.Fired(cookie, region_, values);
    }
    void OnWaitEnded(uint64_t cookie, const absl::Status& why) override { board_.Ended(cookie, region_, why); }

   private:
    WatchBoard& board_;
    const uint32_t region_;
  };

  bool TakeEvent(v1::MemoryServiceStreamResponse* frame);

  absl::Status Park(v1::MemoryServiceStreamRequest& frame);
  absl::Status Run(v1::MemoryServiceStreamRequest& frame, MonoTime now);

  absl::Status RunOperation(const v1::Operation& operation);
  OperationLog::Result Do(const v1::Operation& operation, std::string* data)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(session_.record->mu);
  NotifyWitness* WitnessOf(const v1::Operation& operation, const RegionPort& region)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(session_.record->mu);
  absl::StatusOr<uint64_t> DoKind(const v1::Operation& operation, RegionPort& region, std::string* data)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(session_.record->mu);
  absl::StatusOr<RegionPort*> RegionOf(uint32_t index, absl::string_view field);
  void PutResult(uint64_t op_sequence, const OperationLog::Result& result, std::string data);

  void RunWatch(const v1::Watch& watch, MonoTime now);
  absl::StatusOr<WatchBoard::NewWatch> CheckWatch(const v1::Watch& watch);
  absl::Status Arm(WatchBoard::Key key, const WatchBoard::NewWatch& watch, WatchBoard::Parts* parts);
  void RemoveParts(const WatchBoard::Parts& parts);
  std::vector<uint64_t> ValuesNow(const WatchBoard::Expiring& watch);

  const MemorySessionLimits limits_;
  const std::vector<std::unique_ptr<RegionPort>> regions_;
  const SessionTable::Attached session_;
  Budget* const parked_budget_;
  ResultQueue results_;
  WatchBoard board_;
  std::vector<std::unique_ptr<Ear>> ears_;  // one a region
  std::deque<v1::MemoryServiceStreamRequest> parked_;
  uint64_t parked_bytes_ = 0;
  bool events_turn_ = false;  // of TakeFrame's caller
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_MEMORY_SESSION_H_
