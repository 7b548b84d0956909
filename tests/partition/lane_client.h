// An orchestrator that holds a lane, or a pair, until it is told to stop: sends payloads that can be recomputed, records what it
// is told and gets, and says on stdout how its streams begin and end. After a lease that ran out it comes back with the same
// session.
//
// The process' main thread. What it sees goes into a log in shared memory that the test reads along; `sendable` there says how
// far it may send.
#ifndef L3LINK_TESTS_PARTITION_LANE_CLIENT_H_
#define L3LINK_TESTS_PARTITION_LANE_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/orchestrator.h"
#include "tests/chaos/client_log.h"
#include "tests/history/event.h"
#include "tests/history/payload.h"

namespace l3link::partition {

struct LaneClientOptions {
  std::string target;
  std::string channel;
  uint32_t lane = 0;
  bool sends = false;
  bool receives = false;
  std::string session_id;
  std::string written_as;  // whose payloads it writes: itself, or the one that will receive them
  std::string log;
  absl::Duration lease_ttl;
  absl::Duration held_wait;
};

inline constexpr uint64_t kSeed = 7;

class LaneClient {
 public:
  LaneClient(LaneClientOptions options, chaos::ClientLog log, const std::atomic<bool>* stop);

  // OK: told to stop, and closed well.
  absl::Status Run();

 private:
  // One stream, from attach to its end.
  absl::Status Hold();
  absl::Status Attach();
  absl::Status SendSome();
  absl::Status ReceiveSome();
  absl::Status Acknowledge();
  void RecordProgress();
  void Record(history::EventKind kind, uint64_t position);

  const LaneClientOptions options_;
  const std::atomic<bool>& stop_;
  chaos::ClientLog log_;
  chaos::Standing standing_;
  uint64_t epoch_ = 0;
  uint64_t next_ = 0;  // to be sent
  std::vector<char> places_;
  std::unique_ptr<client::Orchestrator> orchestrator_;
  std::unique_ptr<client::Channel> channel_;
  std::unique_ptr<client::LaneStream> stream_;
};

}  // namespace l3link::partition

#endif  // L3LINK_TESTS_PARTITION_LANE_CLIENT_H_
