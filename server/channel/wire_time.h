// Durations of the wire, which may say anything, for the calls on channels. Stateless; any thread.
#ifndef L3LINK_SERVER_CHANNEL_WIRE_TIME_H_
#define L3LINK_SERVER_CHANNEL_WIRE_TIME_H_

#include <google/protobuf/duration.pb.h>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace l3link {

// Without judging it.
absl::Duration DurationOf(const google::protobuf::Duration& duration);

// INVALID_ARGUMENT_FIELD{field, value, limit} when a request's `timeout` is negative; `remedy` says what to give instead.
absl::Status CheckTimeout(const google::protobuf::Duration& timeout, absl::string_view remedy);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_WIRE_TIME_H_
