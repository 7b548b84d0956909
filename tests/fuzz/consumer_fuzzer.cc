// A LaneConsumer whose every load of shared memory may find fresh bytes.
//
// An honest chip gives messages; the host polls, copies, acknowledges, goes back, peeks and is restarted; and each load of the
// host's may be lied to, payloads may change before they are copied. What must hold: nothing outside of the lane is touched
// (AddressSanitizer) and no word is loaded twice in one call; what is delivered is within max_message_bytes, in sequence, the
// honest message where nobody lied, and the same when it comes again; else the lane is poisoned, for good, with its first reason.
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/abi/channel_layout.h"
#include "backends/host/host_bell.h"
#include "backends/host/lane_consumer.h"
#include "tests/fuzz/fresh_memory.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"
#include "tests/fuzz/honest_chip.h"

namespace l3link::fuzz {
namespace {

LaneGeometry GeometryOf(FuzzInput& input) {
  LaneGeometry geometry;
  geometry.lane_depth = 1u << input.Below(4);
  geometry.alignment = 8u << input.Below(4);
  geometry.max_message_bytes = 1 + input.Below(80);
  geometry.ring_bytes =
      2 * l3_align_up(geometry.max_message_bytes, geometry.alignment) + geometry.alignment * input.Below(5);
  geometry.checksum = input.Flag();
  return geometry;
}

class Bench {
 public:
  explicit Bench(FuzzInput* input)
      : input_(*input),
        geometry_(GeometryOf(input_)),
        memory_(l3_lane_bytes(geometry_.lane_depth, geometry_.ring_bytes)),
        block_(LaneBlockBytes(geometry_.lane_depth) / sizeof(uint64_t)) {
    const size_t descriptors_end = L3_LANE_DESCRIPTORS_AT + 2 * geometry_.lane_depth * sizeof(l3_descriptor);
    const size_t ring_end = chip_.ring_at() + geometry_.ring_bytes;
    memory_.Forbid(descriptors_end, chip_.ring_at() - descriptors_end);
    memory_.Forbid(ring_end, l3_lane_bytes(geometry_.lane_depth, geometry_.ring_bytes) - ring_end);
    Journal().Begin(1, 0);
    consumer_ = std::make_unique<LaneConsumer>(memory_.base(), geometry_, &bell_, journal_.get());
  }

  void Run() {
    for (int steps = 0; steps < 300 && !input_.empty(); ++steps) {
      Step();
      CheckCounts();
    }
  }

 private:
  void Step() {
    const uint8_t what = input_.Byte();
    lying_ = what >= 128;
    switch (what % 12) {
      case 0:
      case 1:
      case 2:
        return chip_.Give({input_.Byte(), input_.Byte(), input_.Text(geometry_.max_message_bytes)}, consumer_->acked());
      case 3: return Watched([&] { (void)consumer_->Look(); });
      case 4: return Watched([&] { (void)consumer_->Poll(); });
      case 5:
      case 6: return Deliver();
      case 7: return Ack();
      case 8: return Rewind();
      case 9: return Peek();
      case 10:
        return Watched([&] { input_.Flag() ? (void)consumer_->CheckOwnWords() : consumer_->JournalDelivered(); });
      default: return input_.Flag() ? Restart() : Watched([&] { (void)consumer_->NoticeRing(); });
    }
  }

  bool Lie(size_t bytes, uint64_t* value) {
    const uint8_t how = input_.Byte();
    switch (how % 8) {
      case 1: *value += 1 + (how >> 3) % 4; break;
      case 2: *value -= 1 + (how >> 3) % 4; break;
      case 3: *value ^= uint64_t{1} << (how >> 3) % (8 * bytes); break;
      case 4: *value = input_.Near(geometry_.max_message_bytes); break;
      case 5: *value = input_.Word(static_cast<int>(bytes)); break;
      default: return false;
    }
    return true;
  }

  // --- The host. ---

  LaneJournal& Journal() {
    journal_ = std::make_unique<LaneJournal>(reinterpret_cast<std::byte*>(block_.data()), geometry_.lane_depth);
    return *journal_;
  }

  template <typename Call>
  void Watched(Call call) {
    const size_t lies_before = memory_.lies();
    memory_.Watch([this](size_t, size_t bytes, uint64_t* value) { return lying_ && Lie(bytes, value); });
    call();
    memory_.Rest();
    lied_in_call_ = memory_.lies() != lies_before;
    ever_lied_ = ever_lied_ || lied_in_call_;
    std::set<size_t> words;
    for (size_t offset : memory_.loads()) {
      FUZZ_CHECK(words.insert(offset).second, absl::StrCat("the word at ", offset, " is loaded twice in one call"));
    }
  }

