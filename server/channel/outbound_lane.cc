#include "server/channel/outbound_lane.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/channel/outbound_frame.h"

namespace l3link {
namespace {

constexpr uint64_t kWindowBytes = uint64_t{4} << 20;
constexpr uint64_t kFragmentWords = 64;  // tags and words of a fragment's frame, at most

DeliveryOptions Complete(DeliveryOptions options, const LaneGeometry& geometry) {
  if (options.window_messages == 0) options.window_messages = geometry.lane_depth;
  if (options.window_bytes == 0) options.window_bytes = kWindowBytes;
  options.form = OrData(options.form);
  return options;
}

absl::Span<std::byte> Room(std::string* bytes, size_t at) {
  return {reinterpret_cast<std::byte*>(bytes->data()) + at, bytes->size() - at};
}

}  // namespace

bool AckThrough(LaneConsumer& consumer, uint64_t through) {
  std::vector<std::byte> scratch;
  // The next one may have gone out in part: its copy begins anew.
  if (consumer.delivered() < through) consumer.Rewind(consumer.delivered());
  while (consumer.delivered() < through) {
    MessageHeader header;
    if (consumer.Next(&header) != LaneResult::kOk) return false;
    scratch.resize(header.payload_bytes);
    if (consumer.CopyNext(absl::MakeSpan(scratch)) != LaneResult::kOk) return false;
    consumer.Advance();
  }
  return consumer.Ack(through) && !consumer.poison().has_value();
}

OutboundLane::OutboundLane(LaneConsumer* consumer, const HeldLane& held, const DeliveryOptions& options)
    : consumer_(consumer),
      held_(held),
      options_(Complete(options, consumer->geometry())),
      ack_floor_(options.resumed ? consumer->delivered_ever() : 0),
      redelivered_through_(consumer->delivered_ever() > consumer->acked() ? consumer->delivered_ever() : 0),
      unacked_from_(consumer->acked()) {
  consumer_->Rewind(consumer_->acked());
}

absl::Status OutboundLane::Health() const {
  if (consumer_->poison().has_value()) {
    return PoisonRefusal(held_.record->key(), *consumer_->poison(), consumer_->acked());
  }
  return absl::OkStatus();
}

bool OutboundLane::WindowTakes(uint64_t payload_bytes) const {
  if (unacked_sizes_.empty()) return true;  // one message always fits
  return unacked_sizes_.size() < options_.window_messages && unacked_bytes_ + payload_bytes <= options_.window_bytes;
}

bool OutboundLane::HasMessages() {
  MessageHeader header;
  LaneResult result = consumer_->Next(&header);
  if (result == LaneResult::kEmpty && consumer_->Look() == LaneResult::kOk) result = consumer_->Next(&header);
  return result == LaneResult::kOk && (fragment_offset_ > 0 || WindowTakes(header.payload_bytes));
}

bool OutboundLane::Fill(uint64_t most, v1::Messages* frame) {
  if (!held_.current() || !HasMessages()) return false;
  MessageHeader header;
  if (consumer_->Next(&header) != LaneResult::kOk) return false;
  if (fragment_offset_ > 0 || FrameBytesOf(header.payload_bytes, options_.form) > options_.max_frame_bytes) {
    return FillFragment(header, frame);
  }
  ClearFrame(frame, options_.form, header.sequence);
  uint64_t frame_bytes = 0;
  uint64_t filled = 0;
  while (filled < most && WindowTakes(header.payload_bytes)) {
    frame_bytes += FrameBytesOf(header.payload_bytes, options_.form);
    if (frame_bytes > options_.max_frame_bytes || !Append(header, frame)) break;
    ++filled;
    if (consumer_->Next(&header) == LaneResult::kOk) continue;
    // The ring may have filled up meanwhile: without asking to be rung, which the next turn does.
    if (consumer_->Poll() != LaneResult::kOk || consumer_->Next(&header) != LaneResult::kOk) break;
  }
  consumer_->JournalDelivered();
  return filled > 0;
}

bool OutboundLane::Append(const MessageHeader& header, v1::Messages* frame) {
  if (options_.form == v1::FORM_PACKED) {
    v1::PackedMessages* packed = frame->mutable_packed();
    std::string* payloads = packed->mutable_payloads();
    const size_t at = payloads->size();
    payloads->resize(at + header.payload_bytes);
    if (consumer_->CopyNext(Room(payloads, at)) != LaneResult::kOk) {
      payloads->resize(at);
      return false;
    }
    packed->add_sizes(header.payload_bytes);
    packed->add_routes(header.route);
    packed->add_correlation_ids(header.correlation_id);
  } else {
    std::string payload(header.payload_bytes, '\0');
    if (consumer_->CopyNext(Room(&payload, 0)) != LaneResult::kOk) return false;
    FillMessage(header, std::move(payload), options_.form, frame->add_messages());
  }
  CountDelivered(header);
  return true;
}

bool OutboundLane::FillFragment(const MessageHeader& header, v1::Messages* frame) {
  ClearFrame(frame, v1::FORM_DATA, header.sequence);
  v1::Fragment* fragment = frame->mutable_fragment();
  fragment->set_offset(fragment_offset_);
  fragment->set_total_bytes(header.payload_bytes);
  fragment->set_route(header.route);
  fragment->set_correlation_id(header.correlation_id);
  const uint64_t piece = std::min(options_.max_frame_bytes - kFragmentWords, header.payload_bytes - fragment_offset_);
  fragment->mutable_data()->resize(piece);
  if (consumer_->CopyNext(Room(fragment->mutable_data(), 0)) != LaneResult::kOk) return false;
  fragment_offset_ += piece;
  if (fragment_offset_ == header.payload_bytes) {
    fragment_offset_ = 0;
    CountDelivered(header);
    consumer_->JournalDelivered();
    if (pending_ack_ > 0) GiveBack(std::exchange(pending_ack_, 0));
  }
  return true;
}

void OutboundLane::CountDelivered(const MessageHeader& header) {
  consumer_->Advance();
  unacked_sizes_.Push(header.payload_bytes);
  unacked_bytes_ += header.payload_bytes;
  ++delivered_count_;
}

void OutboundLane::OnWritten() {
  if (options_.auto_ack && held_.current() && consumer_->delivered() > consumer_->acked()) {
    GiveBack(consumer_->delivered());
  }
}

absl::Status OutboundLane::Ack(uint64_t through) {
  if (!held_.current()) return StaleEpochRefusal(held_);
  const uint64_t delivered = std::max(consumer_->delivered(), ack_floor_);
  if (through > delivered) {
    return Refuse(Reason::kACK_BEYOND_DELIVERED,
                  absl::StrCat(held_.Label(), ": ack through ", through, " > ", delivered, " delivered"),
                  {{"through", absl::StrCat(through)}, {"delivered", absl::StrCat(delivered)}});
  }
  if (through > consumer_->delivered() && fragment_offset_ > 0) {
    pending_ack_ = std::max(pending_ack_, through);
  } else {
    GiveBack(through);
  }
  return Health();
}

void OutboundLane::GiveBack(uint64_t through) {
  if (!AckThrough(*consumer_, through)) return;
  held_.record->Acked(consumer_->acked());
  for (; unacked_from_ < through; ++unacked_from_) {
    if (unacked_sizes_.empty()) continue;  // acknowledged without a delivery on this stream
    unacked_bytes_ -= unacked_sizes_.front();
    unacked_sizes_.Pop();
  }
}

}  // namespace l3link
