// A chip program that attaches to arbitrary arena bytes.
//
// An arena laid out by hand, or bytes that never were one, with words anywhere overwritten before the program attaches and while
// it runs. It finds every object, opens whatever opens, and takes, sends, reads, writes and notifies. What must hold: it touches
// nothing outside of what it was told is mapped (AddressSanitizer; the arena ends at an unreadable byte), every place and
// payload that it is given lies within the arena and within the limits of its lane, and each call answers a code of its contract.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/abi/chip.h"
#include "backends/abi/chip_receive.h"
#include "backends/abi/chip_region.h"
#include "backends/abi/chip_send.h"
#include "backends/abi/testing/hand_laid_arena.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/fuzz_input.h"

namespace l3link::fuzz {
namespace {

constexpr uint64_t kArenaBytes = 16 * L3_PAGE_BYTES;
constexpr uint32_t kDirectory = 4;
constexpr uint32_t kMostOfAll = 8;  // lanes, signals and objects that are tried

// What the calls of the program may answer.
void CheckCode(int code, const std::set<int>& legal, const char* call) {
  FUZZ_CHECK(legal.contains(code), absl::StrCat(call, " answers ", code));
}

class Bench {
 public:
  explicit Bench(FuzzInput* input)
      : input_(*input),
        memory_(static_cast<uint8_t*>(std::aligned_alloc(L3_PAGE_BYTES, kArenaBytes)), &std::free),
        base_(memory_.get()),
        mapped_bytes_(kArenaBytes) {
    std::memset(base_, 0, kArenaBytes);
    if (input_.Byte() % 8 == 7) {
      LayBytes();
    } else {
      LayArena();
    }
    for (int patches = input_.Byte() % 16; patches > 0; --patches) Patch();
  }

  void Run() {
    if (!Attach()) return;
    Walk();
    for (int steps = 0; steps < 100 && !input_.empty(); ++steps) Step();
    l3_detach(&chip_);
  }

 private:
  // --- The arena. ---

  void LayArena() {
    HandLaidArena arena(base_, kArenaBytes, kDirectory);
    HandChannelShape shape;
    shape.host_to_chip = input_.Below(3);
    shape.chip_to_host = input_.Below(3);
    shape.lane_depth = 1u << input_.Below(3);
    shape.max_message_bytes = 1 + input_.Below(64);
    shape.alignment = 8u << input_.Below(4);
    shape.checksum = input_.Flag();
    const HandObject channel = arena.AddChannel("channel", shape);
    const HandObject region = arena.AddRegion("region", 64, {L3_WRITER_HOST, L3_WRITER_CHIP, L3_WRITER_BOTH});
    places_ = {0, 64, 384, L3_PAGE_BYTES, L3_PAGE_BYTES + sizeof(l3_directory_entry)};
    places_.insert(places_.end(), {channel.offset, channel.offset + L3_LANE_TABLE_AT, region.offset});
    if (shape.host_to_chip > 0) {
      HandLane lane = arena.Lane(channel, L3_HOST_TO_CHIP, 0);
      for (int messages = input_.Below(4); messages > 0; --messages) {
        arena.Send(lane, input_.Byte(), messages, input_.Text(shape.max_message_bytes));
      }
    }
    for (uint32_t lane = 0; lane < shape.host_to_chip + shape.chip_to_host; ++lane) {
      const uint64_t at = channel.offset + L3_PAGE_BYTES * (1 + lane);
      for (uint64_t part : {0, 128, 256, 320, 384}) places_.push_back(at + part);  // lines, and the first descriptors
    }
  }

  // Not one: any bytes at the beginning, and perhaps the magic.
  void LayBytes() {
    places_ = {0, 256, L3_PAGE_BYTES};
    const std::string bytes = input_.Text(200);
    std::memcpy(base_, bytes.data(), bytes.size());
    if (input_.Flag()) {
      const uint64_t magic = L3_ARENA_MAGIC;
      std::memcpy(base_, &magic, sizeof(magic));
    }
    if (input_.Flag()) mapped_bytes_ = input_.Below(kArenaBytes + 1);
  }

  // A word near one of the places that matter becomes something else.
  void Patch() {
    const uint64_t place = places_[input_.Below(places_.size())] + input_.Byte() % 16 * 4;
    const int bytes = input_.Flag() ? 8 : 4;
    if (place + bytes > kArenaBytes) return;
    uint64_t value = 0;
    std::memcpy(&value, base_ + place, bytes);
    const uint8_t how = input_.Byte();
    switch (how % 4) {
      case 0: value += (how >> 2) - 32; break;
      case 1: value ^= uint64_t{1} << (how >> 2); break;
      case 2: value = input_.Near(kArenaBytes); break;
      default: value = input_.Near(L3_PAGE_BYTES * input_.Below(17)); break;
    }
    std::memcpy(base_ + place, &value, bytes);
  }

  // --- The program. ---

