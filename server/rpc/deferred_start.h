// StreamCallCore::StartPending as what ChipLock::Defer takes: a start that was decided under a chip worker's lock.
//
// A member of the call's handler. At most one start is owed at a time, so one object a call is enough:
//   if (call_.Commit()) ChipLock::Defer(worker, &start_);
#ifndef L3LINK_SERVER_RPC_DEFERRED_START_H_
#define L3LINK_SERVER_RPC_DEFERRED_START_H_

#include "backends/worker/chip_worker.h"
#include "server/rpc/stream_call_core.h"

namespace l3link {

class DeferredStart final : public DeferredAction {
 public:
  explicit DeferredStart(StreamCallCore* call) : call_(call) {}
  void RunDeferred() override { call_->StartPending(); }  // may destroy this with the call

 private:
  StreamCallCore* const call_;
};

}  // namespace l3link

#endif  // L3LINK_SERVER_RPC_DEFERRED_START_H_
