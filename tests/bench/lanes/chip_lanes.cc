#include "tests/bench/lanes/chip_lanes.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "tests/bench/lanes/work.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {
namespace {

// What a stream that has many messages publishes at once.
constexpr uint64_t kBatch = 64;

absl::Span<const std::byte> Bytes(const void* data, size_t bytes) {
  return {static_cast<const std::byte*>(data), bytes};
}

absl::Span<std::byte> Room(std::string* text) { return {reinterpret_cast<std::byte*>(text->data()), text->size()}; }

absl::Status CheckPoison(const absl::optional<Poison>& poison) {
  if (!poison.has_value()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(PoisonName(poison->reason), ": ", poison->evidence));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChipLanes>> ChipLanes::Start(const std::string& chip_program) {
  std::unique_ptr<ChipLanes> lanes(new ChipLanes(chip_program));
  if (!lanes->running_.AwaitRunning()) return absl::InternalError(lanes->running_.log());
  return lanes;
}

absl::StatusOr<std::shared_ptr<HostChannel>> ChipLanes::Open(const std::string& name, uint32_t bytes, uint32_t depth) {
  ChannelConfig config;
  config.lane.lane_depth = depth;
  config.lane.max_message_bytes = bytes;
  config.lane.ring_bytes = uint64_t{depth} * bytes;
  return running_.calls().OpenChannel(name, config);
}

absl::Status ChipLanes::TakeOne(LaneConsumer& lane, std::string* out) {
  MessageHeader header;
  for (;;) {
    ChipLock lock(running_.chip());
    const LaneResult found = lane.Poll();
    if (found == LaneResult::kEmpty) continue;
    if (found == LaneResult::kPoisoned || lane.Next(&header) != LaneResult::kOk) return CheckPoison(lane.poison());
    out->resize(header.payload_bytes);
    if (lane.CopyNext(Room(out)) != LaneResult::kOk) return CheckPoison(lane.poison());
    lane.Advance();
    (void)lane.Ack(lane.delivered());
    return absl::OkStatus();
  }
}

absl::StatusOr<uint64_t> ChipLanes::SendInPlace(LaneProducer& lane, uint32_t bytes, uint64_t first, uint64_t most) {
  absl::Span<std::byte> place;
  ChipLock lock(running_.chip());
  uint64_t sent = 0;
  for (; sent < most && lane.Reserve(0, first + sent, bytes, &place) == LaneResult::kOk; ++sent) {
    l3_bench_make(place.data(), bytes, first + sent);
    lane.CommitReserved();
  }
  lane.Publish();
  if (absl::Status status = CheckPoison(lane.poison()); !status.ok()) return status;
  return sent;
}

absl::StatusOr<uint64_t> ChipLanes::SendRun(LaneProducer& lane, uint32_t bytes, uint64_t first, uint64_t most) {
  made_.resize(most * bytes);
  sizes_.assign(most, bytes);
  for (uint64_t i = 0; i < most; ++i) l3_bench_make(made_.data() + i * bytes, bytes, first + i);
  MessageRun run{most, sizes_.data(), nullptr, nullptr, Bytes(made_.data(), made_.size())};
  while (run.count > 0) {
    ChipLock lock(running_.chip());
    const StagedRun staged = lane.StageRun(run);
    if (staged.count < run.count) (void)lane.PollConsumed();
    lane.Publish();
    if (absl::Status status = CheckPoison(lane.poison()); !status.ok()) return status;
    run.RemovePrefix(staged.count, staged.bytes);
  }
  return most;
}

absl::StatusOr<double> ChipLanes::HostToChip(LaneWay way, uint32_t bytes, uint32_t depth) {
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = Open("sink", bytes, depth);
  if (!channel.ok()) return channel.status();
  const auto close = absl::MakeCleanup([&] { running_.calls().CloseChannel(**channel).IgnoreError(); });
  LaneProducer& lane = *(*channel)->lane(Direction::kHostToChip, 0).producer;
  LaneConsumer& answers = *(*channel)->lane(Direction::kChipToHost, 0).consumer;
  const uint64_t count = l3_bench_messages_of(bytes);
  const uint64_t batch = way == LaneWay::kOneInPlace ? 1 : kBatch;
  std::string answer;
  const Stopwatch watch;
  for (uint64_t sent = 0; sent < count;) {
    const uint64_t most = std::min(batch, count - sent);
    const absl::StatusOr<uint64_t> more =
        way == LaneWay::kInRuns ? SendRun(lane, bytes, sent, most) : SendInPlace(lane, bytes, sent, most);
    if (!more.ok()) return more.status();
    sent += *more;
  }
  if (absl::Status asked = running_.calls().ChannelSend(**channel, OutgoingMessage(), kPatience); !asked.ok())
    return asked;
  if (absl::Status status = TakeOne(answers, &answer); !status.ok()) return status;
  const double seconds = watch.seconds();
  uint64_t sum = 0;
  std::memcpy(&sum, answer.data(), sizeof(sum));
  if (sum != l3_bench_expected_sum(count, bytes)) return absl::DataLossError("the chip's sum is wrong");
  return static_cast<double>(count) / seconds;
}

absl::StatusOr<double> ChipLanes::ChipToHost(uint32_t bytes, uint32_t depth) {
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = Open("source", bytes, depth);
  if (!channel.ok()) return channel.status();
  const auto close = absl::MakeCleanup([&] { running_.calls().CloseChannel(**channel).IgnoreError(); });
  LaneConsumer& lane = *(*channel)->lane(Direction::kChipToHost, 0).consumer;
  const uint64_t request[2] = {l3_bench_messages_of(bytes), bytes};
  std::string payload(bytes, '\0');
  uint64_t received = 0, sum = 0;
  const Stopwatch watch;
  if (absl::Status asked =
          running_.calls().ChannelSend(**channel, OutgoingMessage{0, 0, Bytes(request, sizeof(request))}, kPatience);
      !asked.ok()) {
    return asked;
  }
  while (received < request[0]) {
    ChipLock lock(running_.chip());
    MessageHeader header;
    (void)lane.Poll();
    for (uint64_t last = received + kBatch; received < last && lane.Next(&header) == LaneResult::kOk; ++received) {
      if (header.payload_bytes != bytes || lane.CopyNext(Room(&payload)) != LaneResult::kOk) break;
      sum += l3_bench_sum(payload.data(), bytes);
      lane.Advance();
    }
    lane.JournalDelivered();
    (void)lane.Ack(lane.delivered());
    if (absl::Status status = CheckPoison(lane.poison()); !status.ok()) return status;
  }
  const double seconds = watch.seconds();
  if (sum != l3_bench_expected_sum(request[0], bytes)) return absl::DataLossError("the sum of what came is wrong");
  return static_cast<double>(request[0]) / seconds;
}

absl::StatusOr<double> ChipLanes::RoundTrip(uint32_t bytes, uint32_t count) {
  absl::StatusOr<std::shared_ptr<HostChannel>> channel = Open("echo", bytes, 64);
  if (!channel.ok()) return channel.status();
  const auto close = absl::MakeCleanup([&] { running_.calls().CloseChannel(**channel).IgnoreError(); });
  LaneProducer& there = *(*channel)->lane(Direction::kHostToChip, 0).producer;
  LaneConsumer& back = *(*channel)->lane(Direction::kChipToHost, 0).consumer;
  const std::string payload(bytes, 'z');
  std::string echo;
  std::vector<double> times;
  for (uint32_t i = 0; i < count; ++i) {
    const Stopwatch watch;
    {
      ChipLock lock(running_.chip());
      if (there.Stage({0, i, Bytes(payload.data(), bytes)}) != LaneResult::kOk) return CheckPoison(there.poison());
      there.Publish();
    }
    if (absl::Status status = TakeOne(back, &echo); !status.ok()) return status;
    times.push_back(watch.microseconds());
    if (echo != payload) return absl::DataLossError("the echo is not what was sent");
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

}  // namespace l3link::bench
