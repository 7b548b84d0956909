#include "client/main_job/node_job.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace l3link::main_job {
namespace {

constexpr uint32_t kLeastMessageBytes = 256;

}  // namespace

NodeJob::NodeJob(const client::Orchestrator& orchestrator, size_t node, const JobOptions& options, const Corpus& corpus,
                 const std::atomic<bool>& stop)
    : orchestrator_(orchestrator), node_(node), options_(options), corpus_(corpus), stop_(stop) {}

// By the target's index, as two nodes may have one name.
client::WorkerAddress NodeJob::Worker() const { return {absl::StrCat(node_), options_.worker}; }

absl::Status NodeJob::Open() {
  v1::ChannelConfig config;
  config.set_host_to_chip_lanes(options_.lanes);
  config.set_chip_to_host_lanes(options_.lanes);
  config.set_lane_depth(options_.depth);
  config.set_max_message_bytes(std::max<uint32_t>(kLeastMessageBytes, static_cast<uint32_t>(corpus_.longest())));
  auto channel = orchestrator_.OpenChannel(Worker(), options_.channel, config);
  if (!channel.ok()) return channel.status();
  channel_ = *std::move(channel);
  for (uint32_t lane = 0; lane < options_.lanes; ++lane) {
    auto stream = HoldLane(lane);
    if (!stream.ok()) return stream.status();
    const LaneSeries series(corpus_, options_.seed, lane, options_.lanes,
                            ShareOfLane(options_.messages, lane, options_.lanes));
    lanes_.push_back(std::make_unique<LaneRun>(*std::move(stream), series, options_.patience, stop_));
  }
  if (options_.vector_elements == 0) return absl::OkStatus();
  v1::RegionConfig region_config;
  region_config.set_data_bytes(VectorRegionBytes(options_.vector_elements));
  region_config.set_signal_count(2);
  region_config.add_signal_writers(v1::SIGNAL_WRITER_HOST);
  region_config.add_signal_writers(v1::SIGNAL_WRITER_CHIP);
  auto region = orchestrator_.OpenRegion(Worker(), options_.region, region_config);
  if (!region.ok()) return region.status();
  region_ = *std::move(region);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<client::LaneStream>> NodeJob::HoldLane(uint32_t lane) {
  client::StreamOptions options;
  options.send = client::LaneChoice::Lane(lane);
  options.receive = client::LaneChoice::Lane(lane);
  return channel_->OpenStream(options);
}

void NodeJob::StartStreaming() {
  for (const auto& lane : lanes_) lane->Start();
}

uint64_t NodeJob::verified() const {
  uint64_t sum = 0;
  for (const auto& lane : lanes_) sum += lane->verified();
  return sum;
}

void NodeJob::WaitForLanes() {
  for (const auto& lane : lanes_) lane->Join();
}

absl::Status NodeJob::FinishStreaming(Report* report) {
  absl::Status status;
  for (const auto& lane : lanes_) {
    report->replies.Add(lane->counts());
    report->payload_bytes += lane->payload_bytes();
    status.Update(lane->status());
  }
  lanes_.clear();
  return status;
}

absl::Status NodeJob::RunRoundTrips(Report* report, std::vector<double>* microseconds) {
  if (options_.round_trips == 0) return absl::OkStatus();
  const auto stream = HoldLane(0);
  if (!stream.ok()) return stream.status();
  const LaneSeries series(corpus_, options_.seed, 0, options_.lanes, options_.round_trips);
  const auto trips = MeasureRoundTrips(**stream, series, options_.patience, stop_);
  if (!trips.ok()) return trips.status();
  report->round_trips.Add(trips->counts);
  microseconds->insert(microseconds->end(), trips->microseconds.begin(), trips->microseconds.end());
  return absl::OkStatus();
}

absl::Status NodeJob::RunVectorRounds(Report* report) {
  if (region_ == nullptr) return absl::OkStatus();
  const auto counts =
      RunVectors(*region_, options_.vector_elements, options_.vector_rounds, options_.seed, options_.patience, stop_);
  if (!counts.ok()) return counts.status();
  report->vectors.Add(*counts);
  return absl::OkStatus();
}

absl::Status NodeJob::Close() {
  absl::Status status;
  lanes_.clear();
  if (channel_ != nullptr) status.Update(channel_->Close().status());
  if (region_ != nullptr) status.Update(region_->Close());
  return status;
}

}  // namespace l3link::main_job
