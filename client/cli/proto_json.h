// A protobuf message as JSON for scripts: field names as in the .proto, integers as numbers (not strings), enums by their
// short name in lower case, durations as seconds, bytes as base64, every field of presence-less kind present.
#ifndef L3LINK_CLIENT_CLI_PROTO_JSON_H_
#define L3LINK_CLIENT_CLI_PROTO_JSON_H_

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <string>

namespace l3link::cli {

using Json = nlohmann::ordered_json;

// Optional fields and oneof members appear only when set. "poisoned": false is there, so that jq needs no defaults.
Json ToJson(const google::protobuf::Message& message);

// One line, or indented by two. Bytes that are not UTF-8 in a string (a peer's error text) become U+FFFD.
std::string DumpLine(const Json& json);
std::string DumpIndented(const Json& json);

}  // namespace l3link::cli

#endif  // L3LINK_CLIENT_CLI_PROTO_JSON_H_
