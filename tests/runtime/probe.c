/* Opens the library by its path, as a program that knows it at run time only does, and echoes one message on a fresh context.
 * probe LIBRARY PLATFORM [OPTIONS [leave]]: prints "ok", or errno's name for a context that could not be made and the last
 * error. leave: ends without destroying the context; a forked child does so before. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/runtime/runtime_c_api.h"

/* A declaration of the header is the type of what dlsym answers. */
#define FUNCTION(name)                       \
  __typeof__(name)* name##_;                 \
  *(void**)&name##_ = dlsym(library, #name); \
  if (name##_ == NULL) {                     \
    printf("no %s\n", #name);                \
    return 2;                                \
  }

int main(int argc, char** argv) {
  const HostDeviceChannelConfig config = {1, 1, 8, 64, 0};
  char answer[64];
  size_t nbytes = 0;
  uint64_t correlation_id = 0;
  uint32_t route = 0;
  void* library = argc < 3 ? NULL : dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    printf("cannot open: %s\n", argc < 3 ? "usage" : dlerror());
    return 2;
  }
  FUNCTION(l3link_create_device_context)
  FUNCTION(l3link_destroy_device_context)
  FUNCTION(l3link_last_error)
  FUNCTION(open_host_device_channel_ctx)
  FUNCTION(close_host_device_channel_ctx)
  FUNCTION(host_device_send_ctx)
  FUNCTION(host_device_recv_ctx)
  DeviceContextHandle ctx = l3link_create_device_context_(argv[2], 0, argc > 3 ? argv[3] : NULL);
  if (ctx == NULL) {
    const int error = errno;
    printf("%s: %s\n", strerrorname_np(error), l3link_last_error_());
    return 1;
  }
  void* ch = open_host_device_channel_ctx_(ctx, &config);
  int code = host_device_send_ctx_(ctx, ch, 0, "hello", 5, 1, 60000000);
  if (code == 0) {
    code = host_device_recv_ctx_(ctx, ch, answer, sizeof answer, &nbytes, &correlation_id, &route, 60000000);
  }
  if (argc > 4) {
    if (fork() == 0) exit(0);
    wait(NULL);
    code = code ? code : host_device_send_ctx_(ctx, ch, 0, "still there", 11, 1, 60000000);
    printf("%s\n", code == 0 ? "ok" : l3link_last_error_());
    return code != 0;
  }
  if (code == 0) code = close_host_device_channel_ctx_(ctx, ch);
  l3link_destroy_device_context_(ctx);
  dlclose(library); /* it stays: its threads may not lose their code */
  printf("%s\n", code == 0 && nbytes == 5 && memcmp(answer, "hello", 5) == 0 ? "ok" : l3link_last_error_());
  return code != 0;
}
