#include "client/cli/signal_expression.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace l3link::cli {
namespace {

using client::Compare;
using client::SignalOp;

struct ComparisonToken {
  absl::string_view text;
  Compare compare;
};

// Longer ones first, where one begins as another does.
constexpr ComparisonToken kComparisons[] = {
    {">=", Compare::kGe},   {">", Compare::kGt},    {"==", Compare::kEq},   {"!=", Compare::kNe},
    {"<=", Compare::kLe},   {"<", Compare::kLt},    {":ge:", Compare::kGe}, {":gt:", Compare::kGt},
    {":eq:", Compare::kEq}, {":ne:", Compare::kNe}, {":le:", Compare::kLe}, {":lt:", Compare::kLt},
    {":", Compare::kGe},
};

constexpr v1::Comparison kProtoComparisons[] = {v1::COMPARISON_GE, v1::COMPARISON_GT, v1::COMPARISON_EQ,
                                                v1::COMPARISON_NE, v1::COMPARISON_LE, v1::COMPARISON_LT};

absl::Status Wrong(absl::string_view text, absl::string_view form) {
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not of the form ", form));
}

// Takes the signal's digits off the front.
bool TakeSignal(absl::string_view* text, uint32_t* signal) {
  const auto end = std::find_if_not(text->begin(), text->end(), absl::ascii_isdigit);
  const size_t digits = static_cast<size_t>(end - text->begin());
  if (!absl::SimpleAtoi(text->substr(0, digits), signal)) return false;
  text->remove_prefix(digits);
  return true;
}

bool ParseValue(absl::string_view text, uint64_t* value) {
  if (text.empty() || !absl::ascii_isdigit(text[0])) return false;  // no sign, no space
  return absl::SimpleAtoi(text, value) || (absl::StartsWith(text, "0x") && absl::SimpleHexAtoi(text, value));
}

}  // namespace

absl::StatusOr<client::SignalCondition> ParseCondition(absl::string_view text) {
  constexpr absl::string_view kForm = "SIGNAL>=VALUE (>= > == != <= <, or :ge: and so on)";
  client::SignalCondition condition;
  absl::string_view rest = text;
  if (!TakeSignal(&rest, &condition.signal)) return Wrong(text, kForm);
  for (const ComparisonToken& token : kComparisons) {
    if (!absl::ConsumePrefix(&rest, token.text)) continue;
    condition.compare = token.compare;
    if (!ParseValue(rest, &condition.target)) break;
    return condition;
  }
  return Wrong(text, kForm);
}

absl::StatusOr<client::SignalChange> ParseSignalChange(absl::string_view text) {
  client::SignalChange change;
  absl::string_view rest = text;
  bool good = TakeSignal(&rest, &change.signal);
  if (absl::ConsumePrefix(&rest, "+=")) {
    change.op = SignalOp::kAdd;
  } else if (absl::ConsumePrefix(&rest, ":max=")) {
    change.op = SignalOp::kMax;
  } else {
    good = good && absl::ConsumePrefix(&rest, "=");
  }
  if (!good || !ParseValue(rest, &change.value)) {
    return Wrong(text, "SIGNAL=VALUE (set), SIGNAL+=VALUE (add) or SIGNAL:max=VALUE (raise to)");
  }
  return change;
}

v1::Condition ToProto(const client::SignalCondition& condition) {
  v1::Condition proto;
  proto.set_signal(condition.signal);
  proto.set_comparison(kProtoComparisons[static_cast<int>(condition.compare)]);
  proto.set_target(condition.target);
  return proto;
}

v1::Notification ToProto(const client::SignalChange& change) {
  v1::Notification proto;
  proto.set_signal(change.signal);
  proto.set_op(change.op == SignalOp::kAdd   ? v1::NOTIFY_OP_ADD
               : change.op == SignalOp::kMax ? v1::NOTIFY_OP_MAX
                                             : v1::NOTIFY_OP_SET);
  proto.set_value(change.value);
  return proto;
}

std::string FormatCondition(const client::SignalCondition& condition) {
  return absl::StrCat("signal ", condition.signal, " ", kComparisons[static_cast<int>(condition.compare)].text, " ",
                      condition.target);
}

}  // namespace l3link::cli
