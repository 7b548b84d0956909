// Frames of messages, from any client to a node, and from any node to a client.
//
// Node: an InboundLane over a small ring takes frame after frame while an honest chip takes messages. A frame is accepted exactly
// if this file's own reading of the protocol accepts it; what was accepted comes out of the ring once, in order, byte for byte;
// what was refused leaves nothing. An accepted frame re-encoded by the client is accepted again and means the same, whole or
// sliced. Client: a ReceiveQueue takes the same frames, again exactly those that this file accepts, and hands out what was in them,
// once and in order.
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "client/packed_frame.h"
#include "server/channel/inbound_frame.h"
#include "server/channel/inbound_lane.h"
#include "server/channel/messages_decoder.h"
#include "server/channel/paper_chip.h"
#include "tests/fuzz/frame_source.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/receiving_client.h"

namespace l3link::fuzz {
namespace {

LaneGeometry GeometryOf(FuzzInput& input) {
  LaneGeometry geometry;
  geometry.lane_depth = 1u << input.Below(4);
  geometry.max_message_bytes = 1 + input.Below(64);
  geometry.alignment = 8;
  geometry.ring_bytes = 2 * l3_align_up(geometry.max_message_bytes, 8) + 8 * input.Below(4);
  return geometry;
}

// What an accepted frame adds: whole messages, or a piece of one.
struct Meaning {
  std::vector<FrameMessage> messages;
  bool is_fragment = false;
};

class NodeSide {
 public:
  explicit NodeSide(FuzzInput* input)
      : input_(*input),
        geometry_(GeometryOf(input_)),
        limits_{geometry_.max_message_bytes, 16 + input_.Below(64)},
        window_{static_cast<uint32_t>(1 + input_.Below(8)), geometry_.max_message_bytes + input_.Below(64)},
        chip_(geometry_) {
    record_.Enter(7, 0);
    held_ = {&record_, record_.Grant("s")};
    inbound_.emplace(&chip_.producer, held_, window_, limits_.max_frame_bytes);
  }

  const LaneGeometry& geometry() const { return geometry_; }
  FrameHint hint() const { return {accepted_, partial_.size(), partial_total_}; }

  void Accept(const v1::Messages& frame) {
    const std::optional<Meaning> meaning = Read(frame);
    const absl::StatusOr<FrameShape> shape = CheckFrame(frame, FramePayload::Of(frame), limits_);
    FUZZ_CHECK(shape.ok() == meaning.has_value(), frame.ShortDebugString() + " " + shape.status().ToString());
    if (meaning.has_value() && !meaning->is_fragment) CheckReencoded(frame, *shape, meaning->messages);
    const bool accepted = meaning.has_value() && Expect(frame, *meaning);
    const absl::Status status = Give(frame);
    FUZZ_CHECK(status.ok() == accepted, frame.ShortDebugString() + " " + status.ToString());
    FUZZ_CHECK(status.ok() || RefusalOf(status).has_value(), status.ToString());
    CheckCounts();
  }

  // The chip takes some, and the lane goes on.
  void Turn(int most) {
    for (; most > 0; --most) {
      const uint64_t published = chip_.producer.published();
      if (taken_ == published) break;
      const std::string payload = chip_.Take();
      FUZZ_CHECK(payload == log_[taken_].payload, absl::StrCat("message ", taken_, " came out as another one"));
      ++taken_;
    }
    FUZZ_CHECK(inbound_->Pump().ok(), "an honest chip's lane");
    CheckCounts();
  }

  void Drain() {
    while (taken_ < chip_.producer.published()) Turn(1);
    FUZZ_CHECK(taken_ == log_.size(), absl::StrCat(taken_, " of ", log_.size(), " accepted messages came out"));
  }