  void Deliver() {
    MessageHeader header;
    LaneResult result = LaneResult::kEmpty;
    const uint64_t sequence = consumer_->delivered();
    Watched([&] { result = consumer_->Next(&header); });
    if (result != LaneResult::kOk) {
      const bool empty = !consumer_->poison().has_value() && sequence == consumer_->published();
      FUZZ_CHECK(result == LaneResult::kPoisoned || empty, "a message that is there is empty");
      return;
    }
    for (size_t offset : memory_.loads()) {
      const size_t slot = reinterpret_cast<std::byte*>(&chip_.slot(sequence)) - memory_.base();
      FUZZ_CHECK(offset - slot < sizeof(l3_descriptor), "Next looks at something else than its descriptor");
    }
    FUZZ_CHECK(header.sequence == sequence, absl::StrCat(header.sequence, " instead of ", sequence));
    FUZZ_CHECK(header.payload_bytes <= geometry_.max_message_bytes, absl::StrCat(header.payload_bytes));
    // Else it was checked by an earlier Next.
    if (!memory_.loads().empty()) honest_descriptor_ = !lied_in_call_ && sequence < chip_.given().size();
    if (input_.Byte() % 16 == 15) return;  // repeating answers the same
    CopyAndCount(header);
  }

  void CopyAndCount(const MessageHeader& header) {
    Message message{header.correlation_id, header.route, std::string(header.payload_bytes, '\0')};
    LaneResult result = LaneResult::kOk;
    size_t copied = 0;
    bool payload_lied = false;
    do {
      const size_t left = message.payload.size() - copied;
      const size_t piece = lying_ && left > 0 ? 1 + input_.Below(left) : left;
      std::vector<std::byte> out(piece);  // of its own, so that a byte too many is seen
      std::byte* place = memory_.base() + chip_.ring_at() + input_.Below(geometry_.ring_bytes);
      const std::byte flipped = lying_ ? std::byte{input_.Byte()} : std::byte{0};
      *place ^= flipped;
      payload_lied = payload_lied || flipped != std::byte{0};
      Watched([&] { result = consumer_->CopyNext(absl::MakeSpan(out)); });
      *place ^= flipped;
      FUZZ_CHECK(memory_.loads().empty(), "a payload is looked at in the ring, where it may change");
      if (result != LaneResult::kOk) break;
      if (piece > 0) std::memcpy(message.payload.data() + copied, out.data(), piece);
      copied += piece;
    } while (copied < message.payload.size());
    ever_lied_ = ever_lied_ || payload_lied;
    FUZZ_CHECK(result == LaneResult::kOk || consumer_->poison().has_value(), "refused without poison");
    if (result == LaneResult::kOk) Count(header, message, payload_lied);
  }

  void Count(const MessageHeader& header, const Message& message, bool payload_lied) {
    const uint64_t sequence = header.sequence;
    const auto before = delivered_.find(sequence);
    FUZZ_CHECK(header.redelivered == (before != delivered_.end()), absl::StrCat("message ", sequence));
    if (before != delivered_.end()) {
      FUZZ_CHECK(message == before->second, absl::StrCat("message ", sequence, " is another one this time"));
    } else if (honest_descriptor_ && (geometry_.checksum || !payload_lied)) {
      FUZZ_CHECK(message == chip_.given()[sequence], absl::StrCat("message ", sequence, " is not what the chip gave"));
    }
    delivered_[sequence] = message;
    consumer_->Advance();
    FUZZ_CHECK(consumer_->delivered() == sequence + 1, "Advance");
    if (!lying_) consumer_->JournalDelivered();
  }

  void Ack() {
    const uint64_t acked = consumer_->acked();
    const uint64_t through =
        input_.Flag() ? acked + input_.Below(geometry_.lane_depth + 2) : input_.Near(consumer_->delivered());
    const bool legal = through <= consumer_->delivered();
    bool answer = false;
    Watched([&] { answer = consumer_->Ack(through); });
    FUZZ_CHECK(answer == legal, absl::StrCat("ack through ", through, " of ", consumer_->delivered(), " delivered"));
    const bool moves = legal && through > acked && !consumer_->poison().has_value();
    FUZZ_CHECK(consumer_->acked() == (moves ? through : acked), "acked");
    delivered_.erase(delivered_.begin(), delivered_.lower_bound(consumer_->acked()));
  }

