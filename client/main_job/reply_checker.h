// Verifies the checksum program's replies on one lane, in constant memory while all goes well.
#ifndef L3LINK_CLIENT_MAIN_JOB_REPLY_CHECKER_H_
#define L3LINK_CLIENT_MAIN_JOB_REPLY_CHECKER_H_

#include <cstdint>
#include <set>
#include <string>

#include "client/main_job/lane_series.h"
#include "client/message.h"

namespace l3link::main_job {

struct ReplyCounts {
  uint64_t verified = 0;  // right in every respect, in order
  uint64_t lost = 0;
  uint64_t duplicated = 0;
  uint64_t reordered = 0;
  uint64_t wrong = 0;       // checksum, size, route, sequence or correlation id
  std::string first_fault;  // for people; empty when there is none

  bool clean() const { return lost == 0 && duplicated == 0 && reordered == 0 && wrong == 0; }
  void Add(const ReplyCounts& other);
};

// One thread. `first_sequence` is what the lane's next reply carries.
class ReplyChecker {
 public:
  ReplyChecker(const LaneSeries& series, uint64_t first_sequence) : series_(series), next_sequence_(first_sequence) {}

  void Check(const client::ReceivedMessage& reply);
  // Nothing more will come: what is missing is lost. Call once.
  void Finish();

  // Whether every message has its reply.
  bool complete() const { return expected_ == series_.message_count() && missing_.empty(); }
  uint64_t verified() const { return counts_.verified; }
  const ReplyCounts& counts() const { return counts_; }

 private:
  void CheckOrder(uint64_t index);
  // Whether sequence, route and checksum are right for message `index`.
  bool CheckContent(const client::ReceivedMessage& reply, uint64_t index);
  void Fault(uint64_t* counter, std::string what);

  const LaneSeries series_;
  uint64_t next_sequence_;
  uint64_t expected_ = 0;       // index of the message whose reply comes next
  std::set<uint64_t> missing_;  // indexes below expected_ without a reply yet
  ReplyCounts counts_;
};

}  // namespace l3link::main_job

#endif  // L3LINK_CLIENT_MAIN_JOB_REPLY_CHECKER_H_
