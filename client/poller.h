// The one thread that reacts for all streams of this process: it polls their completion queue and runs what completed.
//
// Shared by all Connections; the last of them stops it. Reactions run on its thread, one after the other, and never block. One
// for all Orchestrators, for gRPC's threads poll in turns: with a second one each event would wake that, too.
#ifndef L3LINK_CLIENT_POLLER_H_
#define L3LINK_CLIENT_POLLER_H_

#include <memory>
#include <thread>

#include "client/steady_time.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"

namespace l3link::client {

class Poller {
 public:
  // Something started on the queue; comes back exactly once.
  class Tag {
   public:
    virtual void OnCompletion(bool ok) = 0;

   protected:
    ~Tag() = default;
  };

  // The one that runs, or a new one.
  static std::shared_ptr<Poller> Shared();

  Poller();
  // Everything started on the queue has come back by then. Not from the poller's own thread.
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  grpc::CompletionQueue& queue() { return queue_; }
  bool IsThisThread() const { return std::this_thread::get_id() == thread_.get_id(); }
  // Sets `alarm` for `at`, by the monotonic clock.
  void SetAlarm(grpc::Alarm& alarm, MonoTime at, Tag* tag);

 private:
  void Run();

  grpc::CompletionQueue queue_;
  std::thread thread_;
};

// Makes a member function of `Owner` a tag: MemberTag<Call, &Call::OnRead> read_tag_{this}.
template <typename Owner, void (Owner::*Reaction)(bool ok)>
class MemberTag final : public Poller::Tag {
 public:
  explicit MemberTag(Owner* owner) : owner_(owner) {}
  void OnCompletion(bool ok) override { (owner_->*Reaction)(ok); }

 private:
  Owner* const owner_;
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_POLLER_H_
