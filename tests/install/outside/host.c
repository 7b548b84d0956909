/* A host program outside of the project's tree: drives a simulated chip in its own process, no daemon. Argument: what the chip
 * runs, a chip program that answers on channel "loud" (chip.c). Prints what came. */
#include <stdio.h>

#include "backends/runtime/runtime_c_api.h"

int main(int argc, char** argv) {
  const HostDeviceChannelConfig lanes = {1, 1, 64, 256, 0};
  const HostDeviceMemoryConfig memory = {4096, 2, 0};
  const uint32_t patience_us = 30u * 1000 * 1000;
  char options[4200], answer[256], kept[4];
  size_t nbytes;
  uint64_t correlation_id;
  uint32_t route;
  if (argc < 2) return fprintf(stderr, "usage: host FILE.so\n"), 2;
  snprintf(options, sizeof options, "program=%s", argv[1]);
  DeviceContextHandle chip = l3link_create_device_context("a2a3sim", 0, options);
  void* channel = chip ? l3link_channel_open(chip, "loud", &lanes) : NULL;
  void* region = channel ? open_host_device_memory_ctx(chip, &memory) : NULL;
  if (region == NULL || host_device_send_ctx(chip, channel, 0, "hello chip", 10, 7, patience_us) != 0 ||
      host_device_recv_ctx(chip, channel, answer, sizeof answer, &nbytes, &correlation_id, &route, patience_us) != 0 ||
      host_device_memory_write_ctx(chip, region, 100, "kept", 4) != 0 ||
      host_device_memory_read_ctx(chip, region, 100, kept, 4) != 0) {
    return fprintf(stderr, "%s\n", l3link_last_error()), 1;
  }
  printf("%.*s %d\n%.4s\n", (int)nbytes, answer, (int)correlation_id, kept);
  l3link_destroy_device_context(chip);
  return 0;
}
