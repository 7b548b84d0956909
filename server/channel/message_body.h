// The body of a message for people: bytes, text or hex, as readers get it. Pure; any thread.
#ifndef L3LINK_SERVER_CHANNEL_MESSAGE_BODY_H_
#define L3LINK_SERVER_CHANNEL_MESSAGE_BODY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "l3link/v1/channel.pb.h"

namespace l3link {

// Puts `payload` into the body as `form` says: UNSPECIFIED and TEXT as text where it is UTF-8, else as hex. Not PACKED.
void SetBody(v1::Form form, std::string payload, v1::Message* message);

// NOT_UTF8 when `form` is TEXT, explicitly, and the payload is not: for unary Receive, which then leaves the message.
absl::Status CheckText(v1::Form form, absl::string_view payload, uint32_t lane, uint64_t sequence);

}  // namespace l3link

#endif  // L3LINK_SERVER_CHANNEL_MESSAGE_BODY_H_
