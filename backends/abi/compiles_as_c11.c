/* Compiles every chip-side header as freestanding C11, and as nothing more: a chip program sees no more than this. */
#include "backends/abi/chip_wait.h"

int l3_c11_compiles(struct l3_chip* chip, void* base, const struct l3_platform* platform);

int l3_c11_compiles(struct l3_chip* chip, void* base, const struct l3_platform* platform) {
  struct l3_object object;
  struct l3_channel channel;
  struct l3_receiver in;
  struct l3_sender out;
  struct l3_message message;
  int code = l3_attach(chip, base, 4096, platform);
  if (code == L3_OK) code = l3_find_by_name(chip, L3_OBJECT_CHANNEL, "c", &object);
  if (code == L3_OK) code = l3_channel_open(chip, &object, &channel);
  if (code == L3_OK) code = l3_receiver_open(&channel, 0, &in);
  if (code == L3_OK) code = l3_sender_open(&channel, 0, &out);
  if (code == L3_OK) code = l3_wait_message(&in, L3_WAIT_DOORBELL, L3_FOREVER);
  if (code == L3_OK) code = l3_take(&in, &message);
  if (code == L3_OK) code = l3_send(&out, &message);
  return code == L3_OK ? l3_release(&in, 1) : code;
}