 private:
  // By way of the wire, in pieces of some size; the lane gets them as they lie there.
  absl::Status Give(const v1::Messages& frame) {
    v1::StreamRequest request;
    *request.mutable_messages() = frame;
    FramePayload payload = FramePayload::Of(request.messages());
    // Entries' text and hex may be what no parser lets through; so may fields that nobody knows, by their depth.
    if (frame.messages_size() > 0) return inbound_->Accept(*request.mutable_messages(), payload);
    const auto bytes = std::make_shared<std::string>(request.SerializeAsString());
    google::protobuf::io::ArrayInputStream in(bytes->data(), static_cast<int>(bytes->size()), 1 + input_.Below(40));
    if (DecodeMessages(&in, &request, &payload)) {
      FUZZ_CHECK(v1::StreamRequest().ParseFromString(*bytes), frame.ShortDebugString());
      payload.set_owner(bytes);
    } else {
      if (!request.ParseFromString(*bytes)) *request.mutable_messages() = frame;
      payload = FramePayload::Of(request.messages());
    }
    return inbound_->Accept(*request.mutable_messages(), payload);
  }

  // As the protocol's text has it; nothing: malformed, or too large.
  std::optional<Meaning> Read(const v1::Messages& frame) const {
    if ((frame.messages_size() > 0) + frame.has_packed() + frame.has_fragment() > 1) return std::nullopt;
    Meaning meaning;
    if (frame.has_fragment()) {
      const v1::Fragment& fragment = frame.fragment();
      const uint64_t size = fragment.data().size();
      const bool within = fragment.offset() <= fragment.total_bytes() &&
                          size <= fragment.total_bytes() - fragment.offset() &&
                          fragment.total_bytes() <= limits_.max_message_bytes && size <= limits_.max_frame_bytes;
      if (!within || (size == 0 && fragment.total_bytes() > 0)) return std::nullopt;
      meaning.is_fragment = true;
      return meaning;
    }
    std::optional<std::vector<FrameMessage>> messages = frame.has_packed() ? Unpacked(frame.packed()) : Entries(frame);
    if (!messages.has_value()) return std::nullopt;
    uint64_t bytes = 0;
    for (const FrameMessage& message : *messages) {
      if (message.payload.size() > limits_.max_message_bytes) return std::nullopt;
      bytes += message.payload.size();
    }
    if (bytes > limits_.max_frame_bytes) return std::nullopt;
    meaning.messages = *std::move(messages);
    return meaning;
  }

  // Whether the well-formed frame goes on where the lane stands and the window takes it; then its messages are in the log.
  bool Expect(const v1::Messages& frame, const Meaning& meaning) {
    const uint64_t count = meaning.is_fragment ? 1 : meaning.messages.size();
    const uint64_t first = frame.unsequenced() ? accepted_ : frame.first_sequence();
    if (first > accepted_) return false;
    const uint64_t old = std::min(accepted_ - first, count);
    if (old == count) return true;
    if (meaning.is_fragment) return ExpectFragment(frame.fragment());
    if (partial_total_ > 0) return false;
    uint64_t bytes = 0;
    for (uint64_t i = old; i < count; ++i) bytes += meaning.messages[i].payload.size();
    if (!WindowTakes(count - old, bytes)) return false;
    log_.insert(log_.end(), meaning.messages.begin() + old, meaning.messages.end());
    accepted_ = log_.size();
    return true;
  }

  bool ExpectFragment(const v1::Fragment& fragment) {
    const bool begins = partial_total_ == 0;
    if (fragment.offset() != partial_.size()) return false;
    if (!begins && fragment.total_bytes() != partial_total_) return false;
    if (!WindowTakes(begins ? 1 : 0, fragment.data().size())) return false;
    if (begins) first_piece_ = fragment;
    partial_ += fragment.data();
    partial_total_ = fragment.total_bytes();
    if (partial_.size() < partial_total_) return true;
    log_.push_back({partial_, first_piece_.route(), first_piece_.correlation_id()});
    accepted_ = log_.size();
    partial_.clear();
    partial_total_ = 0;
    return true;
  }

  bool WindowTakes(uint64_t messages, uint64_t bytes) const {
    uint64_t waiting_bytes = partial_.size();
    uint64_t waiting = partial_total_ > 0 ? 1 : 0;
    for (uint64_t i = chip_.producer.published(); i < log_.size(); ++i) {
      ++waiting;
      waiting_bytes += log_[i].payload.size();
    }
    return waiting + messages <= window_.messages && waiting_bytes + bytes <= window_.bytes;
  }