  bool Attach() {
    l3_platform platform = {};
    platform.now_us = [](void*) -> uint64_t { return 1; };
    platform.shared_rmw = input_.Flag();
    const int code = l3_attach(&chip_, base_, mapped_bytes_, &platform);
    CheckCode(code, {L3_OK, L3_AGAIN, L3_EMAGIC, L3_EVERSION, L3_ESIZE}, "l3_attach");
    if (code != L3_OK) return false;
    FUZZ_CHECK(chip_.arena_bytes <= mapped_bytes_, absl::StrCat(chip_.arena_bytes));
    CheckWithin(chip_.directory, uint64_t{chip_.directory_capacity} * sizeof(l3_directory_entry), "directory");
    return true;
  }

  void CheckWithin(const void* place, uint64_t bytes, const char* what) const {
    const uint64_t offset = static_cast<const uint8_t*>(place) - base_;
    FUZZ_CHECK(offset <= mapped_bytes_ && bytes <= mapped_bytes_ - offset,
               absl::StrCat(what, " of ", bytes, " bytes at ", offset, " of ", mapped_bytes_));
  }

  void Step() {
    switch (input_.Byte() % 8) {
      case 0: return Patch();
      case 1: return Walk();
      case 2:
      case 3: return Receive();
      case 4:
      case 5: return Send();
      case 6: return UseRegions();
      default: return Acknowledge();
    }
  }

  void Acknowledge() {
    uint64_t version = 0;
    if (l3_directory_changed(&chip_, &version)) l3_directory_acknowledge(&chip_, version);
  }

  // Opens what the directory shows, as far as there is room for it here.
  void Walk() {
    receivers_.clear();
    senders_.clear();
    regions_.clear();
    uint32_t cursor = 0;
    l3_object object;
    for (uint32_t i = 0; i < kMostOfAll && l3_next_object(&chip_, 0, &cursor, &object) == L3_OK; ++i) {
      CheckWithin(base_ + object.entry.offset, object.entry.bytes, "object");
      FUZZ_CHECK(memchr(object.entry.name, 0, L3_NAME_BYTES) != nullptr, "a name without an end");
      OpenChannel(object);
      OpenRegion(object);
    }
    FUZZ_CHECK(l3_find_by_name(&chip_, L3_OBJECT_CHANNEL, "nothing", &object) == L3_ENOENT || cursor > 0, "found");
  }

  void OpenChannel(const l3_object& object) {
    l3_channel channel;
    const int code = l3_channel_open(&chip_, &object, &channel);
    CheckCode(code, {L3_OK, L3_EINVAL, L3_ECLOSED, L3_ECORRUPT}, "l3_channel_open");
    if (code != L3_OK) return;
    for (uint32_t lane = 0; lane < kMostOfAll; ++lane) {
      l3_receiver receiver;
      const int in = l3_receiver_open(&channel, lane, &receiver);
      CheckCode(in, {L3_OK, L3_ENOENT, L3_ECLOSED, L3_ECORRUPT}, "l3_receiver_open");
      FUZZ_CHECK((in == L3_ENOENT) == (lane >= l3_lane_count(&channel, L3_HOST_TO_CHIP)), absl::StrCat(lane));
      if (in == L3_OK) receivers_.push_back(receiver), CheckLane(receiver.lane);
      l3_sender sender;
      const int out = l3_sender_open(&channel, lane, &sender);
      CheckCode(out, {L3_OK, L3_ENOENT, L3_ECLOSED, L3_ECORRUPT}, "l3_sender_open");
      if (out == L3_OK) senders_.push_back(sender), CheckLane(sender.lane);
    }
  }

  void CheckLane(const l3_lane& lane) const {
    CheckWithin(lane.producer, sizeof(l3_producer_line), "producer line");
    CheckWithin(lane.slots, 2 * uint64_t{lane.lane_depth} * sizeof(l3_descriptor), "slots");
    CheckWithin(lane.ring, lane.ring_bytes, "ring");
    FUZZ_CHECK(lane.ring >= reinterpret_cast<const uint8_t*>(lane.slots + 2 * uint64_t{lane.lane_depth}), "overlap");
    FUZZ_CHECK(2 * l3_align_up(lane.max_message_bytes, lane.alignment) <= lane.ring_bytes, "ring");
  }

  void OpenRegion(const l3_object& object) {
    l3_region region;
    const int code = l3_region_open(&chip_, &object, &region);
    CheckCode(code, {L3_OK, L3_EINVAL, L3_ECLOSED, L3_ECORRUPT}, "l3_region_open");
    if (code != L3_OK) return;
    CheckWithin(region.data, region.shape.data_bytes, "data");
    CheckWithin(region.signals, uint64_t{region.shape.signal_count} * sizeof(l3_signal), "signals");
    CheckWithin(region.writers, region.shape.signal_count, "writers");
    regions_.push_back(region);
  }

