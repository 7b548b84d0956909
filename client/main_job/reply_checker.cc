#include "client/main_job/reply_checker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace l3link::main_job {
namespace {

// What is remembered of a gap; beyond it messages count as lost at once.
constexpr uint64_t kMostMissing = 1 << 16;

uint32_t LittleEndian32(absl::string_view bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

void ReplyCounts::Add(const ReplyCounts& other) {
  verified += other.verified;
  lost += other.lost;
  duplicated += other.duplicated;
  reordered += other.reordered;
  wrong += other.wrong;
  if (first_fault.empty()) first_fault = other.first_fault;
}

void ReplyChecker::Fault(uint64_t* counter, std::string what) {
  ++*counter;
  if (counts_.first_fault.empty()) counts_.first_fault = std::move(what);
}

void ReplyChecker::Check(const client::ReceivedMessage& reply) {
  const uint64_t index = series_.IndexOf(reply.correlation_id);
  if (index >= series_.message_count()) {
    next_sequence_ = reply.sequence + 1;
    Fault(&counts_.wrong, absl::StrCat("reply ", reply.sequence, " has correlation id ", reply.correlation_id,
                                       ", which no message of its lane had"));
    return;
  }
  if (CheckContent(reply, index)) {
    const bool in_order = index == expected_;
    CheckOrder(index);
    if (in_order) ++counts_.verified;
  } else {
    CheckOrder(index);
  }
}

bool ReplyChecker::CheckContent(const client::ReceivedMessage& reply, uint64_t index) {
  const uint64_t sequence = std::exchange(next_sequence_, reply.sequence + 1);
  if (reply.sequence != sequence) {
    Fault(&counts_.wrong,
          absl::StrCat("reply to message ", index, " has sequence ", reply.sequence, ", not ", sequence));
    return false;
  }
  if (reply.route != series_.Route(index)) {
    Fault(&counts_.wrong,
          absl::StrCat("reply to message ", index, " has route ", reply.route, ", not ", series_.Route(index)));
    return false;
  }
  const uint32_t crc = series_.Line(index).crc;
  if (reply.payload.size() != sizeof(crc) || LittleEndian32({reply.payload.data(), reply.payload.size()}) != crc) {
    Fault(&counts_.wrong, absl::StrCat("reply to message ", index, " of ", series_.Line(index).text.size(),
                                       " bytes is not its CRC-32C, 0x", absl::Hex(crc, absl::kZeroPad8)));
    return false;
  }
  return true;
}

void ReplyChecker::CheckOrder(uint64_t index) {
  if (index == expected_) {
    ++expected_;
  } else if (index > expected_) {
    for (; expected_ < index; ++expected_) {
      if (missing_.size() < kMostMissing) {
        missing_.insert(expected_);
      } else {
        Fault(&counts_.lost, absl::StrCat("message ", expected_, " has no reply"));
      }
    }
    expected_ = index + 1;
  } else if (missing_.erase(index) > 0) {
    Fault(&counts_.reordered, absl::StrCat("the reply to message ", index, " came after that to ", expected_ - 1));
  } else {
    Fault(&counts_.duplicated, absl::StrCat("a second reply to message ", index));
  }
}

void ReplyChecker::Finish() {
  const uint64_t lost = missing_.size() + (series_.message_count() - expected_);
  if (lost == 0) return;
  const uint64_t first = missing_.empty() ? expected_ : *missing_.begin();
  Fault(&counts_.lost, absl::StrCat("message ", first, " has no reply"));
  counts_.lost += lost - 1;
}

}  // namespace l3link::main_job