  void CheckReencoded(const v1::Messages& frame, const FrameShape& shape, const std::vector<FrameMessage>& messages) {
    FUZZ_CHECK(Walked(frame, shape) == messages, frame.ShortDebugString());
    const client::RequestFrame packed = client::NewPackedFrame(frame.first_sequence());
    std::vector<client::OutgoingMessage> views;
    for (const FrameMessage& message : messages) {
      views.push_back({message.payload, message.route, message.correlation_id});
    }
    const absl::Span<const client::OutgoingMessage> all = views;
    const size_t half = input_.Below(views.size() + 1);
    client::AppendMessages(*packed, all.first(half));
    client::AppendMessages(*packed, all.subspan(half));
    v1::StreamRequest again;
    FUZZ_CHECK(again.ParseFromString(packed->SerializeAsString()), "re-encoded");
    const absl::StatusOr<FrameShape> again_shape =
        CheckFrame(again.messages(), FramePayload::Of(again.messages()), limits_);
    FUZZ_CHECK(again_shape.ok(), again_shape.status().ToString());
    FUZZ_CHECK(Walked(again.messages(), *again_shape) == messages, again.ShortDebugString());
    const size_t begin = input_.Below(messages.size() + 1);
    const size_t end = begin + input_.Below(messages.size() - begin + 1);
    const client::RequestFrame slice = client::SlicePackedFrame(*packed, begin, end);
    const std::vector<FrameMessage> part(messages.begin() + begin, messages.begin() + end);
    FUZZ_CHECK(Unpacked(slice->messages().packed()) == part, slice->ShortDebugString());
    FUZZ_CHECK(slice->messages().first_sequence() == frame.first_sequence() + begin, slice->ShortDebugString());
  }

  static std::vector<FrameMessage> Walked(const v1::Messages& frame, const FrameShape& shape) {
    std::vector<FrameMessage> messages;
    std::string scratch;
    const FramePayload payload = FramePayload::Of(frame);
    for (FrameCursor cursor; cursor.index() < shape.count; cursor.Next(frame, payload)) {
      const OutgoingMessage message = cursor.At(frame, payload, &scratch);
      messages.push_back({std::string(reinterpret_cast<const char*>(message.payload.data()), message.payload.size()),
                          message.route, message.correlation_id});
    }
    return messages;
  }

  void CheckCounts() {
    FUZZ_CHECK(inbound_->next_sequence() == accepted_, absl::StrCat(inbound_->next_sequence(), " != ", accepted_));
    FUZZ_CHECK(chip_.producer.published() <= accepted_, absl::StrCat(chip_.producer.published()));
    FUZZ_CHECK(chip_.producer.published() - taken_ <= geometry_.lane_depth, absl::StrCat(taken_));
    FUZZ_CHECK(record_.position() == chip_.producer.published(), absl::StrCat(record_.position()));
  }

  FuzzInput& input_;
  const LaneGeometry geometry_;
  const FrameLimits limits_;
  const SendWindow window_;
  PaperChip chip_;
  LaneRecord record_{LaneKey{1, Direction::kHostToChip, 0}};
  HeldLane held_;
  std::optional<InboundLane> inbound_;

  std::vector<FrameMessage> log_;  // accepted, whole
  uint64_t accepted_ = 0;
  std::string partial_;  // of the message that comes in fragments
  uint64_t partial_total_ = 0;
  v1::Fragment first_piece_;
  uint64_t taken_ = 0;
};

void Run(FuzzInput& input) {
  NodeSide node(&input);
  ReceivingClient client(&input, node.geometry().max_message_bytes);
  for (int frames = 0; frames < 40 && !input.empty(); ++frames) {
    const v1::Messages frame = NextFrame(input, input.Flag() ? client.hint() : node.hint());
    node.Accept(frame);
    client.Receive(frame);
    if (input.Flag()) node.Turn(input.Byte() % 8);
  }
  node.Drain();
}

}  // namespace
}  // namespace l3link::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  l3link::fuzz::FuzzInput input(data, size);
  l3link::fuzz::Run(input);
  return 0;
}
