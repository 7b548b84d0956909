#include "server/channel/message_body.h"

#include <google/protobuf/stubs/common.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

bool IsUtf8(absl::string_view bytes) {
  return google::protobuf::internal::IsStructurallyValidUTF8(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

absl::StatusOr<std::string> PayloadOf(const v1::Message& message) {
  switch (message.body_case()) {
    case v1::Message::kData: return message.data();
    case v1::Message::kText: return message.text();
    case v1::Message::kHex: break;
    case v1::Message::BODY_NOT_SET: return std::string();
  }
  const std::string& hex = message.hex();
  const auto wrong = std::find_if_not(hex.begin(), hex.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); });
  if (wrong != hex.end() || hex.size() % 2 != 0) {
    return Refuse(Reason::kMALFORMED_FRAME,
                  absl::StrCat("hex body of ", hex.size(), " characters: ",
                               wrong != hex.end() ? absl::StrCat("no hex digit at ", wrong - hex.begin())
                                                  : std::string("an odd number of digits")),
                  {{"field", "hex"}});
  }
  return absl::HexStringToBytes(hex);
}

size_t PayloadBytesOf(const v1::Message& message) {
  switch (message.body_case()) {
    case v1::Message::kData: return message.data().size();
    case v1::Message::kText: return message.text().size();
    case v1::Message::kHex: return message.hex().size() / 2;
    case v1::Message::BODY_NOT_SET: break;
  }
  return 0;
}

void SetBody(v1::Form form, std::string payload, v1::Message* message) {
  if (form == v1::FORM_DATA) {
    message->set_data(std::move(payload));
  } else if (form != v1::FORM_HEX && IsUtf8(payload)) {
    message->set_text(std::move(payload));
  } else {
    message->set_hex(absl::BytesToHexString(payload));
  }
}

absl::Status CheckText(v1::Form form, absl::string_view payload, uint32_t lane, uint64_t sequence) {
  if (form != v1::FORM_TEXT || IsUtf8(payload)) return absl::OkStatus();
  return Refuse(Reason::kNOT_UTF8,
                absl::StrCat("lane ", lane, ": message ", sequence, " of ", payload.size(), " bytes is not UTF-8"),
                {{"lane", absl::StrCat(lane)}, {"sequence", absl::StrCat(sequence)}});
}

}  // namespace l3link
