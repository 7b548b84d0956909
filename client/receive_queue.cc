#include "client/receive_queue.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/errors.h"

namespace l3link::client {
namespace {

// Of what is acknowledged and not told yet: small beside the default window, so that the chip always has room.
constexpr uint64_t kMostLateBytes = 64 << 10;

}  // namespace

void ReceiveQueue::Attach(const v1::AttachedLane& lane) {
  received_ = taken_ = lane.next_sequence();
  acked_ = ack_sent_ = lane.consumed();
  redelivered_through_ = lane.redelivered_through();
  max_message_bytes_ = lane.max_message_bytes();
  most_late_messages_ = lane.depth() / 4;
}

absl::Status ReceiveQueue::Resume(const v1::AttachedLane& lane) {
  if (lane.next_sequence() > received_) {
    return absl::DataLossError(absl::StrCat("the node goes on at sequence ", lane.next_sequence(), ", but only ",
                                            received_, " messages came"));
  }
  ack_sent_ = std::min(ack_sent_, lane.consumed());
  max_message_bytes_ = lane.max_message_bytes();
  assembling_.reset();
  return absl::OkStatus();
}

absl::Status ReceiveQueue::OnMessages(const ResponseFrame& frame) {
  const v1::Messages& messages = frame->messages();
  if (messages.has_fragment()) return OnFragment(messages);
  if (messages.has_packed()) return OnPacked(frame);
  return absl::InternalError("the node sent messages in a form that was not asked for");
}

absl::Status ReceiveQueue::CountDuplicates(uint64_t first, uint64_t count, uint64_t* duplicates) {
  if (first > received_) {
    return absl::InternalError(
        absl::StrCat("the node left a gap: sequence ", first, " after ", received_, " messages"));
  }
  *duplicates = std::min(count, received_ - first);
  if (*duplicates > 0 && first < acked_) ack_sent_ = std::min(ack_sent_, first);  // it has not heard the ack
  return absl::OkStatus();
}

absl::Status ReceiveQueue::OnPacked(const ResponseFrame& frame) {
  const v1::PackedMessages& packed = frame->messages().packed();
  const int count = packed.sizes_size();
  const uint64_t bytes = std::accumulate(packed.sizes().begin(), packed.sizes().end(), uint64_t{0});
  if (bytes != packed.payloads().size() || (packed.routes_size() != 0 && packed.routes_size() != count) ||
      (packed.correlation_ids_size() != 0 && packed.correlation_ids_size() != count)) {
    return absl::InternalError(absl::StrCat("the node sent a malformed packed frame: ", count, " sizes of ", bytes,
                                            " bytes, ", packed.payloads().size(), " bytes of payload"));
  }
  const uint64_t first = frame->messages().first_sequence();
  uint64_t duplicates = 0;
  if (absl::Status status = CountDuplicates(first, count, &duplicates); !status.ok()) return status;
  PackedView view;
  view.sizes = packed.sizes().data();
  view.routes = packed.routes().empty() ? nullptr : packed.routes().data();
  view.correlation_ids = packed.correlation_ids().empty() ? nullptr : packed.correlation_ids().data();
  view.payload = packed.payloads().data();
  view.sequence = first;
  view.redelivered_through = redelivered_through_;
  ReceivedBatch batch(frame, view, count);
  batch.TakeFront(duplicates);
  if (batch.empty()) return absl::OkStatus();
  received_ = batch.through();
  assembling_.reset();
  batches_.push_back(std::move(batch));
  return absl::OkStatus();
}

absl::Status ReceiveQueue::OnFragment(const v1::Messages& messages) {
  const v1::Fragment& fragment = messages.fragment();
  uint64_t duplicates = 0;
  if (absl::Status status = CountDuplicates(messages.first_sequence(), 1, &duplicates); !status.ok()) return status;
  if (duplicates > 0) return absl::OkStatus();
  if (fragment.offset() == 0) {
    assembling_ = std::make_shared<LargeMessage>();
    assembling_->total_bytes = fragment.total_bytes();
    if (fragment.total_bytes() <= max_message_bytes_) assembling_->data.reserve(fragment.total_bytes());
  }
  if (assembling_ == nullptr || fragment.offset() != assembling_->data.size() ||
      fragment.total_bytes() != assembling_->total_bytes || fragment.total_bytes() > max_message_bytes_ ||
      fragment.data().size() > fragment.total_bytes() - fragment.offset()) {
    return absl::InternalError(absl::StrCat("the node sent a fragment out of place: offset ", fragment.offset(), " of ",
                                            fragment.total_bytes(), " bytes"));
  }
  LargeMessage& large = *assembling_;
  large.data.append(fragment.data());
  if (large.data.size() < fragment.total_bytes()) return absl::OkStatus();
  large.size = static_cast<uint32_t>(large.data.size());
  large.route = fragment.route();
  large.correlation_id = fragment.correlation_id();
  PackedView view{&large.size, &large.route, &large.correlation_id, large.data.data(), received_, redelivered_through_};
  batches_.emplace_back(std::move(assembling_), view, 1);
  assembling_.reset();
  ++received_;
  return absl::OkStatus();
}

ReceivedBatch ReceiveQueue::Take(size_t max_messages) {
  if (batches_.empty() || max_messages == 0) return {};
  ReceivedBatch batch;
  if (batches_.front().size() <= max_messages) {
    batch = std::move(batches_.front());
    batches_.pop_front();
  } else {
    batch = batches_.front().TakeFront(max_messages);
  }
  taken_ = batch.through();
  return batch;
}

absl::Status ReceiveQueue::Ack(uint64_t through) {
  if (through > taken_) {
    return MakeError(absl::StatusCode::kInvalidArgument, v1::ACK_BEYOND_DELIVERED,
                     absl::StrCat("ack through ", through, " is beyond what was received, ", taken_),
                     {{"through", absl::StrCat(through)}, {"delivered", absl::StrCat(taken_)}});
  }
  acked_ = std::max(acked_, through);
  ack_waits_ = false;
  return absl::OkStatus();
}

void ReceiveQueue::AckLater(const ReceivedBatch& batch) {
  if (acked_ <= ack_sent_) {
    ack_waits_ = true;
    ack_late_bytes_ = 0;
  }
  acked_ = std::max(acked_, batch.through());
  if (acked_ - ack_sent_ > most_late_messages_) ack_waits_ = false;
  if (!ack_waits_) return;
  for (const ReceivedMessage& message : batch) ack_late_bytes_ += message.payload.size();
  if (ack_late_bytes_ > kMostLateBytes) ack_waits_ = false;
}

std::optional<uint64_t> ReceiveQueue::NextAck(bool goes_anyway) {
  if (node_acks_ || acked_ <= ack_sent_ || (ack_waits_ && !goes_anyway)) return std::nullopt;
  ack_sent_ = acked_;
  return acked_;
}

}  // namespace l3link::client
