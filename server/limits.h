// The one table of this node's defaults and caps: what --help prints, GetNode answers and every check looks at.
#ifndef L3LINK_SERVER_LIMITS_H_
#define L3LINK_SERVER_LIMITS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "backends/host/object_table.h"

namespace l3link {

// What this node runs with. The defaults are the table's; flags change those that say so. Fixed once the node is up.
struct NodeLimits {
  // Objects: also the per-chip caps that the object tables check.
  ObjectLimits objects;
  uint64_t arena_bytes = uint64_t{1} << 30;  // --arena-bytes, a chip

  // Leases.
  absl::Duration lease_ttl = absl::Seconds(30);  // --lease-ttl; an attach may ask for another
  absl::Duration min_lease_ttl = absl::Seconds(1);
  absl::Duration max_lease_ttl = absl::Minutes(10);
  uint64_t max_leases = 65'536;

  // Streams.
  uint64_t max_streams = 16'384;                       // of both services together
  uint64_t max_frame_bytes = uint64_t{1} << 20;        // of either side's frames; larger messages go as fragments
  uint64_t stream_window_bytes = uint64_t{4} << 20;    // sent and not yet published, where the budget allows
  uint64_t window_budget_bytes = uint64_t{256} << 20;  // of all streams' windows together
  absl::Duration attach_timeout = absl::Seconds(5);
  uint32_t max_waits_per_stream = 65'536;  // watches of one MemoryService.Stream
  uint32_t max_waits = 262'144;            // waits and watches of the node
  uint32_t max_conditions = 64;            // of one wait or watch
  uint32_t max_regions_per_stream = 256;
  uint32_t max_unary_messages = 4'096;  // of one Send, Receive or Peek

  // Connections.
  uint64_t max_streams_per_connection = 16'384;
  uint64_t max_request_bytes = uint64_t{66} << 20;  // one gRPC message: a unary Send of the largest lane message
  uint64_t max_metadata_bytes = 16'384;
  uint64_t memory_quota_bytes = uint64_t{1} << 30;  // gRPC's buffers for all connections
  absl::Duration handshake_timeout = absl::Seconds(10);
  absl::Duration drain_timeout = absl::Seconds(10);  // --drain-timeout
};

// One row as people and GetNode see it; durations in milliseconds.
struct LimitRow {
  std::string name;
  uint64_t default_value;  // with this node's flags
  uint64_t maximum;
  std::string unit;
  std::string meaning;
};

std::vector<LimitRow> LimitTable(const NodeLimits& limits);

// The table as lines of text: name, default, maximum, unit, meaning.
std::string LimitTableText(const NodeLimits& limits);

}  // namespace l3link

#endif  // L3LINK_SERVER_LIMITS_H_
