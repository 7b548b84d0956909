#include "tests/stress/lane_pump.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace l3link {
namespace {

constexpr int kMostATurn = 256;  // so that no thread keeps the lock to itself
constexpr absl::Duration kPatience = absl::Seconds(60);

}  // namespace

LanePump::LanePump(ChipWorker* worker, HostChannel* channel, uint32_t lane, uint32_t payload_bytes)
    : worker_(*worker), channel_(*channel), lane_(lane), expected_(payload_bytes, '\0'), payload_(payload_bytes, '\0') {
  ChipLock lock(worker_);
  channel_.lane(Direction::kHostToChip, lane_).listener = &event_;
  channel_.lane(Direction::kChipToHost, lane_).listener = &event_;
}

LanePump::~LanePump() {
  ChipLock lock(worker_);
  channel_.lane(Direction::kHostToChip, lane_).listener = nullptr;
  channel_.lane(Direction::kChipToHost, lane_).listener = nullptr;
}

// Differs from message to message in its first and last bytes.
void LanePump::Fill(uint64_t number) {
  std::memcpy(expected_.data(), &number, sizeof(number));
  expected_.back() = static_cast<char>(number * 31);
}

uint64_t LanePump::SendSome(uint64_t count) {
  LaneProducer& lane = *channel_.lane(Direction::kHostToChip, lane_).producer;
  (void)lane.LookForRoom();
  uint64_t moved = 0;
  for (; moved < kMostATurn && sent_ < count; ++moved, ++sent_) {
    Fill(sent_);
    const auto* bytes = reinterpret_cast<const std::byte*>(expected_.data());
    if (lane.Stage({lane_, sent_, {bytes, expected_.size()}}) != LaneResult::kOk) break;
  }
  lane.Publish();
  return moved;
}

uint64_t LanePump::ReceiveSome(std::string* fault) {
  LaneConsumer& lane = *channel_.lane(Direction::kChipToHost, lane_).consumer;
  (void)lane.Look();
  uint64_t moved = 0;
  MessageHeader header;
  for (; moved < kMostATurn && lane.Next(&header) == LaneResult::kOk; ++moved, ++received_) {
    Fill(received_);
    if (header.payload_bytes != payload_.size() || header.correlation_id != received_ || header.sequence != received_) {
      *fault =
          absl::StrCat("message ", received_, " is numbered ", header.correlation_id, ", sequence ", header.sequence);
      return moved;
    }
    if (lane.CopyNext({reinterpret_cast<std::byte*>(payload_.data()), payload_.size()}) != LaneResult::kOk) break;
    if (payload_ != expected_) {
      *fault = absl::StrCat("message ", received_, " was changed");
      return moved;
    }
    lane.Advance();
  }
  (void)lane.Ack(lane.delivered());
  if (lane.poison().has_value())
    *fault = absl::StrCat(PoisonName(lane.poison()->reason), ": ", lane.poison()->evidence);
  return moved;
}

std::string LanePump::Run(uint64_t count) {
  std::string fault;
  while (received_ < count) {
    uint64_t moved;
    {
      ChipLock lock(worker_);
      moved = SendSome(count) + ReceiveSome(&fault);
    }
    if (!fault.empty()) return fault;
    if (moved == 0 && received_ < count && !event_.Wait(After(MonoNow(), kPatience))) {
      return absl::StrCat("nothing moved: ", sent_, " sent, ", received_, " received");
    }
  }
  return "";
}

}  // namespace l3link
