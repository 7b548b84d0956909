/* A chip program of one's own: answers each message of one channel with its text in upper case.
 *
 *   l3link-sim-chip --arena FILE --program libupper.so shout
 *
 * Needs backends/abi only, and nothing of a C library. Build it as a shared object:
 *
 *   cc -std=c11 -O2 -shared -fPIC -I. -o libupper.so backends/sim/chip/examples/upper.c
 */
#include "backends/abi/chip_wait.h"

int l3_program_main(struct l3_chip* chip, int argc, char** argv);

static const char* channel_name = "upper"; /* or the first argument */

/* Serves the channel until it is closed or reset, the directory changes, or the chip is to stop; says which. */
static int serve(struct l3_chip* chip) {
  struct l3_object object;
  struct l3_channel channel;
  struct l3_receiver in;
  struct l3_sender out;
  int code;
  if ((code = l3_find_by_name(chip, L3_OBJECT_CHANNEL, channel_name, &object)) != L3_OK) return code;
  if ((code = l3_channel_open(chip, &object, &channel)) != L3_OK) return code;
  if ((code = l3_receiver_open(&channel, 0, &in)) != L3_OK) return code;
  if ((code = l3_sender_open(&channel, 0, &out)) != L3_OK) return code;
  for (;;) {
    struct l3_message message;
    uint8_t* place;
    if ((code = l3_wait_message(&in, L3_WAIT_DOORBELL, L3_FOREVER)) != L3_OK) return code;
    if ((code = l3_take(&in, &message)) != L3_OK) return code;
    if ((code = l3_wait_room(&out, message.payload_bytes, L3_WAIT_DOORBELL, L3_FOREVER)) != L3_OK) return code;
    if ((code = l3_reserve(&out, message.payload_bytes, &place)) != L3_OK) return code;
    for (uint32_t i = 0; i < message.payload_bytes; ++i) { /* from ring to ring, without a copy in between */
      uint8_t letter = message.payload[i];
      place[i] = letter >= 'a' && letter <= 'z' ? (uint8_t)(letter - 'a' + 'A') : letter;
    }
    l3_stage(&out, message.correlation_id, message.route);
    l3_publish(&out);
    l3_release(&in, 1);
  }
}

/* Nothing is ready while there is no channel to serve: only the directory, or the end, is waited for. */
static int nothing(void* context) {
  (void)context;
  return L3_AGAIN;
}

int l3_program_main(struct l3_chip* chip, int argc, char** argv) {
  if (argc > 1) channel_name = argv[1];
  while (!l3_stopped(chip)) {
    uint64_t version;
    int code = serve(chip);
    if (code == L3_ESTOPPED) break;
    if (l3_directory_changed(chip, &version)) {
      l3_directory_acknowledge(chip, version); /* serve has returned: no view of an older directory is left */
    } else if (code != L3_OK) {
      l3_wait(chip, L3_WAIT_DOORBELL, nothing, 0, L3_FOREVER);
    }
  }
  return 0;
}
