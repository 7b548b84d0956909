// The contests in which the project works through a node, and a raw gRPC program is the baseline.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/contests.h"
#include "tests/bench/field.h"
#include "tests/bench/raw/raw_tcp.h"
#include "tests/bench/remote/remote_lanes.h"
#include "tests/bench/remote/remote_regions.h"

namespace l3link::bench {
namespace {

Contestant PingPong(Field* field, bool spins, int count) {
  return {spins ? "raw gRPC ping-pong, polled without sleeping" : "raw gRPC ping-pong",
          [field, spins, count]() -> absl::StatusOr<Readings> {
            auto raw = field->raw();
            if (!raw.ok()) return raw.status();
            return Percentiles((*raw)->PingPong(64, count, spins));
          }};
}

// Frames of `frame_bytes` of bare bytes, counted in messages of `bytes`, or in bytes when that is 0.
Contestant RawFrames(Field* field, const std::string& name, uint64_t total_bytes, uint64_t frame_bytes, double scale) {
  return {name, [=]() -> absl::StatusOr<Readings> {
            auto raw = field->raw();
            if (!raw.ok()) return raw.status();
            return One((*raw)->SendFrames(std::max<uint64_t>(total_bytes / frame_bytes, 1), frame_bytes), scale);
          }};
}

std::vector<Contestant> BulkFrames(Field* field, uint64_t total_bytes, double scale) {
  return {RawFrames(field, "raw gRPC, byte-buffer frames of 64 KiB", total_bytes, 64 << 10, scale),
          RawFrames(field, "raw gRPC, byte-buffer frames of 256 KiB", total_bytes, 256 << 10, scale),
          RawFrames(field, "raw gRPC, byte-buffer frames of 1 MiB", total_bytes, 1 << 20, scale)};
}

Contestant Remote(Field* field, const std::string& name, std::function<absl::StatusOr<Readings>(RemoteLanes&)> run) {
  return {name, [=]() -> absl::StatusOr<Readings> {
            auto echo = field->echo();
            if (!echo.ok()) return echo.status();
            auto sink = field->sink();
            if (!sink.ok()) return sink.status();
            RemoteLanes lanes(*echo, *sink);
            return run(lanes);
          }};
}

Contestant Regions(Field* field, const std::string& name, std::function<absl::StatusOr<Readings>(RemoteRegions&)> run) {
  return {name, [=]() -> absl::StatusOr<Readings> {
            auto signals = field->signals();
            if (!signals.ok()) return signals.status();
            RemoteRegions regions(*signals);
            return run(regions);
          }};
}

}  // namespace

void Contests::AddRoundTrips() {
  const int count = quick_ ? 3'000 : 20'000;
  Field* const field = field_.get();
  Add("round_trip",
      {{{"remote_round_trip_p50", "us", Better::kLower, 1.4}, {"remote_round_trip_p99", "us", Better::kLower, 1.4}},
       Remote(field, "client, node, chip echo and back",
              [count](RemoteLanes& lanes) { return Percentiles(lanes.RoundTrips(64, count)); }),
       {PingPong(field, /*spins=*/false, count), PingPong(field, /*spins=*/true, count)}});
}

void Contests::AddStreaming() {
  Field* const field = field_.get();
  const auto ours = [&](uint32_t bytes, uint64_t count) {
    return Remote(field, absl::StrCat("streaming ", bytes, " B"),
                  [=](RemoteLanes& lanes) { return One(lanes.StreamIn(bytes, count)); });
  };
  const uint64_t total = quick_ ? 64 << 20 : 256 << 20;
  Add("streaming",
      {{{"stream_64B_vs_a_write_each", "msg/s", Better::kHigher, 100}},
       ours(64, total / 64),
       {RawFrames(field, "raw gRPC, one message a Write", 64 * (quick_ ? 50'000 : 200'000), 64, 1. / 64)}});
  const struct {
    uint32_t bytes;
    const char* name;
    double goal;
  } sizes[] = {{64, "stream_64B", 0.6}, {256, "stream_256B", 0.7}, {4096, "stream_4KiB", 0.7}};
  for (const auto& size : sizes) {
    Add("streaming", {{{size.name, "msg/s", Better::kHigher, size.goal}},
                      ours(size.bytes, total / size.bytes),
                      BulkFrames(field, total, 1. / size.bytes)});
  }
}

void Contests::AddBulk() {
  Field* const field = field_.get();
  const uint64_t total = quick_ ? 128 << 20 : 512 << 20;
  for (const auto& [bytes, name] : {std::pair{64u << 10, "stream_64KiB"}, {1u << 20, "stream_1MiB"}}) {
    Add("bulk", {{{name, "GB/s", Better::kHigher, 0.8}},
                 Remote(field, "streaming",
                        [=, bytes = bytes](RemoteLanes& lanes) {
                          return One(lanes.StreamIn(bytes, total / bytes), bytes / 1e9);
                        }),
                 BulkFrames(field, total, 1e-9)});
  }
}

void Contests::AddRegions() {
  Field* const field = field_.get();
  const uint64_t bytes = 256 << 20;
  const Contestant ours =
      Regions(field, "Region::Write and Read", [=](RemoteRegions& regions) -> absl::StatusOr<Readings> {
        auto bulk = regions.WriteAndRead(bytes);
        if (!bulk.ok()) return bulk.status();
        return Readings{bulk->write / 1e9, bulk->read / 1e9};
      });
  const auto frames = [&](const char* size, uint64_t frame_bytes) -> Contestant {
    return {absl::StrCat("raw gRPC, byte-buffer frames of ", size), [=]() -> absl::StatusOr<Readings> {
              auto raw = field->raw();
              if (!raw.ok()) return raw.status();
              auto sent = (*raw)->SendFrames(bytes / frame_bytes, frame_bytes);
              if (!sent.ok()) return sent.status();
              auto received = (*raw)->ReceiveFrames(bytes / frame_bytes, frame_bytes);
              if (!received.ok()) return received.status();
              return Readings{*sent / 1e9, *received / 1e9};
            }};
  };
  const Contestant tcp = {"raw TCP", [=]() -> absl::StatusOr<Readings> {
                            auto sent = TcpSend(bytes);  // either way the same
                            if (!sent.ok()) return sent.status();
                            return Readings{*sent / 1e9, *sent / 1e9};
                          }};
  Add("regions",
      {{{"region_write_256MiB", "GB/s", Better::kHigher, 0.9}, {"region_read_256MiB", "GB/s", Better::kHigher, 0.9}},
       ours,
       {frames("64 KiB", 64 << 10), frames("256 KiB", 256 << 10), frames("1 MiB", 1 << 20)}});
  Add("regions",
      {{{"region_write_vs_tcp", "GB/s", Better::kHigher, 0}, {"region_read_vs_tcp", "GB/s", Better::kHigher, 0}},
       ours,
       {tcp}});
}

void Contests::AddSignals() {
  Field* const field = field_.get();
  const int count = quick_ ? 3'000 : 20'000;
  Add("signals",
      {{{"notify_round_trip_p50", "us", Better::kLower, 1.4}, {"notify_round_trip_p99", "us", Better::kLower, 0}},
       Regions(field, "Notify, chip, watch",
               [=](RemoteRegions& regions) { return Percentiles(regions.NotifyRoundTrips(count)); }),
       {PingPong(field, /*spins=*/false, count), PingPong(field, /*spins=*/true, count)}});
  Add("signals",
      {{{"waits_10000_armed_p50", "us", Better::kLower, 1.2}, {"waits_10000_armed_p99", "us", Better::kLower, 0}},
       Regions(field, "10,000 waits armed",
               [=](RemoteRegions& regions) { return Percentiles(regions.NotifyRoundTripsBeside(10'000, count)); }),
       {Regions(field, "1 wait armed",
                [=](RemoteRegions& regions) { return Percentiles(regions.NotifyRoundTripsBeside(1, count)); })}});
}

void Contests::AddStreams() {
  Field* const field = field_.get();
  const uint64_t count = quick_ ? 1'000'000 : 4'000'000;
  const auto over = [&](uint32_t streams) {
    return Remote(field, absl::StrCat(streams, streams == 1 ? " stream" : " streams"),
                  [=](RemoteLanes& lanes) { return One(lanes.StreamIn(64, count, streams)); });
  };
  for (uint32_t streams : {2, 4, 8}) {
    Add("streams", {{{absl::StrCat("streams_", streams), "msg/s", Better::kHigher, 0.9}}, over(streams), {over(1)}});
  }
}

}  // namespace l3link::bench
