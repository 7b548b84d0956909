#include "tests/conformance/layers/orchestrator_layer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/errors.h"
#include "client/orchestrator.h"
#include "client/orchestrator_calls.h"
#include "tests/conformance/layers/handles.h"
#include "tests/support/test_node.h"

namespace l3link {
namespace {

constexpr uint32_t kWorkerId = 1;

Answer AnswerOf(const absl::Status& status) {
  if (status.ok()) return {};
  Outcome outcome = Outcome::kBroken;
  if (client::IsWouldBlock(status)) outcome = Outcome::kTimedOut;
  if (client::HasReason(status, v1::MESSAGE_TOO_LARGE)) outcome = Outcome::kTooLarge;
  if (client::HasReason(status, v1::PLATFORM_UNSUPPORTED)) outcome = Outcome::kUnsupported;
  for (v1::Reason reason : {v1::INVALID_ARGUMENT_FIELD, v1::RANGE_OUT_OF_REGION, v1::SIGNAL_NOT_FOUND,
                            v1::CHANNEL_CLOSED, v1::REGION_CLOSED}) {
    if (client::HasReason(status, reason)) outcome = Outcome::kRefused;
  }
  return {outcome, std::string(status.message())};
}

std::vector<std::string> FlagsOf(const std::string& platform, const std::vector<std::string>& programs) {
  std::vector<std::string> flags = {"--listen=none", absl::StrCat("--platform=", platform, "=", kWorkerId + 1),
                                    "--arena-bytes=256Mi"};
  if (!programs.empty()) flags.push_back(absl::StrCat("--sim-program=", absl::StrJoin(programs, ",")));
  return flags;
}

class OrchestratorLayer : public Layer {
 public:
  OrchestratorLayer(const std::string& platform, const std::vector<std::string>& programs)
      : node_(FlagsOf(platform, programs)) {
    if (!node_.ready()) {
      ADD_FAILURE() << node_.log();
      std::abort();
    }
    orchestrator_ = client::Orchestrator::Connect({node_.unix_target()}).value();
    calls_ = std::make_unique<client::OrchestratorCalls>(orchestrator_.get());
  }

  bool in_process() const override { return false; }
  // The ring, and as many on their way to it.
  uint64_t MostTaken(uint32_t lane_depth) const override { return 2 * lane_depth; }

  Answer OpenChannel(const ChannelShape& shape, LayerHandle* channel) override {
    v1::ChannelConfig config;
    config.set_host_to_chip_lanes(shape.cpu_to_l2_lanes);
    config.set_chip_to_host_lanes(shape.l2_to_cpu_lanes);
    config.set_lane_depth(shape.lane_depth);
    config.set_max_message_bytes(shape.max_message_bytes);
    const auto opened = calls_->OpenChannel(kWorkerId, "", config);
    if (opened.ok()) *channel = channels_.Add(*opened);
    return AnswerOf(opened.status());
  }
  Answer CloseChannel(LayerHandle channel) override { return AnswerOf(calls_->CloseChannel(*channels_.Get(channel))); }
  Answer ChannelSend(LayerHandle channel, uint32_t route, const void* data, size_t nbytes, uint64_t correlation_id,
                     absl::Duration timeout) override {
    const client::OutgoingMessage message{{static_cast<const char*>(data), nbytes}, route, correlation_id};
    return AnswerOf(calls_->ChannelSend(*channels_.Get(channel), message, timeout));
  }
  Answer ChannelRecv(LayerHandle channel, void* dst, size_t capacity, MessageFacts* message,
                     absl::Duration timeout) override {
    client::IncomingMessage in{{static_cast<char*>(dst), capacity}};
    const absl::Status status = calls_->ChannelRecv(*channels_.Get(channel), &in, timeout);
    *message = {in.payload_bytes, in.correlation_id, in.route};
    return AnswerOf(status);
  }

  Answer OpenSharedMemory(uint64_t data_bytes, uint32_t signal_count, LayerHandle* memory) override {
    v1::RegionConfig config;
    config.set_data_bytes(data_bytes);
    config.set_signal_count(signal_count);
    const auto opened = calls_->OpenSharedMemory(kWorkerId, "", config);
    if (opened.ok()) *memory = regions_.Add(*opened);
    return AnswerOf(opened.status());
  }
  Answer CloseSharedMemory(LayerHandle memory) override {
    return AnswerOf(calls_->CloseSharedMemory(*regions_.Get(memory)));
  }
  Answer SharedMemoryInfo(LayerHandle memory, MemoryFacts* facts) override {
    const auto info = calls_->GetSharedMemoryInfo(*regions_.Get(memory));
    if (info.ok()) *facts = {info->host_ptr, info->device_ptr, info->data_bytes, info->signal_count};
    return AnswerOf(info.status());
  }
  Answer SharedMemoryRead(LayerHandle memory, uint64_t offset, void* dst, size_t n) override {
    return AnswerOf(calls_->SharedMemoryRead(*regions_.Get(memory), offset, {static_cast<char*>(dst), n}));
  }
  Answer SharedMemoryWrite(LayerHandle memory, uint64_t offset, const void* src, size_t n) override {
    return AnswerOf(calls_->SharedMemoryWrite(*regions_.Get(memory), offset, {static_cast<const char*>(src), n}));
  }
  Answer SharedMemoryNotify(LayerHandle memory, uint32_t signal, uint64_t value) override {
    return AnswerOf(calls_->SharedMemoryNotify(*regions_.Get(memory), {signal, value}).status());
  }
  Answer SharedMemoryWait(LayerHandle memory, uint32_t signal, uint64_t target, absl::Duration timeout) override {
    return AnswerOf(calls_->SharedMemoryWait(*regions_.Get(memory), {signal, target}, timeout).status());
  }

 private:
  TestNode node_;
  std::unique_ptr<client::Orchestrator> orchestrator_;
  std::unique_ptr<client::OrchestratorCalls> calls_;
  Handles<std::shared_ptr<client::Channel>> channels_;
  Handles<std::shared_ptr<client::Region>> regions_;
};

}  // namespace

std::unique_ptr<Layer> MakeOrchestratorLayer(const std::string& platform, const std::vector<std::string>& programs) {
  return std::make_unique<OrchestratorLayer>(platform, programs);
}

}  // namespace l3link
