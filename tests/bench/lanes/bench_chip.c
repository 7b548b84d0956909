/* The chip's side of the lane figures: three channels, served one after another, spinning.
 *
 *   sink    adds up every 64-bit word of each message, in place; a message of 0 bytes asks for the sum so far
 *   source  a message of two 64-bit words {count, bytes} asks for that many messages
 *   echo    answers each message with its copy
 *
 * Messages are made and added up as work.h says. Loaded by l3link-sim-chip for dev/bench. */
#include "backends/abi/chip_wait.h"
#include "tests/bench/lanes/work.h"

int l3_program_main(struct l3_chip* chip, int argc, char** argv);

enum { BATCH = 64 };

struct view {
  struct l3_channel channel;
  struct l3_receiver in;
  struct l3_sender out;
};

static int open_view(struct l3_chip* chip, const char* name, struct view* view) {
  struct l3_object object;
  int code;
  if ((code = l3_find_by_name(chip, L3_OBJECT_CHANNEL, name, &object)) != L3_OK) return code;
  if ((code = l3_channel_open(chip, &object, &view->channel)) != L3_OK) return code;
  if ((code = l3_receiver_open(&view->channel, 0, &view->in)) != L3_OK) return code;
  return l3_sender_open(&view->channel, 0, &view->out);
}

static int send_word(struct view* view, uint64_t word) {
  struct l3_message answer = {0, 0, (const uint8_t*)&word, sizeof(word), 0};
  int code = l3_wait_room(&view->out, sizeof(word), L3_WAIT_SPIN, L3_FOREVER);
  return code == L3_OK ? l3_send(&view->out, &answer) : code;
}

static int serve_sink(struct view* view) {
  struct l3_message messages[BATCH];
  uint64_t sum = 0;
  for (;;) {
    uint32_t count;
    int code = l3_take_batch(&view->in, messages, BATCH, &count);
    if (code == L3_AGAIN) code = l3_wait_message(&view->in, L3_WAIT_SPIN, L3_FOREVER);
    if (code != L3_OK) return code;
    for (uint32_t i = 0; i < count; ++i) {
      sum += l3_bench_sum(messages[i].payload, messages[i].payload_bytes);
      if (messages[i].payload_bytes == 0 && (code = send_word(view, sum)) != L3_OK) return code;
    }
    l3_release(&view->in, count);
  }
}

static int stage_number(struct view* view, uint64_t number, uint32_t bytes) {
  uint8_t* place;
  int code = l3_reserve(&view->out, bytes, &place);
  if (code != L3_OK) return code;
  l3_bench_make(place, bytes, number);
  return l3_stage(&view->out, number, 0);
}

static int serve_source(struct view* view) {
  for (;;) {
    struct l3_message request;
    uint64_t wanted[2];
    int code = l3_wait_message(&view->in, L3_WAIT_SPIN, L3_FOREVER);
    if (code != L3_OK) return code;
    if ((code = l3_take(&view->in, &request)) != L3_OK) return code;
    __builtin_memcpy(wanted, request.payload, sizeof(wanted));
    l3_release(&view->in, 1);
    for (uint64_t number = 0; number < wanted[0];) {
      uint64_t last = number + BATCH < wanted[0] ? number + BATCH : wanted[0];
      for (code = L3_OK; number < last && code == L3_OK;) {
        code = stage_number(view, number, (uint32_t)wanted[1]);
        if (code == L3_OK) ++number;
      }
      l3_publish(&view->out);
      if (code == L3_AGAIN) code = l3_wait_room(&view->out, (uint32_t)wanted[1], L3_WAIT_SPIN, L3_FOREVER);
      if (code != L3_OK) return code;
    }
  }
}

static int serve_echo(struct view* view) {
  for (;;) {
    struct l3_message message;
    int code = l3_wait_message(&view->in, L3_WAIT_SPIN, L3_FOREVER);
    if (code != L3_OK) return code;
    if ((code = l3_take(&view->in, &message)) != L3_OK) return code;
    if ((code = l3_send(&view->out, &message)) != L3_OK) return code;
    l3_release(&view->in, 1);
  }
}

static int nothing(void* context) { return (void)context, L3_AGAIN; }

int l3_program_main(struct l3_chip* chip, int argc, char** argv) {
  static const struct {
    const char* name;
    int (*serve)(struct view* view);
  } kinds[] = {{"sink", serve_sink}, {"source", serve_source}, {"echo", serve_echo}};
  (void)argc, (void)argv;
  while (!l3_stopped(chip)) {
    uint64_t version;
    struct view view;
    if (l3_directory_changed(chip, &version)) l3_directory_acknowledge(chip, version); /* no view is open */
    for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i)
      if (open_view(chip, kinds[i].name, &view) == L3_OK) kinds[i].serve(&view);
    l3_wait(chip, L3_WAIT_DOORBELL, nothing, 0, L3_FOREVER); /* until the directory changes */
  }
  return 0;
}
