#include "backends/host/refusal.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace l3link {
namespace {

// The payload's text: the reason's name, then key and value by turns, each closed by a zero byte.
constexpr absl::string_view kPayloadUrl = "l3link.refusal";
constexpr char kEnd = '\0';

const ReasonRow kRows[] = {
#define L3_REFUSAL(name, code, remedy) {Reason::k##name, #name, absl::StatusCode::code, remedy},
#include "backends/host/refusal_table.inc"
#undef L3_REFUSAL
};

const ReasonRow* RowNamed(absl::string_view name) {
  for (const ReasonRow& row : kRows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

absl::Span<const ReasonRow> ReasonTable() { return kRows; }

absl::Status Refuse(Reason reason, absl::string_view message, Metadata metadata) {
  const ReasonRow& row = kRows[static_cast<int>(reason)];
  std::string payload = absl::StrCat(row.name, absl::string_view(&kEnd, 1));
  for (const auto& [key, value] : metadata) {
    absl::StrAppend(&payload, key, absl::string_view(&kEnd, 1), value, absl::string_view(&kEnd, 1));
  }
  absl::Status status(row.code, message);
  status.SetPayload(kPayloadUrl, absl::Cord(payload));
  return status;
}

absl::optional<Refusal> RefusalOf(const absl::Status& status) {
  absl::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return absl::nullopt;
  std::vector<std::string> words = absl::StrSplit(std::string(*payload), kEnd);
  Refusal refusal{RowNamed(words[0]), {}};
  if (refusal.row == nullptr) return absl::nullopt;
  for (size_t i = 1; i + 1 < words.size(); i += 2) refusal.metadata.emplace_back(words[i], words[i + 1]);
  return refusal;
}

absl::Status WithMetadata(const absl::Status& status, const Metadata& more) {
  absl::optional<Refusal> refusal = RefusalOf(status);
  if (!refusal.has_value()) return status;
  for (const auto& [key, value] : more) {
    const bool has = std::any_of(refusal->metadata.begin(), refusal->metadata.end(),
                                 [&key = key](const auto& entry) { return entry.first == key; });
    if (!has) refusal->metadata.emplace_back(key, value);
  }
  return Refuse(refusal->row->reason, status.message(), std::move(refusal->metadata));
}

bool IsRefusal(const absl::Status& status, Reason reason) {
  absl::optional<Refusal> refusal = RefusalOf(status);
  return refusal.has_value() && refusal->row->reason == reason;
}

}  // namespace l3link
