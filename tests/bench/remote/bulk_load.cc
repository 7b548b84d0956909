#include "tests/bench/remote/bulk_load.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "tests/bench/remote/round_trips.h"

namespace l3link::bench {
namespace {

using client::LaneChoice;

constexpr size_t kBatch = 16;

}  // namespace

absl::StatusOr<std::unique_ptr<BulkLoad>> BulkLoad::Start(const client::Orchestrator& echo, uint32_t bytes) {
  v1::ChannelConfig config;
  config.set_host_to_chip_lanes(1);
  config.set_max_message_bytes(bytes);
  auto channel = echo.OpenChannel(0, "", config);
  if (!channel.ok()) return channel.status();
  auto stream = (*channel)->OpenStream({.send = LaneChoice::Lane(0)});
  if (!stream.ok()) return stream.status();
  return std::unique_ptr<BulkLoad>(new BulkLoad(*std::move(channel), *std::move(stream), bytes));
}

BulkLoad::BulkLoad(std::unique_ptr<client::Channel> channel, std::unique_ptr<client::LaneStream> stream, uint32_t bytes)
    : channel_(std::move(channel)), stream_(std::move(stream)), bytes_(bytes), feeder_([this] { Feed(); }) {}

BulkLoad::~BulkLoad() {
  over_ = true;
  if (feeder_.joinable()) feeder_.join();
  stream_.reset();
  channel_->Close().IgnoreError();
}

void BulkLoad::Feed() {
  const std::string payload(bytes_, 'z');
  const std::vector<client::OutgoingMessage> batch(kBatch, {payload});
  while (!over_) {
    const auto sent = stream_->SendBatch(batch, kPatience);
    if (!sent.ok()) {
      fed_ = sent.status();
      return;
    }
    sent_ += *sent;
  }
  fed_ = stream_->Flush(kPatience);
}

absl::StatusOr<double> BulkLoad::Stop() {
  over_ = true;
  feeder_.join();
  if (!fed_.ok()) return fed_;
  return static_cast<double>(sent_ * bytes_) / watch_.seconds();
}

absl::StatusOr<Loaded> RoundTripsBesideBulk(const client::Orchestrator& echo, uint32_t bulk_bytes, uint32_t bytes,
                                            int count) {
  auto channel = echo.OpenChannel(0, "");
  if (!channel.ok()) return channel.status();
  const auto close = absl::MakeCleanup([&] { (*channel)->Close().IgnoreError(); });
  auto stream = (*channel)->OpenStream({.send = LaneChoice::Lane(0), .receive = LaneChoice::Lane(0)});
  if (!stream.ok()) return stream.status();
  auto load = BulkLoad::Start(echo, bulk_bytes);
  if (!load.ok()) return load.status();
  auto times = RoundTripsOver(**stream, bytes, count);
  if (!times.ok()) return times.status();
  const auto bulk = (*load)->Stop();
  if (!bulk.ok()) return bulk.status();
  return Loaded{*std::move(times), *bulk};
}

}  // namespace l3link::bench
