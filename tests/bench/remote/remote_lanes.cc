#include "tests/bench/remote/remote_lanes.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "backends/sim/chip/seeded_payload.h"
#include "tests/bench/remote/round_trips.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {
namespace {

using client::LaneChoice;

constexpr uint64_t kSeed = 1;  // of l3link-sim-chip's sink

v1::ChannelConfig Config(uint32_t lanes, uint32_t bytes) {
  v1::ChannelConfig config;
  config.set_host_to_chip_lanes(lanes);
  config.set_chip_to_host_lanes(lanes);
  config.set_max_message_bytes(std::max(bytes, 64u));
  config.set_lane_depth(bytes >= (64u << 10) ? 64 : bytes >= 4096 ? 1024 : 4096);
  return config;
}

// The messages of one lane, ready before the clock starts.
class Messages {
 public:
  Messages(uint32_t lane, uint32_t bytes, uint64_t count) : memory_(bytes * count, '\0') {
    messages_.reserve(count);
    for (uint64_t i = 0; i < count; ++i) {
      char* at = memory_.data() + i * bytes;
      FillSeededPayload(kSeed, lane, i, {reinterpret_cast<uint8_t*>(at), bytes});
      messages_.push_back({{at, bytes}, lane, i});
    }
  }
  absl::Span<const client::OutgoingMessage> all() const { return messages_; }

 private:
  std::string memory_;
  std::vector<client::OutgoingMessage> messages_;
};

// Sends all, then asks the sink what it has verified: the answer comes behind the last message.
absl::Status SendAndAsk(client::LaneStream& stream, uint32_t lane, const Messages& messages) {
  auto sent = stream.SendBatch(messages.all(), kPatience);
  if (!sent.ok()) return sent.status();
  if (*sent != messages.all().size()) return absl::DeadlineExceededError("not all was taken");
  if (absl::Status asked = stream.Send({"", lane}, kPatience); !asked.ok()) return asked;
  auto answer = stream.Receive(kPatience);
  if (!answer.ok()) return answer.status();
  const std::string expected = absl::StrCat("lane ", lane, " verified ", messages.all().size(), " wrong 0");
  const std::string_view got = answer->front().payload;
  return got == expected ? absl::OkStatus() : absl::DataLossError(absl::StrCat("the sink says: ", std::string(got)));
}

}  // namespace

absl::StatusOr<std::vector<double>> RemoteLanes::RoundTrips(uint32_t bytes, int count) {
  auto channel = echo_.OpenChannel(0, "", Config(1, bytes));
  if (!channel.ok()) return channel.status();
  const auto close = absl::MakeCleanup([&] { (*channel)->Close().IgnoreError(); });
  auto stream = (*channel)->OpenStream({.send = LaneChoice::Lane(0), .receive = LaneChoice::Lane(0)});
  if (!stream.ok()) return stream.status();
  return RoundTripsOver(**stream, bytes, count);
}

absl::StatusOr<double> RemoteLanes::StreamIn(uint32_t bytes, uint64_t count, uint32_t streams) {
  auto channel = sink_.OpenChannel(0, "", Config(streams, bytes));
  if (!channel.ok()) return channel.status();
  const auto close = absl::MakeCleanup([&] { (*channel)->Close().IgnoreError(); });
  std::vector<Messages> messages;
  std::vector<std::unique_ptr<client::LaneStream>> open;
  for (uint32_t lane = 0; lane < streams; ++lane) {
    messages.emplace_back(lane, bytes, count / streams);
    auto stream = (*channel)->OpenStream({.send = LaneChoice::Lane(lane), .receive = LaneChoice::Lane(lane)});
    if (!stream.ok()) return stream.status();
    open.push_back(*std::move(stream));
  }
  std::vector<absl::Status> ended(streams);
  std::vector<std::thread> senders;
  const Stopwatch watch;
  for (uint32_t lane = 0; lane < streams; ++lane) {
    senders.emplace_back([&, lane] { ended[lane] = SendAndAsk(*open[lane], lane, messages[lane]); });
  }
  for (std::thread& sender : senders) sender.join();
  const double seconds = watch.seconds();
  for (const absl::Status& status : ended) {
    if (!status.ok()) return status;
  }
  return static_cast<double>(count / streams * streams) / seconds;
}

}  // namespace l3link::bench
