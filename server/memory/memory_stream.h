// One call of MemoryService.Stream: carries frames between the call and its MemorySession, and keeps its one timer.
//
// Made and destroyed by the call (see server/rpc/stream_call.h). Frames come on the call's queue thread; firings on a chip
// worker's thread or on that of whoever notified, under that worker's lock; timeouts on the ticker's. A frame to the client
// is decided by whoever found it, and its write started when no lock is held.
#ifndef L3LINK_SERVER_MEMORY_MEMORY_STREAM_H_
#define L3LINK_SERVER_MEMORY_MEMORY_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "backends/host/mono_time.h"
#include "backends/worker/chip_worker.h"
#include "server/answer_wait.h"
#include "server/memory/memory_service_base.h"
#include "server/memory/memory_session.h"
#include "server/memory/memory_streams.h"
#include "server/rpc/deferred_start.h"

namespace l3link {

class MemoryStream final : public StreamHandler<v1::MemoryServiceStreamRequest> {
 public:
  // `streams` outlives it.
  MemoryStream(MemoryStreamCall& call, MemoryStreams* streams);
  ~MemoryStream() override;

  void OnFrame(v1::MemoryServiceStreamRequest& frame) override;
  void OnHalfClose() override;
  void OnWritten(bool ok) override;
  void OnOver(bool cancelled) override;

  // Through the line, its lock held.
  void OnTick(MonoTime now);
  void OnDraining(MonoTime deadline);
  // Ends the call with `why`.
  void End(const absl::Status& why);

 private:
  absl::Status Attach(const v1::MemoryAttach& attach);
  // A firing in attach.regions[region] made an event ready. Under the lock of its chip worker.
  void OnEvent(uint32_t region);

  // Before the frame is done: the chip whose answer is looked for behind it; null: none.
  ChipWorker* BeginLook(const v1::MemoryServiceStreamRequest& frame);

  // Fills the message slot if it is free and there is a frame. True: a start is owed.
  [[nodiscard]] bool FillSlot();
  void Pump();
  void FinishIfSettled();
  void KeepTimer();

  MemoryStreamCall& call_;
  MemoryStreams& streams_;
  const absl::StatusOr<std::string> principal_;
  AnswerWait answer_wait_;  // of the queue's thread
  DeferredStart start_{&call_};
  const std::shared_ptr<StreamLine> line_ = std::make_shared<StreamLine>();
  std::unique_ptr<MemorySession> session_;  // null until attach; written under line_->mu, on the queue's thread
  std::vector<ChipWorker*> workers_;        // of each region
  bool half_closed_ = false;
  bool over_ = false;
  bool counted_ = false;  // took one of the node's streams
  uint64_t attach_timer_ = 0;

  absl::Mutex timer_mu_;  // a leaf
  MonoTime timer_when_ ABSL_GUARDED_BY(timer_mu_) = kNever;
  uint64_t timer_ ABSL_GUARDED_BY(timer_mu_) = 0;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_MEMORY_STREAM_H_
