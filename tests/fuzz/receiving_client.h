// A client's ReceiveQueue, beside this file's own reading of the frames that it is given: it must accept exactly those that the
// protocol allows, and hand out what was in them, once and in order. Used by packed_fuzzer.
#ifndef L3LINK_TESTS_FUZZ_RECEIVING_CLIENT_H_
#define L3LINK_TESTS_FUZZ_RECEIVING_CLIENT_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/receive_queue.h"
#include "tests/fuzz/frame_source.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"

namespace l3link::fuzz {

class ReceivingClient {
 public:
  ReceivingClient(FuzzInput* input, uint32_t max_message_bytes)
      : input_(*input), max_message_bytes_(max_message_bytes), queue_(/*node_acks=*/input_.Flag()) {
    v1::AttachedLane lane;
    lane.set_max_message_bytes(max_message_bytes);
    queue_.Attach(lane);
  }

  FrameHint hint() const { return {queue_.received(), partial_.size(), partial_total_}; }

  void Receive(const v1::Messages& frame) {
    auto response = std::make_shared<v1::StreamResponse>();
    *response->mutable_messages() = frame;
    const uint64_t before = queue_.received();
    const bool legal = frame.first_sequence() <= before &&
                       (frame.has_fragment() ? ReadFragment(frame, before) : ReadPacked(frame, before));
    const absl::Status status = queue_.OnMessages(response);
    FUZZ_CHECK(status.ok() == legal, frame.ShortDebugString() + " " + status.ToString());
    FUZZ_CHECK(queue_.received() == before + expected_.size(), absl::StrCat(queue_.received()));
    Take();
  }

 private:
  bool ReadPacked(const v1::Messages& frame, uint64_t received) {
    const std::optional<std::vector<FrameMessage>> messages = Unpacked(frame.packed());
    if (!frame.has_packed() || !messages.has_value()) return false;
    for (uint64_t i = received - frame.first_sequence(); i < messages->size(); ++i) {
      expected_.push_back((*messages)[i]);
      partial_.clear();  // whatever came of it in pieces has come whole
    }
    return true;
  }

  // A message begins anew with each first piece.
  bool ReadFragment(const v1::Messages& frame, uint64_t received) {
    const v1::Fragment& fragment = frame.fragment();
    if (frame.first_sequence() < received) return true;
    if (fragment.offset() == 0) partial_.clear(), partial_total_ = fragment.total_bytes();
    if (fragment.offset() != partial_.size() || fragment.total_bytes() != partial_total_) return false;
    if (partial_total_ > max_message_bytes_ || fragment.data().size() > partial_total_ - partial_.size()) return false;
    partial_ += fragment.data();
    if (partial_.size() < partial_total_) return true;
    expected_.push_back({std::exchange(partial_, ""), fragment.route(), fragment.correlation_id()});
    return true;
  }

  void Take() {
    while (!queue_.empty()) {
      const client::ReceivedBatch batch = queue_.Take(1 + input_.Below(4));
      for (const client::ReceivedMessage message : batch) {
        FUZZ_CHECK(message.sequence == next_++, absl::StrCat(message.sequence));
        const FrameMessage found{std::string(message.payload), message.route, message.correlation_id};
        FUZZ_CHECK(!expected_.empty() && found == expected_.front(), "another message");
        expected_.pop_front();
      }
      if (input_.Flag()) FUZZ_CHECK(queue_.Ack(batch.through()).ok(), "an ack of what was taken");
    }
    FUZZ_CHECK(expected_.empty(), absl::StrCat(expected_.size(), " messages were not handed out"));
    (void)queue_.NextAck();
  }

  FuzzInput& input_;
  const uint32_t max_message_bytes_;
  client::ReceiveQueue queue_;
  std::deque<FrameMessage> expected_;
  std::string partial_;  // of the message that comes in fragments
  uint64_t partial_total_ = 0;
  uint64_t next_ = 0;
};

}  // namespace l3link::fuzz

#endif  // L3LINK_TESTS_FUZZ_RECEIVING_CLIENT_H_
