// What the two layers of backends/worker share: outcomes of statuses, configs, facts.
#ifndef L3LINK_TESTS_CONFORMANCE_LAYERS_IN_PROCESS_H_
#define L3LINK_TESTS_CONFORMANCE_LAYERS_IN_PROCESS_H_

#include <vector>

#include "absl/status/status.h"
#include "backends/host/refusal.h"
#include "backends/worker/chip_calls.h"
#include "tests/conformance/layers/layer.h"

namespace l3link {

inline Answer AnswerOf(const absl::Status& status) {
  if (status.ok()) return {};
  Outcome outcome = Outcome::kBroken;
  if (IsRefusal(status, Reason::kWOULD_BLOCK)) outcome = Outcome::kTimedOut;
  if (IsRefusal(status, Reason::kMESSAGE_TOO_LARGE)) outcome = Outcome::kTooLarge;
  if (IsRefusal(status, Reason::kPLATFORM_UNSUPPORTED)) outcome = Outcome::kUnsupported;
  for (Reason reason : {Reason::kINVALID_ARGUMENT_FIELD, Reason::kRANGE_OUT_OF_REGION, Reason::kSIGNAL_NOT_FOUND,
                        Reason::kCHANNEL_CLOSED, Reason::kREGION_CLOSED}) {
    if (IsRefusal(status, reason)) outcome = Outcome::kRefused;
  }
  return {outcome, std::string(status.message())};
}

inline ChannelConfig ConfigOf(const ChannelShape& shape) {
  ChannelConfig config;
  config.host_to_chip_lanes = shape.cpu_to_l2_lanes;
  config.chip_to_host_lanes = shape.l2_to_cpu_lanes;
  config.lane.lane_depth = shape.lane_depth;
  config.lane.max_message_bytes = shape.max_message_bytes;
  return config;
}

inline RegionConfig ConfigOf(uint64_t data_bytes, uint32_t signal_count) {
  RegionConfig config{data_bytes, std::vector<SignalWriter>(signal_count, SignalWriter::kBoth)};
  if (signal_count > 0) config.signal_writers[0] = SignalWriter::kHost;
  if (signal_count > 1) config.signal_writers[1] = SignalWriter::kChip;
  return config;
}

inline absl::Span<std::byte> BytesAt(void* data, size_t n) { return absl::MakeSpan(static_cast<std::byte*>(data), n); }
inline absl::Span<const std::byte> BytesAt(const void* data, size_t n) {
  return absl::MakeConstSpan(static_cast<const std::byte*>(data), n);
}

inline MessageFacts FactsOf(const MessageHeader& header) {
  return {header.payload_bytes, header.correlation_id, header.route};
}
inline MemoryFacts FactsOf(const SharedMemoryInfo& info) {
  return {reinterpret_cast<uint64_t>(info.host_ptr), info.device_ptr, info.data_bytes, info.signal_count};
}

}  // namespace l3link

#endif  // L3LINK_TESTS_CONFORMANCE_LAYERS_IN_PROCESS_H_
