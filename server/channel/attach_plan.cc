#include "server/channel/attach_plan.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "server/channel/lane_state.h"
#include "server/channel/leases.h"
#include "server/channel/wire_time.h"
#include "server/convert.h"

namespace l3link {
namespace {

constexpr size_t kMostSessionIdBytes = 64;

absl::Status Wrong(const std::string& field, const std::string& value, const std::string& limit) {
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD, absl::StrCat("attach.", field, ": ", value, ", must be ", limit),
                {{"field", absl::StrCat("attach.", field)}, {"value", value}, {"limit", limit}});
}

std::string NewSessionId() {
  std::random_device device;
  return absl::StrCat("s-", absl::Hex(device(), absl::kZeroPad8), absl::Hex(device(), absl::kZeroPad8));
}

absl::Status UnknownValue(const char* field, int value) {
  return Refuse(Reason::kINVALID_ARGUMENT_FIELD, absl::StrCat("attach.", field, ": ", value, " is none of its values"),
                {{"field", absl::StrCat("attach.", field)}, {"value", absl::StrCat(value)}});
}

absl::Status CheckEnums(const v1::Attach& attach) {
  if (!v1::Form_IsValid(attach.form())) return UnknownValue("form", attach.form());
  if (!v1::HeldPolicy_IsValid(attach.held_policy())) return UnknownValue("held_policy", attach.held_policy());
  return absl::OkStatus();
}

absl::Status CheckSessionId(const std::string& id) {
  const bool printable = std::all_of(id.begin(), id.end(), [](unsigned char c) { return absl::ascii_isgraph(c); });
  if (printable && id.size() <= kMostSessionIdBytes) return absl::OkStatus();
  return Wrong("session_id", absl::StrCat(id.size(), " bytes"), "1 to 64 printable bytes, or empty");
}

absl::Status CheckSelector(const char* field, const v1::LaneSelector& selector) {
  const bool any_free_false = selector.by_case() == v1::LaneSelector::kAnyFree && !selector.any_free();
  if (selector.by_case() != v1::LaneSelector::BY_NOT_SET && !any_free_false) return absl::OkStatus();
  return Wrong(field, "empty", "lane, route or any_free: true");
}

absl::StatusOr<absl::Duration> NotNegative(const char* field, const google::protobuf::Duration& duration) {
  const absl::Duration value = DurationOf(duration);
  if (value >= absl::ZeroDuration()) return value;
  return Wrong(field, absl::FormatDuration(value), "0 or more");
}

absl::Status ReadTimes(const v1::Attach& attach, const NodeLimits& limits, AttachPlan* plan) {
  plan->lease_ttl = attach.has_lease_ttl() ? DurationOf(attach.lease_ttl()) : limits.lease_ttl;
  if (plan->lease_ttl < limits.min_lease_ttl || plan->lease_ttl > limits.max_lease_ttl) {
    return Wrong(
        "lease_ttl", absl::FormatDuration(plan->lease_ttl),
        absl::StrCat(absl::FormatDuration(limits.min_lease_ttl), " to ", absl::FormatDuration(limits.max_lease_ttl)));
  }
  if (attach.has_wait()) {
    absl::StatusOr<absl::Duration> wait = NotNegative("wait", attach.wait());
    if (!wait.ok()) return wait.status();
    plan->wait = *wait;
  }
  plan->linger.max_messages = attach.linger().max_messages();
  if (attach.linger().has_idle()) {
    absl::StatusOr<absl::Duration> idle = NotNegative("linger.idle", attach.linger().idle());
    if (!idle.ok()) return idle.status();
    plan->linger.idle = *idle;
  }
  return absl::OkStatus();
}

absl::Status AllHeld(const HostChannel& channel, Direction direction) {
  return Refuse(Reason::kLANES_ALL_HELD,
                absl::StrCat("channel ", channel.name(), ": all ", channel.lane_count(direction), " ",
                             DirectionName(direction), " lanes are held"),
                {{"channel", channel.name()},
                 {"direction", std::string(DirectionName(direction))},
                 {"lane_count", absl::StrCat(channel.lane_count(direction))}});
}

absl::StatusOr<LaneNow> AnyFree(const std::string& session_id, const HostChannel& channel, Direction direction,
                                LeaseTable& leases) {
  absl::optional<LaneNow> lowest;
  for (uint32_t lane = 0; lane < channel.lane_count(direction); ++lane) {
    const LaneNow now = LaneNowOf(channel, direction, lane);
    if (!leases.IsFree(now, session_id)) continue;
    if (leases.IsLast(now.key, session_id)) return now;
    if (!lowest.has_value()) lowest = now;
  }
  if (lowest.has_value()) return *lowest;
  return AllHeld(channel, direction);
}

absl::StatusOr<LaneNow> ChooseLane(const v1::LaneSelector& selector, const std::string& session_id,
                                   const HostChannel& channel, Direction direction, LeaseTable& leases) {
  const uint32_t count = channel.lane_count(direction);
  if (selector.has_any_free() && count > 0) return AnyFree(session_id, channel, direction, leases);
  const uint32_t lane = selector.has_route() && count > 0 ? channel.LaneOfRoute(direction, selector.route())
                        : selector.has_lane()             ? selector.lane()
                                                          : 0;
  if (absl::Status status = CheckLane(channel, direction, lane); !status.ok()) return status;
  return LaneNowOf(channel, direction, lane);
}

// A renewal's answer may have to wait behind a frame: no longer than an eighth of the lease on a link of 1 Mbit/s.
uint64_t FrameBytesFor(absl::Duration lease_ttl) {
  return static_cast<uint64_t>(absl::ToDoubleSeconds(lease_ttl) * (16 << 10));
}

}  // namespace

