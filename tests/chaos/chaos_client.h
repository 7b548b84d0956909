// One orchestrator of the chaos run: streams payloads that can be recomputed through an echo channel's lane pair, and records
// what it sees. Killed at any instant and started again on the same log, it goes on with the same session.
//
// Exactly once, end to end: a message is received when its record is committed, and sent again from the last position known
// to be published; what the node has beyond that, the library skips.
#ifndef L3LINK_TESTS_CHAOS_CHAOS_CLIENT_H_
#define L3LINK_TESTS_CHAOS_CHAOS_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "client/orchestrator.h"
#include "tests/chaos/client_log.h"
#include "tests/history/payload.h"

namespace l3link::chaos {

struct ClientOptions {
  std::string target;
  std::string channel = "chaos";
  uint32_t lane = 0;
  std::string session_id;
  std::string log;
  uint64_t seed = 1;
};

// Run by its process' main thread, which receives; a second thread sends.
class ChaosClient {
 public:
  ChaosClient(ClientOptions options, ClientLog log);

  // Sends until the log says that it is enough, then until every message is back and acknowledged; or the stream is over for
  // good.
  absl::Status Run();

 private:
  absl::Status Attach();
  absl::Status Send();
  absl::Status Receive();
  // Records a batch, and acknowledges once enough has come together.
  absl::Status Take(const client::ReceivedBatch& batch);
  absl::Status Acknowledge();
  void RecordPosition(history::EventKind kind, uint64_t position);
  // The library reconnects unseen, under a new epoch.
  void RecordNewGrant();
  // Whether the node's answer goes on with this session: its id, the epoch after the last one, from where it stood.
  bool GoesOn(const client::StreamPositions& answered) const;

  history::Identity IdentityOf(uint64_t sequence) const;

  const ClientOptions options_;
  const uint64_t session_;
  ClientLog log_;
  Standing standing_;
  std::unique_ptr<client::Orchestrator> orchestrator_;
  std::unique_ptr<client::Channel> channel_;
  std::unique_ptr<client::LaneStream> stream_;
  uint64_t send_from_ = 0;
  uint64_t delivered_ = 0;                 // by this stream: what a predecessor received may still be on its way again
  std::atomic<uint64_t> end_{UINT64_MAX};  // one beyond the last message, once the sender knows
};

}  // namespace l3link::chaos

#endif  // L3LINK_TESTS_CHAOS_CHAOS_CLIENT_H_
