/* A chip program that is a stage of a pipeline: frames of floats come and go through region "frames" (frames.h), and two signals say
 * how far each side is. Of every frame it makes the running sum. The same source for a simulated chip and one on the board; needs
 * nothing of a C library.
 *
 *   cc -std=c11 -O2 -shared -fPIC -I. -o libpipeline.so backends/examples/pipeline.c
 *   l3linkd --sim-program ./libpipeline.so
 *
 * FRAMES_DONE is all the state there is: a chip that was restarted goes on with the frame that was not done. */
#include "backends/abi/chip_wait.h"
#include "backends/examples/frames.h"

int l3_program_main(struct l3_chip* chip, int argc, char** argv);

static void running_sum(const float* input, float* output) {
  float sum = 0;
  for (int i = 0; i < FRAME_VALUES; ++i) {
    sum += input[i];
    output[i] = sum;
  }
}

/* L3_ENOENT also for a region of that name that is not made for frames. */
static int open_frames(struct l3_chip* chip, struct l3_region* region) {
  struct l3_object object;
  int code = l3_find_by_name(chip, L3_OBJECT_REGION, "frames", &object);
  if (code == L3_OK) code = l3_region_open(chip, &object, region);
  if (code != L3_OK) return code;
  return region->shape.data_bytes >= FRAMES_BYTES && region->shape.signal_count >= FRAME_SIGNALS ? L3_OK : L3_ENOENT;
}

/* Until the region is closed, the directory changes, or the chip is to stop; says which. */
static int serve(struct l3_chip* chip) {
  struct l3_region region;
  uint64_t done = 0;
  int code = open_frames(chip, &region);
  if (code == L3_OK) code = l3_signal_load(&region, FRAMES_DONE, &done);
  while (code == L3_OK) {
    /* The host wrote the input before this signal: it is there. */
    code = l3_wait_signal(&region, FRAMES_READY, L3_GT, done, L3_WAIT_DOORBELL, L3_FOREVER);
    if (code != L3_OK) return code;
    running_sum((const float*)(const void*)(region.data + frame_input_at(done)),
                (float*)(void*)(region.data + frame_output_at(done)));
    code = l3_notify(&region, FRAMES_DONE, L3_NOTIFY_SET, ++done); /* and the output before this one */
  }
  return code;
}

static int nothing(void* context) { return (void)context, L3_AGAIN; }

int l3_program_main(struct l3_chip* chip, int argc, char** argv) {
  (void)argc, (void)argv;
  while (!l3_stopped(chip)) {
    uint64_t version;
    const int code = serve(chip);
    if (l3_directory_changed(chip, &version))
      l3_directory_acknowledge(chip, version); /* serve has returned: no view of an older directory is left */
    else if (code != L3_ESTOPPED)
      l3_wait(chip, L3_WAIT_DOORBELL, nothing, 0, L3_FOREVER); /* for a directory that has the region, or the end */
  }
  return 0;
}
