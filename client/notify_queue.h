// The notifies of one region that go as operations of its MemoryService.Stream: which were sent, how they were answered, which
// are to be sent again.
//
// Sans-IO: no gRPC, no threads, no clock. WatchStream owns one and calls it under its lock; callers wait for their tickets.
//
// An operation gets its op_sequence when it is sent. Its session outlives the stream, so after a break `attached` tells with its
// next_op_sequence what became of those that were not answered:
//
//        answered  |    1 ... next - 1: done. Sent again, answered from    |  next ...: not done, and never will be, for the
//                  |    the node's log and not done again                  |  node heeds no older stream. Sent anew from next on
//
// A next that the node had passed before comes from one that has forgotten the session: what was sent ends with OUTCOME_UNKNOWN.
// One whose caller has gone is not sent again. Those that were never sent are left to the caller as soon as a stream breaks, and
// so are those that the node refused: the unary call gives the same refusal with its metadata, which results do not carry.
#ifndef L3LINK_CLIENT_NOTIFY_QUEUE_H_
#define L3LINK_CLIENT_NOTIFY_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/monitor.h"
#include "client/steady_time.h"
#include "l3link/v1/memory.pb.h"

namespace l3link::client {

// One notify as its caller waits for it. Lives until it is over.
struct NotifyTicket {
  bool over = false;
  // The signal's value after. None: it was not done and will not be, the caller may try elsewhere.
  std::optional<absl::StatusOr<uint64_t>> answer;
  Condition told;  // it is over
};

class NotifyQueue {
 public:
  // `node` is for messages.
  explicit NotifyQueue(std::string node) : node_(std::move(node)) {}

  // Whether notifies may be added: a stream is attached, and the node keeps a session's results.
  bool open() const { return open_; }
  bool attached() const { return attached_; }
  // Whether any was sent: then the node has the session's journal already.
  bool begun() const { return next_ > 1; }
  // While open. It is over at `deadline`, or at `patience` if no stream is attached then.
  void Add(const v1::Notification& notify, MonoTime patience, MonoTime deadline, NotifyTicket* ticket);

  // For the attach; empty before the first.
  const std::string& session_id() const { return session_id_; }
  void OnAttached(const v1::MemoryAttached& attached);
  void OnBroken(const absl::Status& why);
  // The next frame for the stream, or none.
  std::optional<v1::MemoryServiceStreamRequest> NextFrame();
  void OnResult(const v1::OperationResult& result);

  // When to call Expire next.
  MonoTime NextDeadline() const;
  void Expire(MonoTime now);
  // There will be no stream any more: those that were sent end with `why`.
  void Fail(const absl::Status& why);

  // Whether a caller waits for what was sent.
  bool in_doubt() const;

 private:
  struct Operation {
    v1::Notification notify;
    MonoTime patience;
    MonoTime deadline;
    NotifyTicket* ticket;   // null: its caller has gone
    uint64_t sequence = 0;  // 0: never sent
  };

  static void End(Operation& operation, std::optional<absl::StatusOr<uint64_t>> answer);
  MonoTime EndOf(const Operation& operation) const;
  absl::Status TooLate() const;
  absl::Status Forgotten(uint64_t sequence) const;
  void GiveBackUnsent();

  const std::string node_;
  std::deque<Operation> operations_;  // in order of sequence, then those that were never sent
  size_t sent_ = 0;                   // of them, on this stream
  std::string session_id_;
  uint64_t next_ = 1;        // what the next one carries
  uint64_t known_next_ = 1;  // what the node has come to, as far as it said
  bool attached_ = false;
  bool open_ = false;
  absl::Status break_;  // why the newest stream ended
};

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_NOTIFY_QUEUE_H_
