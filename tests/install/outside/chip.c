/* A chip program outside of the project's tree: answers on channel "loud" in capitals. Needs no C library. */
#include "backends/abi/chip_wait.h"

/* Until the channel or the directory changes, or the chip is to stop; says which. */
static int serve(struct l3_chip* chip) {
  struct l3_object object;
  struct l3_channel channel;
  struct l3_receiver in;
  struct l3_sender out;
  struct l3_message message;
  uint8_t* place;
  int code = l3_find_by_name(chip, L3_OBJECT_CHANNEL, "loud", &object);
  if (code == L3_OK) code = l3_channel_open(chip, &object, &channel);
  if (code == L3_OK) code = l3_receiver_open(&channel, 0, &in);
  if (code == L3_OK) code = l3_sender_open(&channel, 0, &out);
  while (code == L3_OK) {
    code = l3_wait_message(&in, L3_WAIT_DOORBELL, L3_FOREVER);
    if (code == L3_OK) code = l3_take(&in, &message);
    if (code == L3_OK) code = l3_wait_room(&out, message.payload_bytes, L3_WAIT_DOORBELL, L3_FOREVER);
    if (code == L3_OK) code = l3_reserve(&out, message.payload_bytes, &place);
    if (code != L3_OK) return code;
    for (uint32_t i = 0; i < message.payload_bytes; ++i)
      place[i] = message.payload[i] - (message.payload[i] >= 'a' && message.payload[i] <= 'z' ? 32 : 0);
    l3_stage(&out, message.correlation_id, message.route);
    l3_publish(&out);
    l3_release(&in, 1);
  }
  return code;
}

static int nothing(void* context) { return (void)context, L3_AGAIN; }

int l3_program_main(struct l3_chip* chip, int argc, char** argv);
int l3_program_main(struct l3_chip* chip, int argc, char** argv) {
  (void)argc, (void)argv;
  while (!l3_stopped(chip)) {
    uint64_t version;
    const int code = serve(chip);
    if (l3_directory_changed(chip, &version))
      l3_directory_acknowledge(chip, version);
    else if (code != L3_OK && code != L3_ESTOPPED)
      l3_wait(chip, L3_WAIT_DOORBELL, nothing, 0, L3_FOREVER);
  }
  return 0;
}
