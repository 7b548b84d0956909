#include "server/channel/message_body.h"

#include <google/protobuf/stubs/common.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

bool IsUtf8(absl::string_view bytes) {
  return google::protobuf::internal::IsStructurallyValidUTF8(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

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
