// absl::Duration to google.protobuf.Duration, for requests.
#ifndef L3LINK_CLIENT_CLI_PROTOBUF_DURATION_H_
#define L3LINK_CLIENT_CLI_PROTOBUF_DURATION_H_

#include <google/protobuf/duration.pb.h>

#include "absl/time/time.h"

namespace l3link::cli {

inline google::protobuf::Duration ToProtoDuration(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_PROTOBUF_DURATION_H_
