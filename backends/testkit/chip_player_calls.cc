// The operations of a ChipPlayer, each one attempt that Until repeats.
#include <cstring>

#include "absl/strings/str_cat.h"
#include "backends/testkit/chip_player.h"

namespace l3link::testkit {

absl::StatusOr<PlayedMessage> ChipPlayer::Receive(std::string_view channel, uint32_t lane, absl::Duration timeout) {
  const LaneKey key(channel, lane);
  PlayedMessage received;
  std::string detail = absl::StrCat("no message on lane ", lane);
  const auto attempt = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    l3_receiver* receiver;
    l3_message message;
    int code = FindReceiver(key, &receiver, &detail);
    if (code == L3_OK) code = l3_take(receiver, &message);
    if (code != L3_OK) return code;
    received.payload.assign(reinterpret_cast<const char*>(message.payload), message.payload_bytes);
    received.correlation_id = message.correlation_id;
    received.route = message.route;
    received.sequence = message.sequence;
    return l3_release(receiver, 1);
  };
  const absl::Status status = Until(timeout, absl::StrCat("channel ", key.first), detail, attempt);
  if (!status.ok()) return status;
  return received;
}

absl::Status ChipPlayer::Send(std::string_view channel, uint32_t lane, const PlayedMessage& message,
                              absl::Duration timeout) {
  const LaneKey key(channel, lane);
  std::string detail = absl::StrCat("no room on lane ", lane);
  const auto attempt = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    l3_sender* sender;
    int code = FindSender(key, &sender, &detail);
    if (code != L3_OK) return code;
    const uint32_t largest = sender->lane.max_message_bytes;
    if (message.payload.size() > largest) {
      detail = absl::StrCat("message of ", message.payload.size(), " bytes > max_message_bytes ", largest);
      return static_cast<int>(L3_E2BIG);
    }
    l3_message out = {};
    out.payload = reinterpret_cast<const uint8_t*>(message.payload.data());
    out.payload_bytes = static_cast<uint32_t>(message.payload.size());
    out.correlation_id = message.correlation_id;
    out.route = message.route;
    code = l3_sender_look(sender);
    return code == L3_OK ? l3_send(sender, &out) : code;
  };
  return Until(timeout, absl::StrCat("channel ", key.first), detail, attempt);
}

int ChipPlayer::FindData(const std::string& name, uint64_t offset, uint64_t bytes, uint8_t** found,
                         std::string* detail) {
  l3_region* region;
  const int code = FindRegion(name, &region);
  if (code != L3_OK) return code;
  const uint64_t size = region->shape.data_bytes;
  if (offset > size || bytes > size - offset) {
    *detail = absl::StrCat("[", offset, ", +", bytes, ") is outside of its ", size, " bytes");
    return L3_EINVAL;
  }
  *found = region->data + offset;
  return L3_OK;
}

absl::Status ChipPlayer::Read(std::string_view region, uint64_t offset, absl::Span<std::byte> to,
                              absl::Duration timeout) {
  const std::string name(region);
  std::string detail;
  return Until(timeout, absl::StrCat("region ", name), detail, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    uint8_t* data;
    const int code = FindData(name, offset, to.size(), &data, &detail);
    if (code == L3_OK && !to.empty()) memcpy(to.data(), data, to.size());
    return code;
  });
}

absl::Status ChipPlayer::Write(std::string_view region, uint64_t offset, absl::Span<const std::byte> from,
                               absl::Duration timeout) {
  const std::string name(region);
  std::string detail;
  return Until(timeout, absl::StrCat("region ", name), detail, [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    uint8_t* data;
    const int code = FindData(name, offset, from.size(), &data, &detail);
    if (code == L3_OK && !from.empty()) memcpy(data, from.data(), from.size());
    return code;
  });
}

absl::StatusOr<uint64_t> ChipPlayer::Notify(std::string_view region, uint32_t signal, uint64_t value,
                                            absl::Duration timeout, uint32_t operation) {
  const std::string name(region);
  std::string detail;
  uint64_t after = 0;
  const auto attempt = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    l3_region* found;
    int code = FindRegion(name, &found);
    if (code != L3_OK) return code;
    code = l3_notify(found, signal, operation, value);
    if (code == L3_OK) return l3_signal_load(found, signal, &after);
    if (code == L3_ECLOSED) return code;
    detail = code == L3_ENOENT
                 ? absl::StrCat("no signal ", signal, ", it has ", found->shape.signal_count)
                 : absl::StrCat("signal ", signal, " is the host's alone, or operation ", operation, " is unknown");
    return static_cast<int>(L3_EINVAL);
  };
  const absl::Status status = Until(timeout, absl::StrCat("region ", name), detail, attempt);
  if (!status.ok()) return status;
  return after;
}

absl::StatusOr<uint64_t> ChipPlayer::Wait(std::string_view region, uint32_t signal, uint64_t target,
                                          absl::Duration timeout, uint32_t comparison) {
  const std::string name(region);
  std::string detail;
  uint64_t value = 0;
  const auto attempt = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    l3_region* found;
    const int code = FindRegion(name, &found);
    if (code != L3_OK) return code;
    l3_region_look(found);
    if (l3_signal_load(found, signal, &value) != L3_OK) {
      detail = absl::StrCat("no signal ", signal, ", it has ", found->shape.signal_count);
      return static_cast<int>(L3_EINVAL);
    }
    detail = absl::StrCat("signal ", signal, " is ", value, ", waited for ", target);
    return static_cast<int>(l3_compare(value, comparison, target) ? L3_OK : L3_AGAIN);
  };
  const absl::Status status = Until(timeout, absl::StrCat("region ", name), detail, attempt);
  if (!status.ok()) return status;
  return value;
}

}  // namespace l3link::testkit
