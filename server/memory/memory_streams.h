// What the streams of MemoryService share, and the list of those that run, so that a stopping node can tell each.
//
// Owned by MemoryService. Any thread.
#ifndef L3LINK_SERVER_MEMORY_MEMORY_STREAMS_H_
#define L3LINK_SERVER_MEMORY_MEMORY_STREAMS_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "backends/host/mono_time.h"
#include "server/memory/region_hub.h"
#include "server/memory/session_table.h"
#include "server/node.h"

namespace l3link {

class MemoryStream;

// How the node's timer and its draining reach a stream: through a line that the stream cuts when it is over. The lock is
// held while the stream is used, and taken before any chip worker's.
struct StreamLine {
  absl::Mutex mu;
  MemoryStream* stream ABSL_GUARDED_BY(mu) = nullptr;
};

class MemoryStreams {
 public:
  // All outlive it; `journal` may be null.
  MemoryStreams(Node* node, RegionHub* hub, MemoryJournal* journal)
      : node_(*node), hub_(*hub), sessions_(MemoryJournal::kMostSessions, journal) {}

  Node& node() { return node_; }
  RegionHub& hub() { return hub_; }
  SessionTable& sessions() { return sessions_; }

  void Enter(std::shared_ptr<StreamLine> line) ABSL_LOCKS_EXCLUDED(mu_);
  void Leave(const std::shared_ptr<StreamLine>& line) ABSL_LOCKS_EXCLUDED(mu_);

  // Tells every stream that the node stops at `deadline`; those still there shortly before it are ended.
  void StartDraining(MonoTime deadline) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Node& node_;
  RegionHub& hub_;
  SessionTable sessions_;
  absl::Mutex mu_;
  absl::flat_hash_set<std::shared_ptr<StreamLine>> lines_ ABSL_GUARDED_BY(mu_);
};

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_MEMORY_STREAMS_H_
