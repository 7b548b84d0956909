// How those who outlive a stream reach it: timers that may fire late, and the list of streams to tell when the node drains.
//
// A stream ties itself to its anchor when it begins and unties itself in OnOver; after that nothing reaches it. The anchor's
// lock is held while a stream is being told, and is taken before any chip worker's lock.
#ifndef L3LINK_SERVER_CHANNEL_STREAM_ANCHOR_H_
#define L3LINK_SERVER_CHANNEL_STREAM_ANCHOR_H_

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "backends/host/mono_time.h"
#include "server/ticker.h"

namespace l3link {

class Anchored {
 public:
  virtual ~Anchored() = default;
  virtual void OnTimer(MonoTime now) = 0;
  virtual void OnDraining(MonoTime deadline) = 0;
};

class StreamAnchor : public std::enable_shared_from_this<StreamAnchor> {
 public:
  explicit StreamAnchor(Anchored* stream) : stream_(stream) {}

  // Waits for whoever is telling the stream something now.
  void Untie() {
    absl::MutexLock lock(&mu_);
    stream_ = nullptr;
  }
  // Calls OnTimer once, soon after `when`, unless untied.
  void CallAt(Ticker& ticker, MonoTime when) {
    ticker.Add(when, [self = shared_from_this()](MonoTime now) {
      absl::MutexLock lock(&self->mu_);
      if (self->stream_ != nullptr) self->stream_->OnTimer(now);
    });
  }
  void TellDraining(MonoTime deadline) {
    absl::MutexLock lock(&mu_);
    if (stream_ != nullptr) stream_->OnDraining(deadline);
  }

 private:
  absl::Mutex mu_;
  Anchored* stream_ ABSL_GUARDED_BY(mu_);
};

// The anchors of all streams of a service. Any thread.
class StreamAnchors {
 public:
  void Add(const std::shared_ptr<StreamAnchor>& anchor) {
    absl::MutexLock lock(&mu_);
    anchors_.insert(anchor);
  }
  void Remove(const std::shared_ptr<StreamAnchor>& anchor) {
    absl::MutexLock lock(&mu_);
    anchors_.erase(anchor);
  }
  void TellDraining(MonoTime deadline) {
    std::vector<std::shared_ptr<StreamAnchor>> all;
    {
      absl::MutexLock lock(&mu_);
      all.assign(anchors_.begin(), anchors_.end());
    }
    for (const auto& anchor : all) anchor->TellDraining(deadline);
  }

 private:
  absl::Mutex mu_;
  absl::flat_hash_set<std::shared_ptr<StreamAnchor>> anchors_ ABSL_GUARDED_BY(mu_);
};

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_STREAM_ANCHOR_H_
