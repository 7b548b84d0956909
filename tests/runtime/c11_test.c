/* The eleven calls from a C11 program that is linked to the shared library, with real simulated chips. Prints TAP. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/runtime/runtime_c_api.h"

static int failures, checks;

static void check(int good, const char* what, int line) {
  ++checks;
  if (good) return;
  ++failures;
  printf("# line %d: %s; last error: %s\n", line, what, l3link_last_error());
}
#define CHECK(condition) check((condition), #condition, __LINE__)

static const uint32_t kPatienceUs = 60u * 1000 * 1000;

static DeviceContextHandle context_of(const char* options) {
  DeviceContextHandle ctx = l3link_create_device_context("a2a3sim", 0, options);
  CHECK(ctx != NULL);
  if (ctx == NULL) exit(1);
  return ctx;
}

static void channels_echo(void) {
  DeviceContextHandle ctx = context_of("program=echo");
  const HostDeviceChannelConfig config = {2, 2, 8, 256, 0};
  void* ch = open_host_device_channel_ctx(ctx, &config);
  char payload[256], answer[256];
  size_t nbytes = 99;
  uint64_t correlation_id = 0;
  uint32_t route = 0;
  CHECK(ch != NULL);
  memset(payload, 'x', sizeof payload);
  for (size_t size = 0; size <= sizeof payload; size += 64) {
    CHECK(host_device_send_ctx(ctx, ch, 5, size ? payload : NULL, size, 1000 + size, kPatienceUs) == 0);
    CHECK(host_device_recv_ctx(ctx, ch, answer, sizeof answer, &nbytes, &correlation_id, &route, kPatienceUs) == 0);
    CHECK(nbytes == size && memcmp(answer, payload, size) == 0);
    CHECK(correlation_id == 1000 + size && route == 5);
  }
  CHECK(host_device_recv_ctx(ctx, ch, answer, sizeof answer, &nbytes, &correlation_id, &route, 0) == -11);
  CHECK(nbytes == 0);
  CHECK(close_host_device_channel_ctx(ctx, ch) == 0);
  CHECK(close_host_device_channel_ctx(ctx, ch) == -22);
  CHECK(close_host_device_channel_ctx(ctx, NULL) == 0);
  l3link_destroy_device_context(ctx);
}

static void small_buffers_leave_the_message(void) {
  DeviceContextHandle ctx = context_of("program=echo");
  const HostDeviceChannelConfig config = {1, 1, 8, 64, 0};
  void* ch = open_host_device_channel_ctx(ctx, &config);
  char answer[64] = {0};
  size_t nbytes = 0;
  uint64_t correlation_id = 0;
  uint32_t route = 0;
  CHECK(host_device_send_ctx(ctx, ch, 0, "twelve bytes", 12, 7, kPatienceUs) == 0);
  CHECK(host_device_recv_ctx(ctx, ch, answer, 11, &nbytes, &correlation_id, &route, kPatienceUs) == -75);
  CHECK(nbytes == 12 && answer[0] == 0);
  CHECK(host_device_recv_ctx(ctx, ch, NULL, 0, &nbytes, &correlation_id, &route, 0) == -75);
  CHECK(nbytes == 12);
  CHECK(host_device_recv_ctx(ctx, ch, answer, 12, &nbytes, &correlation_id, &route, 0) == 0);
  CHECK(nbytes == 12 && memcmp(answer, "twelve bytes", 12) == 0 && correlation_id == 7);
  l3link_destroy_device_context(ctx); /* with the channel open */
}

static void the_chip_adds_vectors(void) {
  enum { kElements = 1000 };
  DeviceContextHandle ctx = context_of("program=vector_add@"); /* of any name */
  const HostDeviceMemoryConfig config = {3 * kElements * sizeof(float), 2, 0};
  void* mem = open_host_device_memory_ctx(ctx, &config);
  HostDeviceMemoryInfo info = {0};
  float input[2 * kElements], sum[kElements];
  CHECK(mem != NULL);
  CHECK(host_device_memory_info_ctx(ctx, mem, &info) == 0);
  CHECK(info.data_bytes == sizeof input + sizeof sum && info.signal_count == 2 && info.flags == 0);
  CHECK(info.host_ptr != 0 && info.device_ptr != 0);
  for (uint64_t job = 1; job <= 3; ++job) {
    for (int i = 0; i < 2 * kElements; ++i) input[i] = (float)i * (float)job;
    CHECK(host_device_memory_write_ctx(ctx, mem, 0, input, sizeof input) == 0);
    CHECK(host_device_memory_wait_ctx(ctx, mem, 1, job, 0) == -11);
    CHECK(host_device_memory_notify_ctx(ctx, mem, 0, job) == 0);
    CHECK(host_device_memory_wait_ctx(ctx, mem, 1, job, kPatienceUs) == 0);
    CHECK(host_device_memory_read_ctx(ctx, mem, sizeof input, sum, sizeof sum) == 0);
    int wrong = 0;
    for (int i = 0; i < kElements; ++i) wrong += sum[i] != input[i] + input[kElements + i];
    CHECK(wrong == 0);
    /* The same without a copy. */
    CHECK(memcmp((const char*)(uintptr_t)info.host_ptr + sizeof input, sum, sizeof sum) == 0);
  }
  CHECK(close_host_device_memory_ctx(ctx, mem) == 0);
  CHECK(close_host_device_memory_ctx(ctx, mem) == -22);
  CHECK(close_host_device_memory_ctx(ctx, NULL) == 0);
  l3link_destroy_device_context(ctx);
}

static void a5_refuses_every_open(void) {
  const HostDeviceChannelConfig channel = {1, 1, 8, 64, 0};
  const HostDeviceMemoryConfig memory = {64, 2, 0};
  DeviceContextHandle ctx = l3link_create_device_context("a5", 0, NULL);
  CHECK(ctx != NULL);
  errno = 0;
  CHECK(open_host_device_channel_ctx(ctx, &channel) == NULL && errno == ENOTSUP);
  CHECK(strstr(l3link_last_error(), "not supported on a5") != NULL);
  errno = 0;
  CHECK(open_host_device_memory_ctx(ctx, &memory) == NULL && errno == ENOTSUP);
  CHECK(strstr(l3link_last_error(), "not supported on a5") != NULL);
  l3link_destroy_device_context(ctx);
}

int main(void) {
  static const struct {
    const char* name;
    void (*run)(void);
  } cases[] = {{"channels echo", channels_echo},
               {"small buffers leave the message", small_buffers_leave_the_message},
               {"the chip adds vectors", the_chip_adds_vectors},
               {"a5 refuses every open", a5_refuses_every_open}};
  const int count = (int)(sizeof cases / sizeof cases[0]);
  int failed = 0;
  printf("1..%d\n", count);
  for (int i = 0; i < count; ++i) {
    failures = checks = 0;
    cases[i].run();
    printf("%s %d %s (%d checks)\n", failures ? "not ok" : "ok", i + 1, cases[i].name, checks);
    failed += failures != 0;
  }
  return failed != 0;
}
