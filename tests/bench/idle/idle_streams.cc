#include "tests/bench/idle/idle_streams.h"

#include <utility>

namespace l3link::bench {

using client::LaneChoice;

absl::StatusOr<std::unique_ptr<IdleStreams>> IdleStreams::Open(const std::string& target, size_t connections,
                                                               size_t channels) {
  std::unique_ptr<IdleStreams> idle(new IdleStreams());
  for (size_t i = 0; i < connections; ++i) {
    auto connection = client::Orchestrator::Connect({target});
    if (!connection.ok()) return connection.status();
    idle->connections_.push_back(*std::move(connection));
  }
  for (size_t i = 0; i < channels; ++i) {
    auto channel = idle->connections_[i % connections]->OpenChannel(0, "");
    if (!channel.ok()) return channel.status();
    idle->channels_.push_back(*std::move(channel));
  }
  return idle;
}

absl::Status IdleStreams::GrowTo(size_t count) {
  while (streams_.size() < count) {
    auto stream =
        channels_.at(streams_.size())->OpenStream({.send = LaneChoice::Lane(0), .receive = LaneChoice::Lane(0)});
    if (!stream.ok()) return stream.status();
    streams_.push_back(*std::move(stream));
  }
  return absl::OkStatus();
}

}  // namespace l3link::bench