absl::StatusOr<AttachPlan> ReadAttach(const v1::Attach& attach, const NodeLimits& limits) {
  AttachPlan plan;
  plan.channel = attach.channel();
  if (attach.has_host_to_chip()) plan.to_chip = attach.host_to_chip();
  if (attach.has_chip_to_host()) plan.to_host = attach.chip_to_host();
  if (!plan.to_chip.has_value() && !plan.to_host.has_value()) {
    return Wrong("host_to_chip", "absent, as is chip_to_host", "at least one of the two");
  }
  if (plan.to_chip.has_value()) {
    if (absl::Status status = CheckSelector("host_to_chip", *plan.to_chip); !status.ok()) return status;
  }
  if (plan.to_host.has_value()) {
    if (absl::Status status = CheckSelector("chip_to_host", *plan.to_host); !status.ok()) return status;
  }
  if (absl::Status status = CheckSessionId(attach.session_id()); !status.ok()) return status;
  if (absl::Status status = CheckEnums(attach); !status.ok()) return status;
  plan.session_made_up = attach.session_id().empty();
  plan.session_id = plan.session_made_up ? NewSessionId() : attach.session_id();
  plan.resume = attach.resume();
  plan.resume_acked = attach.resume_acked();
  plan.wait_if_held = attach.held_policy() == v1::HELD_POLICY_WAIT;
  if (absl::Status status = ReadTimes(attach, limits, &plan); !status.ok()) return status;
  plan.delivery.window_messages = attach.receive_window().messages();
  plan.delivery.window_bytes = attach.receive_window().bytes();
  plan.delivery.form = attach.form();
  plan.delivery.auto_ack = attach.auto_ack();
  plan.delivery.max_frame_bytes = std::min(limits.max_frame_bytes, FrameBytesFor(plan.lease_ttl));
  return plan;
}

absl::StatusOr<std::vector<LaneNow>> ChooseLanes(const AttachPlan& plan, const HostChannel& channel,
                                                 LeaseTable& leases) {
  std::vector<LaneNow> lanes;
  auto choose = [&](const absl::optional<v1::LaneSelector>& selector, Direction direction) -> absl::Status {
    if (!selector.has_value()) return absl::OkStatus();
    absl::StatusOr<LaneNow> lane = ChooseLane(*selector, plan.session_id, channel, direction, leases);
    if (!lane.ok()) return lane.status();
    lanes.push_back(*lane);
    return absl::OkStatus();
  };
  if (absl::Status status = choose(plan.to_chip, Direction::kHostToChip); !status.ok()) return status;
  if (absl::Status status = choose(plan.to_host, Direction::kChipToHost); !status.ok()) return status;
  return lanes;
}

}  // namespace l3link