  void Receive() {
    if (receivers_.empty()) return;
    l3_receiver& receiver = receivers_[input_.Below(receivers_.size())];
    l3_message message;
    switch (input_.Byte() % 3) {
      case 0: {
        const int code = l3_take(&receiver, &message);
        CheckCode(code, {L3_OK, L3_AGAIN, L3_ECLOSED, L3_ECORRUPT}, "l3_take");
        if (code == L3_OK) CheckMessage(receiver, message);
        return;
      }
      case 1: {
        char buffer[64];
        const uint32_t capacity = input_.Below(sizeof(buffer) + 1);
        const int code = l3_receive(&receiver, buffer, capacity, &message);
        CheckCode(code, {L3_OK, L3_AGAIN, L3_EINVAL, L3_E2BIG, L3_ECLOSED, L3_ECORRUPT}, "l3_receive");
        FUZZ_CHECK(code != L3_OK || message.payload_bytes <= capacity, absl::StrCat(message.payload_bytes));
        return;
      }
      default: {
        const uint64_t count = input_.Below(4);
        const bool legal = count <= receiver.taken - receiver.released;
        const int code = input_.Flag() ? l3_release(&receiver, count) : l3_untake(&receiver, count);
        FUZZ_CHECK(code == (legal ? L3_OK : L3_EINVAL), absl::StrCat(code));
      }
    }
  }

  void CheckMessage(const l3_receiver& receiver, const l3_message& message) {
    FUZZ_CHECK(message.payload_bytes <= receiver.lane.max_message_bytes, absl::StrCat(message.payload_bytes));
    const uint64_t place = message.payload - receiver.lane.ring;
    FUZZ_CHECK(place <= receiver.lane.ring_bytes && message.payload_bytes <= receiver.lane.ring_bytes - place,
               absl::StrCat("payload at ", place));
    FUZZ_CHECK(receiver.taken - receiver.released <= receiver.lane.lane_depth, absl::StrCat(receiver.taken));
    FUZZ_CHECK(message.sequence == receiver.taken - 1, absl::StrCat(message.sequence));
    sum_ += l3_crc32c(message.payload, message.payload_bytes);
  }

  void Send() {
    if (senders_.empty()) return;
    l3_sender& sender = senders_[input_.Below(senders_.size())];
    const uint32_t bytes = input_.Flag() ? input_.Byte() : static_cast<uint32_t>(input_.Near(64));
    uint8_t* place = nullptr;
    const int code = l3_reserve(&sender, bytes, &place);
    CheckCode(code, {L3_OK, L3_AGAIN, L3_E2BIG, L3_ECLOSED, L3_ECORRUPT}, "l3_reserve");
    if (code == L3_OK) {
      const uint64_t at = place - sender.lane.ring;
      FUZZ_CHECK(at <= sender.lane.ring_bytes && bytes <= sender.lane.ring_bytes - at, absl::StrCat("place ", at));
      FUZZ_CHECK(at % sender.lane.alignment == 0, absl::StrCat("place ", at));
      FUZZ_CHECK(sender.staged - sender.head < sender.lane.lane_depth, absl::StrCat(sender.staged));
      std::memset(place, 0x5a, bytes);
    }
    FUZZ_CHECK(l3_stage(&sender, 1, 2) == (code == L3_OK ? L3_OK : L3_EINVAL), "l3_stage");
    if (input_.Flag()) l3_publish(&sender);
    if (input_.Flag()) CheckCode(l3_sender_look(&sender), {L3_OK, L3_ECORRUPT}, "l3_sender_look");
  }

  void UseRegions() {
    for (l3_region& region : regions_) {
      const uint32_t signal = input_.Flag() ? input_.Byte() : static_cast<uint32_t>(input_.Near(3));
      const int code = l3_notify(&region, signal, 1 + input_.Below(4), input_.Word(2));
      CheckCode(code, {L3_OK, L3_ENOENT, L3_EINVAL, L3_EUNSHARED, L3_ECLOSED}, "l3_notify");
      FUZZ_CHECK((code == L3_ENOENT) == (signal >= region.shape.signal_count), absl::StrCat(signal));
      CheckCode(l3_test(&region, signal, input_.Byte(), 1), {L3_OK, L3_AGAIN, L3_ENOENT}, "l3_test");
      l3_region_look(&region);
      if (region.shape.data_bytes > 0) region.data[input_.Word(2) % region.shape.data_bytes] ^= 1;
    }
  }

  FuzzInput& input_;
  const std::unique_ptr<uint8_t, decltype(&std::free)> memory_;
  uint8_t* const base_;
  uint64_t mapped_bytes_;         // as the program is told
  std::vector<uint64_t> places_;  // around which words are changed
  l3_chip chip_ = {};
  std::vector<l3_receiver> receivers_;
  std::vector<l3_sender> senders_;
  std::vector<l3_region> regions_;
  uint32_t sum_ = 0;  // of what was read, so that it is
};

}  // namespace
}  // namespace l3link::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  l3link::fuzz::FuzzInput input(data, size);
  l3link::fuzz::Bench(&input).Run();
  return 0;
}
