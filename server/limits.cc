#include "server/limits.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "backends/arena_limits.h"

namespace l3link {
namespace {

uint64_t Ms(absl::Duration duration) { return static_cast<uint64_t>(absl::ToInt64Milliseconds(duration)); }

}  // namespace

std::vector<LimitRow> LimitTable(const NodeLimits& n) {
  const ObjectLimits& o = n.objects;
  return {
      {"lane_depth", 64, o.max_lane_depth, "messages", "capacity of a lane; a power of two"},
      {"max_message_bytes", 4096, o.max_message_bytes, "bytes", "largest message of a channel"},
      {"alignment", 64, 512, "bytes", "of payloads in a ring; a power of two from 8"},
      {"lanes", 1, o.max_lanes, "lanes", "of a channel, each direction"},
      {"signals", 2, o.max_signals, "signals", "of a region"},
      {"objects", o.max_objects, o.max_objects, "objects", "channels and regions of a chip together"},
      {"arena_bytes", n.arena_bytes, kMaxArenaBytes, "bytes",
       "shared memory of a chip, sparse (--arena-bytes); 64 GiB on a2a3sim"},
      {"region_data_bytes", n.arena_bytes, kMaxArenaBytes, "bytes", "data of a region: what the arena has room for"},
      {"lease_ttl", Ms(n.lease_ttl), Ms(n.max_lease_ttl), "ms", "a lane stays held without a frame (--lease-ttl)"},
      {"leases", n.max_leases, n.max_leases, "leases", "at once; a stream's two lanes are one"},
      {"streams", n.max_streams, n.max_streams, "streams", "of all services at once"},
      {"streams_per_connection", n.max_streams_per_connection, n.max_streams_per_connection, "calls",
       "open calls of one connection"},
      {"frame_bytes", n.max_frame_bytes, n.max_frame_bytes, "bytes", "one frame; larger messages go as fragments"},
      {"stream_window_bytes", n.stream_window_bytes, n.window_budget_bytes, "bytes",
       "sent and not yet published on a stream; at least one largest message"},
      {"window_budget_bytes", n.window_budget_bytes, n.window_budget_bytes, "bytes", "all streams' windows together"},
      {"waits_per_stream", n.max_waits_per_stream, n.max_waits_per_stream, "watches", "on one MemoryService.Stream"},
      {"waits", n.max_waits, n.max_waits, "waits", "waits and watches of the node"},
      {"conditions", n.max_conditions, n.max_conditions, "conditions", "of one wait or watch"},
      {"regions_per_stream", n.max_regions_per_stream, n.max_regions_per_stream, "regions", "that one attach names"},
      {"unary_messages", n.max_unary_messages, n.max_unary_messages, "messages", "of one Send, Receive or Peek"},
      {"request_bytes", n.max_request_bytes, n.max_request_bytes, "bytes", "one gRPC request"},
      {"metadata_bytes", n.max_metadata_bytes, n.max_metadata_bytes, "bytes", "headers of one call"},
      {"memory_quota_bytes", n.memory_quota_bytes, n.memory_quota_bytes, "bytes", "gRPC's buffers of all connections"},
      {"attach_timeout", Ms(n.attach_timeout), Ms(n.attach_timeout), "ms", "from a stream's start to its attach"},
      {"handshake_timeout", Ms(n.handshake_timeout), Ms(n.handshake_timeout), "ms",
       "from a connection to its settings"},
      {"drain_timeout", Ms(n.drain_timeout), 3'600'000, "ms", "from SIGTERM to the end (--drain-timeout)"},
  };
}

std::string LimitTableText(const NodeLimits& limits) {
  std::string text = absl::StrFormat("  %-23s %13s %15s  %s\n", "limit", "default", "maximum", "unit, meaning");
  for (const LimitRow& row : LimitTable(limits)) {
    absl::StrAppendFormat(&text, "  %-23s %13u %15u  %s: %s\n", row.name, row.default_value, row.maximum, row.unit,
                          row.meaning);
  }
  return text;
}

}  // namespace l3link