  void Rewind() {
    const uint64_t acked = consumer_->acked();
    consumer_->Rewind(acked + input_.Below(consumer_->delivered() - acked + 1));
  }

  void Peek() {
    MessageHeader header;
    std::string payload;
    LaneResult result = LaneResult::kEmpty;
    const uint64_t sequence = input_.Flag() ? consumer_->acked() + input_.Byte() % 8 : input_.Near(consumer_->acked());
    const bool poisoned = consumer_->poison().has_value();
    Watched([&] { result = consumer_->PeekAt(sequence, &header, &payload); });
    FUZZ_CHECK(poisoned == consumer_->poison().has_value(), "a peek has poisoned the lane");
    const bool there = sequence >= consumer_->acked() && sequence < consumer_->published();
    FUZZ_CHECK((result != LaneResult::kEmpty) == there, absl::StrCat("peek at ", sequence));
    if (result != LaneResult::kOk) return;
    FUZZ_CHECK(header.sequence == sequence && header.payload_bytes == payload.size(), absl::StrCat(payload.size()));
    FUZZ_CHECK(payload.size() <= geometry_.max_message_bytes, absl::StrCat(payload.size()));
  }

  // kill -9, and the next daemon.
  void Restart() {
    const uint64_t acked = consumer_->acked();
    const uint64_t journaled = std::max(journal_->hot().reached.count, acked);
    const absl::optional<Poison> poison = consumer_->poison();
    FUZZ_CHECK(Journal().Load(), "the journal is not whole");
    consumer_ = std::make_unique<LaneConsumer>(memory_.base(), geometry_, &bell_, journal_.get());
    Watched([&] { consumer_->Recover(); });
    FUZZ_CHECK(consumer_->acked() == acked && consumer_->delivered() == acked, absl::StrCat(consumer_->acked()));
    FUZZ_CHECK(consumer_->delivered_ever() == journaled, absl::StrCat(consumer_->delivered_ever()));
    if (poison.has_value()) {
      FUZZ_CHECK(consumer_->poison().has_value(), "a poison is forgotten");
      FUZZ_CHECK(consumer_->poison()->reason == poison->reason, consumer_->poison()->evidence);
      reason_ = poison->reason;
    }
    published_ = 0;
    delivered_.erase(delivered_.lower_bound(journaled), delivered_.end());
  }

  void CheckCounts() {
    const uint64_t acked = consumer_->acked(), published = consumer_->published();
    FUZZ_CHECK(acked <= consumer_->delivered(), absl::StrCat(acked));
    FUZZ_CHECK(consumer_->delivered() <= consumer_->delivered_ever(), absl::StrCat(consumer_->delivered()));
    FUZZ_CHECK(consumer_->delivered_ever() <= published, absl::StrCat(published));
    FUZZ_CHECK(published - acked <= geometry_.lane_depth, absl::StrCat(published, " - ", acked));
    FUZZ_CHECK(published >= published_, absl::StrCat(published, " < ", published_));
    published_ = published;
    FUZZ_CHECK(journal_->hot().settled.count == acked, "acked and not journaled");
    FUZZ_CHECK(ever_lied_ || !consumer_->poison().has_value(),
               absl::StrCat("an honest chip's lane is poisoned: ", consumer_->poison()->evidence));
    FUZZ_CHECK(!reason_.has_value() || consumer_->poison().has_value(), "a poison is gone");
    if (!consumer_->poison().has_value()) return;
    FUZZ_CHECK(!reason_.has_value() || *reason_ == consumer_->poison()->reason, consumer_->poison()->evidence);
    reason_ = consumer_->poison()->reason;
  }

  FuzzInput& input_;
  const LaneGeometry geometry_;
  FreshMemory memory_;
  HonestChip chip_{geometry_, memory_.base()};
  l3_arena_header header_ = {};
  HostBell bell_{&header_, [](uint32_t*) {}};
  std::vector<uint64_t> block_;
  std::unique_ptr<LaneJournal> journal_;
  std::unique_ptr<LaneConsumer> consumer_;

  std::map<uint64_t, Message> delivered_;  // and not acknowledged; what a restarted host remembers of it
  bool lying_ = false;                     // in this step
  bool lied_in_call_ = false;
  bool honest_descriptor_ = false;  // of the message that Next answered
  bool ever_lied_ = false;
  uint64_t published_ = 0;
  absl::optional<PoisonReason> reason_;
};

}  // namespace
}  // namespace l3link::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  l3link::fuzz::FuzzInput input(data, size);
  l3link::fuzz::Bench(&input).Run();
  return 0;
}
