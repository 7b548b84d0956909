// For tests of the C calls from C++: a context that ends with its scope, and short names for the usual arguments.
#ifndef L3LINK_TESTS_RUNTIME_RUNTIME_FIXTURE_H_
#define L3LINK_TESTS_RUNTIME_RUNTIME_FIXTURE_H_

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "backends/runtime/runtime_c_api.h"

namespace l3link {

// How long a test waits for what must come; a hang ends the test.
inline constexpr uint32_t kPatienceUs = 120'000'000;

class TestContext {
 public:
  explicit TestContext(const char* options = "program=echo", const char* platform = "a2a3sim", int device_id = 0)
      : handle_(l3link_create_device_context(platform, device_id, options)) {
    EXPECT_NE(handle_, nullptr) << l3link_last_error();
  }
  ~TestContext() { Destroy(); }
  TestContext(const TestContext&) = delete;
  TestContext& operator=(const TestContext&) = delete;

  // The handle stays as it was: stale from then on.
  void Destroy() { l3link_destroy_device_context(handle_); }
  operator DeviceContextHandle() const { return handle_; }

  void* Channel(uint32_t lanes = 1, uint32_t depth = 8, uint32_t most = 64) const {
    const HostDeviceChannelConfig config = {lanes, lanes, depth, most, 0};
    void* channel = open_host_device_channel_ctx(handle_, &config);
    EXPECT_NE(channel, nullptr) << l3link_last_error();
    return channel;
  }
  void* Memory(uint64_t bytes = 1024, uint32_t signals = 2) const {
    const HostDeviceMemoryConfig config = {bytes, signals, 0};
    void* memory = open_host_device_memory_ctx(handle_, &config);
    EXPECT_NE(memory, nullptr) << l3link_last_error();
    return memory;
  }

 private:
  const DeviceContextHandle handle_;
};

inline int Send(DeviceContextHandle ctx, void* channel, const std::string& payload, uint32_t timeout_us = kPatienceUs,
                uint32_t route = 0, uint64_t correlation_id = 0) {
  return host_device_send_ctx(ctx, channel, route, payload.data(), payload.size(), correlation_id, timeout_us);
}

struct Received {
  int code;
  std::string payload;
  size_t nbytes = 0;
  uint64_t correlation_id = 0;
  uint32_t route = 0;
};

inline Received Recv(DeviceContextHandle ctx, void* channel, size_t capacity = 64, uint32_t timeout_us = kPatienceUs) {
  Received received{0, std::string(capacity, '\0')};
  received.code = host_device_recv_ctx(ctx, channel, received.payload.data(), capacity, &received.nbytes,
                                       &received.correlation_id, &received.route, timeout_us);
  if (received.code == 0) received.payload.resize(received.nbytes);
  return received;
}

}  // namespace l3link

#endif  // L3LINK_TESTS_RUNTIME_RUNTIME_FIXTURE_H_
