// What a client has seen, in a file that outlives its kill -9: a ring of events in shared memory between the client, whoever
// it is at the time, and the driver that reads along.
//
//   writer (client):  records from `tail` on, each with the standing after it; then one store of `tail`
//   reader (driver):  records from `head` to `tail`; then one store of `head`
//
// An effect of the client is its record: what is not below `tail` has not happened, and the node's next delivery of it is the
// first. So a client that is killed between any two instructions stands where its last record says.
#ifndef L3LINK_TESTS_CHAOS_CLIENT_LOG_H_
#define L3LINK_TESTS_CHAOS_CLIENT_LOG_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tests/history/event.h"

namespace l3link::chaos {

// Where a client stands: all that its successor needs.
struct Standing {
  uint64_t attaches = 0;
  uint64_t published = 0;  // the node has all below
  uint64_t received = 0;   // all below came, once
  uint64_t acked = 0;      // and all below may be forgotten by the node; recorded before the node is told
  uint64_t epoch = 0;      // of the newest grant
  uint64_t grants = 0;     // that the node answered, also to a reconnect
  uint64_t resumes = 0;    // of those, the ones that went on with this session right after the grant before
};

// Messages that a client hands to its stream at once.
inline constexpr uint64_t kBatchMessages = 64;

// One of a mapped file. A writer and a reader at once, in different processes; each side one thread.
class ClientLog {
 public:
  // Makes the file if it is not there.
  static absl::StatusOr<ClientLog> Open(const std::string& path);
  ~ClientLog();
  ClientLog(ClientLog&& other) noexcept : shared_(other.shared_), staged_(other.staged_) { other.shared_ = nullptr; }
  ClientLog& operator=(ClientLog&&) = delete;

  // Writer. Append waits while the ring is full; nothing counts before Commit.
  void Append(const history::Event& event, const Standing& after);
  void Commit();

  // Reader. False: nothing new.
  bool Next(history::Event* event);

  // Any thread. As of the last commit.
  Standing standing() const;
  uint64_t events() const { return shared_->tail.load(std::memory_order_acquire); }
  uint64_t unread() const { return events() - shared_->head.load(std::memory_order_acquire); }

  // Below which position messages may have been handed to a stream, by this client or one before; written before they are.
  uint64_t claimed() const { return shared_->claimed.load(std::memory_order_acquire); }
  void Claim(uint64_t below) { shared_->claimed.store(below, std::memory_order_release); }
  // From the driver: nothing beyond what is claimed any more.
  bool closing() const { return shared_->closing.load(std::memory_order_acquire); }
  void CloseSoon() { shared_->closing.store(true, std::memory_order_release); }
  // From the driver, for clients that are paced: they send below this.
  std::atomic<uint64_t>& sendable() { return shared_->sendable; }

 private:
  static constexpr size_t kRecords = size_t{1} << 16;
  struct Record {
    history::Event event;
    Standing after;
  };
  // Each word on a line of its own. tail and head: release, paired with the other side's acquire.
  struct Shared {
    alignas(64) std::atomic<uint64_t> tail;
    alignas(64) std::atomic<uint64_t> head;
    alignas(64) std::atomic<uint64_t> claimed;
    alignas(64) std::atomic<bool> closing;
    alignas(64) std::atomic<uint64_t> sendable;
    alignas(64) Record records[kRecords];
  };
  static_assert(std::atomic<uint64_t>::is_always_lock_free);

  explicit ClientLog(Shared* shared);

  Shared* shared_;
  uint64_t staged_;  // writer: one beyond its last record
};

}  // namespace l3link::chaos

#endif  // L3LINK_TESTS_CHAOS_CLIENT_LOG_H_
