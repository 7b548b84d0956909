#include "tests/conformance/layers/runtime_layer.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "backends/runtime/runtime_c_api.h"

namespace l3link {
namespace {

Answer AnswerOf(int code) {
  if (code == 0) return {};
  const Outcome outcome = code == -11   ? Outcome::kTimedOut
                          : code == -75 ? Outcome::kTooLarge
                          : code == -22 ? Outcome::kRefused
                          : code == -95 ? Outcome::kUnsupported
                                        : Outcome::kBroken;
  return {outcome, l3link_last_error()};
}

uint32_t MicrosecondsOf(absl::Duration timeout) { return static_cast<uint32_t>(absl::ToInt64Microseconds(timeout)); }

void* PointerOf(LayerHandle handle) { return reinterpret_cast<void*>(handle); }

class RuntimeLayer : public Layer {
 public:
  RuntimeLayer(const std::string& platform, const std::vector<std::string>& programs) {
    std::string options = "arena_bytes=268435456";
    for (const std::string& program : programs) absl::StrAppend(&options, ",program=", program);
    ctx_ = l3link_create_device_context(platform.c_str(), 0, options.c_str());
    if (ctx_ != nullptr) return;
    ADD_FAILURE() << l3link_last_error();
    std::abort();
  }
  ~RuntimeLayer() override { l3link_destroy_device_context(ctx_); }

  bool in_process() const override { return true; }

  Answer OpenChannel(const ChannelShape& shape, LayerHandle* channel) override {
    const HostDeviceChannelConfig config = {shape.cpu_to_l2_lanes, shape.l2_to_cpu_lanes, shape.lane_depth,
                                            shape.max_message_bytes, 0};
    return Opened(open_host_device_channel_ctx(ctx_, &config), channel);
  }
  Answer CloseChannel(LayerHandle channel) override {
    return AnswerOf(close_host_device_channel_ctx(ctx_, PointerOf(channel)));
  }
  Answer ChannelSend(LayerHandle channel, uint32_t route, const void* data, size_t nbytes, uint64_t correlation_id,
                     absl::Duration timeout) override {
    return AnswerOf(
        host_device_send_ctx(ctx_, PointerOf(channel), route, data, nbytes, correlation_id, MicrosecondsOf(timeout)));
  }
  Answer ChannelRecv(LayerHandle channel, void* dst, size_t capacity, MessageFacts* message,
                     absl::Duration timeout) override {
    return AnswerOf(host_device_recv_ctx(ctx_, PointerOf(channel), dst, capacity, &message->nbytes,
                                         &message->correlation_id, &message->route, MicrosecondsOf(timeout)));
  }

  Answer OpenSharedMemory(uint64_t data_bytes, uint32_t signal_count, LayerHandle* memory) override {
    const HostDeviceMemoryConfig config = {data_bytes, signal_count, 0};
    return Opened(open_host_device_memory_ctx(ctx_, &config), memory);
  }
  Answer CloseSharedMemory(LayerHandle memory) override {
    return AnswerOf(close_host_device_memory_ctx(ctx_, PointerOf(memory)));
  }
  Answer SharedMemoryInfo(LayerHandle memory, MemoryFacts* facts) override {
    HostDeviceMemoryInfo info = {};
    const int code = host_device_memory_info_ctx(ctx_, PointerOf(memory), &info);
    *facts = {info.host_ptr, info.device_ptr, info.data_bytes, info.signal_count};
    return AnswerOf(code);
  }
  Answer SharedMemoryRead(LayerHandle memory, uint64_t offset, void* dst, size_t n) override {
    return AnswerOf(host_device_memory_read_ctx(ctx_, PointerOf(memory), offset, dst, n));
  }
  Answer SharedMemoryWrite(LayerHandle memory, uint64_t offset, const void* src, size_t n) override {
    return AnswerOf(host_device_memory_write_ctx(ctx_, PointerOf(memory), offset, src, n));
  }
  Answer SharedMemoryNotify(LayerHandle memory, uint32_t signal, uint64_t value) override {
    return AnswerOf(host_device_memory_notify_ctx(ctx_, PointerOf(memory), signal, value));
  }
  Answer SharedMemoryWait(LayerHandle memory, uint32_t signal, uint64_t target, absl::Duration timeout) override {
    return AnswerOf(host_device_memory_wait_ctx(ctx_, PointerOf(memory), signal, target, MicrosecondsOf(timeout)));
  }

 private:
  static Answer Opened(void* object, LayerHandle* handle) {
    *handle = reinterpret_cast<LayerHandle>(object);
    if (object != nullptr) return {};
    const Outcome outcome = errno == ENOTSUP  ? Outcome::kUnsupported
                            : errno == EINVAL ? Outcome::kRefused
                                              : Outcome::kBroken;
    return {outcome, l3link_last_error()};
  }

  DeviceContextHandle ctx_;
};

}  // namespace

std::unique_ptr<Layer> MakeRuntimeLayer(const std::string& platform, const std::vector<std::string>& programs) {
  return std::make_unique<RuntimeLayer>(platform, programs);
}

}  // namespace l3link
