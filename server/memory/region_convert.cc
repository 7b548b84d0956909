#include "server/memory/region_convert.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"

namespace l3link {
namespace {

absl::StatusOr<Comparison> ComparisonOf(v1::Comparison comparison) {
  switch (comparison) {
    case v1::COMPARISON_UNSPECIFIED:
    case v1::COMPARISON_GE: return Comparison::kGe;
    case v1::COMPARISON_GT: return Comparison::kGt;
    case v1::COMPARISON_EQ: return Comparison::kEq;
    case v1::COMPARISON_NE: return Comparison::kNe;
    case v1::COMPARISON_LE: return Comparison::kLe;
    case v1::COMPARISON_LT: return Comparison::kLt;
    default: break;
  }
  return BadField("conditions.comparison", absl::StrCat(static_cast<int>(comparison)), "0 to 6 (see enum Comparison)");
}

absl::StatusOr<SignalWriter> WriterOf(int writer) {
  switch (writer) {
    case v1::SIGNAL_WRITER_UNSPECIFIED:
    case v1::SIGNAL_WRITER_BOTH: return SignalWriter::kBoth;
    case v1::SIGNAL_WRITER_HOST: return SignalWriter::kHost;
    case v1::SIGNAL_WRITER_CHIP: return SignalWriter::kChip;
    default: break;
  }
  return BadField("config.signal_writers", absl::StrCat(writer), "0 to 3 (see enum SignalWriter)");
}

v1::SignalWriter ToProto(SignalWriter writer) {
  if (writer == SignalWriter::kHost) return v1::SIGNAL_WRITER_HOST;
  return writer == SignalWriter::kChip ? v1::SIGNAL_WRITER_CHIP : v1::SIGNAL_WRITER_BOTH;
}

}  // namespace

absl::Status BadField(absl::string_view field, absl::string_view value, absl::string_view limit) {
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD, absl::StrCat("field ", field, ": ", value, "; ", limit),
                {{"field", std::string(field)}, {"value", std::string(value)}, {"limit", std::string(limit)}});
}

absl::StatusOr<RegionConfig> ConfigOf(const v1::RegionConfig& config, const ObjectLimits& limits) {
  RegionConfig asked;
  asked.data_bytes = config.data_bytes();
  const auto& writers = config.signal_writers();
  if (!writers.empty() && config.signal_count() != 0 &&
      config.signal_count() != static_cast<uint32_t>(writers.size())) {
    return BadField("config.signal_writers", absl::StrCat(writers.size(), " writers"),
                    absl::StrCat("one a signal (signal_count ", config.signal_count(), "), or none"));
  }
  for (int writer : writers) {
    absl::StatusOr<SignalWriter> known = WriterOf(writer);
    if (!known.ok()) return known.status();
    asked.signal_writers.push_back(*known);
  }
  const uint32_t signal_count = writers.empty() ? config.signal_count() : static_cast<uint32_t>(writers.size());
  return CompleteRegionConfig(std::move(asked), signal_count, limits);
}

v1::RegionConfig ToProto(const RegionConfig& config) {
  v1::RegionConfig result;
  result.set_data_bytes(config.data_bytes);
  result.set_signal_count(config.signal_count());
  for (SignalWriter writer : config.signal_writers) result.add_signal_writers(ToProto(writer));
  return result;
}

v1::RegionId IdOf(uint32_t worker_id, const HostRegion& region) {
  v1::RegionId id;
  id.set_worker_id(worker_id);
  id.set_name(region.name());
  id.set_generation(region.generation());
  return id;
}

std::string RegionLabel(uint32_t worker_id, absl::string_view name) {
  return absl::StrCat("region ", worker_id, "/", name);
}

absl::StatusOr<Notification> NotificationOf(const v1::Notification& notification) {
  Notification result;
  result.signal = notification.signal();
  result.value = notification.value();
  switch (notification.op()) {
    case v1::NOTIFY_OP_UNSPECIFIED:
    case v1::NOTIFY_OP_SET: result.op = NotifyOp::kSet; return result;
    case v1::NOTIFY_OP_ADD: result.op = NotifyOp::kAdd; return result;
    case v1::NOTIFY_OP_MAX: result.op = NotifyOp::kMax; return result;
    default: break;
  }
  return BadField("notify.op", absl::StrCat(static_cast<int>(notification.op())), "0 to 3 (see enum NotifyOp)");
}

absl::StatusOr<Combine> CombineOf(v1::Combine combine) {
  if (combine == v1::COMBINE_UNSPECIFIED || combine == v1::COMBINE_ANY) return Combine::kAny;
  if (combine == v1::COMBINE_ALL) return Combine::kAll;
  return BadField("combine", absl::StrCat(static_cast<int>(combine)), "0 to 2 (see enum Combine)");
}

absl::StatusOr<std::vector<Condition>> ConditionsOf(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions,
                                                    uint32_t most) {
  if (conditions.empty() || static_cast<uint32_t>(conditions.size()) > most) {
    return BadField("conditions", absl::StrCat(conditions.size(), " conditions"), absl::StrCat("1 to ", most));
  }
  std::vector<Condition> result;
  result.reserve(conditions.size());
  for (const v1::Condition& condition : conditions) {
    absl::StatusOr<Comparison> comparison = ComparisonOf(condition.comparison());
    if (!comparison.ok()) return comparison.status();
    result.push_back({condition.signal(), *comparison, condition.target()});
  }
  return result;
}

absl::StatusOr<absl::Duration> TimeoutOf(const google::protobuf::Duration& timeout) {
  const bool legal = timeout.seconds() >= 0 && timeout.nanos() >= 0 && timeout.nanos() < 1'000'000'000;
  if (legal) return absl::Seconds(timeout.seconds()) + absl::Nanoseconds(timeout.nanos());
  return BadField("timeout", absl::StrCat(timeout.seconds(), " s ", timeout.nanos(), " ns"),
                  "not negative, with less than 10^9 nanoseconds");
}

absl::Status CheckRequestId(absl::string_view request_id) {
  constexpr size_t kMostBytes = 64;
  if (request_id.size() <= kMostBytes) return absl::OkStatus();
  return BadField("request_id", absl::StrCat(request_id.size(), " bytes"), absl::StrCat("at most ", kMostBytes));
}

}  // namespace l3link
