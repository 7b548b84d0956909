// absl::Duration to and from google.protobuf.Duration. Stateless; any thread.
#ifndef L3LINK_CLIENT_DURATIONS_H_
#define L3LINK_CLIENT_DURATIONS_H_

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"

namespace l3link::client {

inline google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

inline absl::Duration FromProto(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

}  // namespace l3link::client

#endif  // L3LINK_CLIENT_DURATIONS_H_
