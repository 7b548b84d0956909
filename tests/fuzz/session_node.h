// A node's lane each way, with its leases and streams, as ChannelService drives them: the real LeaseTable, LaneSessions, lanes and
// journals on heap memory, an honest chip, and deaths of the node. Owned by session_fuzzer; one thread, no clock.
#ifndef L3LINK_TESTS_FUZZ_SESSION_NODE_H_
#define L3LINK_TESTS_FUZZ_SESSION_NODE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "backends/host/lane_consumer.h"
#include "backends/host/lane_producer.h"
#include "backends/host/testing/lane_memory.h"
#include "server/budget.h"
#include "server/channel/lane_session.h"
#include "server/channel/lease_table.h"

namespace l3link::fuzz {

class SessionNode {
 public:
  // A client's connection.
  struct Stream final : LeaseHolder {
    void OnLeaseLost(const absl::Status& why) override;
    void OnLeaseTurn() override {}

    Lease* lease = nullptr;
    std::unique_ptr<LaneSession> session;  // null: not attached
    // What is on its way from the client is read before the node tells it that it was superseded.
    bool reads_on = false;
  };

  SessionNode(const LaneGeometry& geometry, uint64_t most_leases);

  struct Request {
    std::string session;
    bool resume = false;
    absl::Duration ttl;
    std::vector<int> lanes;  // session_model.h's
    v1::Form form = v1::FORM_PACKED;
  };
  absl::Status Attach(int stream, const Request& request);
  // Each renews, as any frame does.
  void OnFrame(int stream, v1::StreamRequest frame);
  // The next frame to the client, which leaves at once; nothing: none.
  std::optional<v1::StreamResponse> NextFrame(int stream);
  void Drop(int stream);
  void Tick(absl::Duration passed);
  absl::Status SendMomentarily(const std::string& payload);
  absl::StatusOr<RetiredSession> ReleaseByOperator(int lane);
  void DieAndRecover();

  // The chip: the next message of the host_to_chip lane; nothing: none. Gives one where there is room.
  std::optional<std::string> Take();
  bool Give(const std::string& payload);

  static constexpr int kStreams = 3;
  static constexpr uint32_t kWindowMessages = 16;  // sent and not yet published
  Stream& stream(int index) { return streams_[index]; }
  LaneProducer& producer() { return *producer_; }
  LaneConsumer& consumer() { return *consumer_; }
  LeaseView View(int lane) const { return table_->View(Key(lane), now_); }
  size_t leases() const { return table_->size(); }

 private:
  static LaneKey Key(int lane);
  LaneNow Now(int lane) const;
  void Build();
  // A session that has ended lets go of its lease, or frees its lanes.
  void Settle(Stream& stream);

  const LaneGeometry geometry_;
  const uint64_t most_leases_;
  LaneMemory memory_[2];
  std::unique_ptr<LaneJournal> journals_[2];
  std::unique_ptr<LaneProducer> producer_;
  std::unique_ptr<LaneConsumer> consumer_;
  std::unique_ptr<Budget> budget_;
  std::unique_ptr<LeaseTable> table_;
  Stream streams_[kStreams];
  MonoTime now_ = MonoTime{} + std::chrono::hours(1);
  uint64_t taken_ = 0;
  uint64_t given_ = 0;
  std::vector<uint64_t> given_ends_;
};

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_SESSION_NODE_H_
