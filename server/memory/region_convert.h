// The wire's words for regions to the backends' and back. Pure; any thread.
#ifndef L3LINK_SERVER_MEMORY_REGION_CONVERT_H_
#define L3LINK_SERVER_MEMORY_REGION_CONVERT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backends/host/host_region.h"
#include "backends/host/object_config.h"
#include "backends/host/signal_waits.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/repeated_field.h"
#include "l3link/v1/memory.pb.h"

namespace l3link {

// With every default filled in: signal 0 host, signal 1 chip, further ones both. INVALID_ARGUMENT_FIELD.
absl::StatusOr<RegionConfig> ConfigOf(const v1::RegionConfig& config, const ObjectLimits& limits);
v1::RegionConfig ToProto(const RegionConfig& config);

v1::RegionId IdOf(uint32_t worker_id, const HostRegion& region);
// "region 0/vector": for messages.
std::string RegionLabel(uint32_t worker_id, absl::string_view name);

// UNSPECIFIED is SET, GE and ANY; INVALID_ARGUMENT_FIELD for values this node does not know.
absl::StatusOr<Notification> NotificationOf(const v1::Notification& notification);
absl::StatusOr<Combine> CombineOf(v1::Combine combine);
// 1 to `most` conditions; region_index is the caller's to check.
absl::StatusOr<std::vector<Condition>> ConditionsOf(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions,
                                                    uint32_t most);
// Not negative, and a valid Duration; else INVALID_ARGUMENT_FIELD.
absl::StatusOr<absl::Duration> TimeoutOf(const google::protobuf::Duration& timeout);

// INVALID_ARGUMENT_FIELD beyond 64 bytes.
absl::Status CheckRequestId(absl::string_view request_id);

// "field NAME: VALUE; LIMIT": INVALID_ARGUMENT_FIELD with its metadata.
absl::Status BadField(absl::string_view field, absl::string_view value, absl::string_view limit);

}  // namespace l3link

#endif  // L3LINK_SERVER_MEMORY_REGION_CONVERT_H_
