/* The chip's side of the notify figures: in region "pong", signal 1 follows signal 0. Waits by spinning briefly, then by
 * sleeping, as a chip program that has little to do does. Loaded by l3link-sim-chip for dev/bench. */
#include "backends/abi/chip_wait.h"

int l3_program_main(struct l3_chip* chip, int argc, char** argv);

enum { SPIN_US = 100 }; /* as the simulated chip's own programs */

static int follow(struct l3_chip* chip) {
  struct l3_object object;
  struct l3_region region;
  uint64_t seen = 0;
  int code;
  if ((code = l3_find_by_name(chip, L3_OBJECT_REGION, "pong", &object)) != L3_OK) return code;
  if ((code = l3_region_open(chip, &object, &region)) != L3_OK) return code;
  for (;;) {
    code = l3_wait_signal(&region, 0, L3_GT, seen, L3_WAIT_SPIN, SPIN_US);
    if (code == L3_AGAIN) code = l3_wait_signal(&region, 0, L3_GT, seen, L3_WAIT_DOORBELL, L3_FOREVER);
    if (code != L3_OK) return code;
    if ((code = l3_signal_load(&region, 0, &seen)) != L3_OK) return code;
    if ((code = l3_notify(&region, 1, L3_NOTIFY_SET, seen)) != L3_OK) return code;
  }
}

static int nothing(void* context) { return (void)context, L3_AGAIN; }

int l3_program_main(struct l3_chip* chip, int argc, char** argv) {
  (void)argc, (void)argv;
  while (!l3_stopped(chip)) {
    uint64_t version;
    if (l3_directory_changed(chip, &version)) l3_directory_acknowledge(chip, version); /* no view is open */
    follow(chip);
    l3_wait(chip, L3_WAIT_DOORBELL, nothing, 0, L3_FOREVER); /* until the directory changes */
  }
  return 0;
}
