#include "backends/sim/chip/sink.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "backends/sim/chip/seeded_payload.h"

namespace l3link {

absl::optional<uint32_t> Sink::AnswerBytes(uint32_t lane, const l3_message& message) const {
  if (message.payload_bytes > 0) return absl::nullopt;
  return static_cast<uint32_t>(Line(lane).size());
}

void Sink::Answer(uint32_t lane, const l3_message& message, uint8_t* place) {
  if (message.payload_bytes == 0) {
    const std::string line = Line(lane);
    if (place != nullptr) memcpy(place, line.data(), line.size());
    return;
  }
  Lane& counts = lanes_[lane];
  if (IsSeededPayload(seed_, lane, message.sequence, absl::MakeSpan(message.payload, message.payload_bytes))) {
    ++counts.verified;
  } else if (counts.wrong++ == 0) {
    counts.first_wrong = message.sequence;
  }
}

std::string Sink::Line(uint32_t lane) const {
  const Lane& counts = lanes_[lane];
  return absl::StrCat("lane ", lane, " verified ", counts.verified, " wrong ", counts.wrong,
                      counts.wrong ? absl::StrCat(" first_wrong ", counts.first_wrong) : "");
}

std::string Sink::Summary() const {
  std::string lines;
  for (uint32_t lane = 0; lane < lanes_.size(); ++lane)
    if (lanes_[lane].verified + lanes_[lane].wrong > 0) absl::StrAppend(&lines, lines.empty() ? "" : "; ", Line(lane));
  return lines.empty() ? "" : absl::StrCat("sink: ", lines);
}

}  // namespace l3link
