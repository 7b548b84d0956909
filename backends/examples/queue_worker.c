/* A chip program that is driven by a queue: takes jobs (jobs.h) from every lane of channel "jobs" and answers each on the lane of
 * the same number. The same source for a simulated chip and one on the board; needs nothing of a C library.
 *
 *   cc -std=c11 -O2 -shared -fPIC -I. -o libqueue_worker.so backends/examples/queue_worker.c
 *   l3linkd --sim-program ./libqueue_worker.so
 *
 * Jobs and answers are read and written where they lie in the rings. Order holds within a lane. A job's room is given back after its
 * answer is published: if the chip dies in between, the job comes again and is answered twice, with the same correlation id. */
#include "backends/abi/chip_wait.h"
#include "backends/examples/jobs.h"

int l3_program_main(struct l3_chip* chip, int argc, char** argv);

enum { MOST_LANES = 16 }; /* further ones are left alone */

struct worker {
  struct l3_receiver in[MOST_LANES];
  struct l3_sender out[MOST_LANES];
  uint32_t lanes;
};

static int open_lanes(struct l3_chip* chip, struct worker* worker) {
  struct l3_object object;
  struct l3_channel channel;
  int code = l3_find_by_name(chip, L3_OBJECT_CHANNEL, "jobs", &object);
  if (code == L3_OK) code = l3_channel_open(chip, &object, &channel);
  if (code != L3_OK) return code;
  worker->lanes = l3_lane_count(&channel, L3_HOST_TO_CHIP);
  if (worker->lanes > l3_lane_count(&channel, L3_CHIP_TO_HOST))
    worker->lanes = l3_lane_count(&channel, L3_CHIP_TO_HOST);
  if (worker->lanes > MOST_LANES) worker->lanes = MOST_LANES;
  for (uint32_t lane = 0; code == L3_OK && lane < worker->lanes; ++lane) {
    code = l3_receiver_open(&channel, lane, &worker->in[lane]);
    if (code == L3_OK) code = l3_sender_open(&channel, lane, &worker->out[lane]);
  }
  return code;
}

/* For l3_wait: whether some lane has a job, or is gone. */
static int any_job(void* context) {
  struct worker* worker = (struct worker*)context;
  for (uint32_t lane = 0; lane < worker->lanes; ++lane) {
    int code = l3_message_ready(&worker->in[lane]);
    if (code != L3_AGAIN) return code;
  }
  return L3_AGAIN;
}

/* How many floats the answer has; -1: the job is refused. */
static int64_t answer_count(const struct l3_message* message, const struct job* job) {
  if (message->payload_bytes != sizeof(*job) + (uint64_t)job->count * sizeof(float)) return -1;
  switch (job->operation) {
    case JOB_SUM: return 1;
    case JOB_LARGEST: return job->count ? 1 : -1;
    case JOB_SQUARES: return job->count;
    default: return -1;
  }
}

static void compute(const struct job* job, const float* values, float* results) {
  if (job->operation == JOB_SQUARES) {
    for (uint32_t i = 0; i < job->count; ++i) results[i] = values[i] * values[i];
    return;
  }
  float result = job->operation == JOB_SUM ? 0 : values[0];
  for (uint32_t i = 0; i < job->count; ++i) {
    if (job->operation == JOB_SUM)
      result += values[i];
    else if (values[i] > result)
      result = values[i];
  }
  results[0] = result;
}

/* The next job of one lane: L3_OK, or L3_AGAIN when it has none. */
static int do_job(struct l3_receiver* in, struct l3_sender* out) {
  struct l3_message message;
  struct job job = {0, 0};
  struct job_answer answer = {JOB_REFUSED, 0};
  uint8_t* place;
  int code = l3_take(in, &message);
  if (code != L3_OK) return code;
  if (message.payload_bytes >= sizeof(job)) __builtin_memcpy(&job, message.payload, sizeof(job));
  const int64_t count = answer_count(&message, &job);
  if (count >= 0) {
    answer.state = JOB_DONE;
    answer.count = (uint32_t)count;
  }
  const uint32_t bytes = (uint32_t)(sizeof(answer) + answer.count * sizeof(float));
  code = l3_wait_room(out, bytes, L3_WAIT_DOORBELL, L3_FOREVER);
  if (code == L3_OK) code = l3_reserve(out, bytes, &place);
  if (code != L3_OK) return code;
  __builtin_memcpy(place, &answer, sizeof(answer));
  if (answer.state == JOB_DONE) /* payloads lie on multiples of 8 */
    compute(&job, (const float*)(const void*)(message.payload + sizeof(job)), (float*)(void*)(place + sizeof(answer)));
  l3_stage(out, message.correlation_id, message.route);
  l3_publish(out);
  return l3_release(in, 1);
}

/* Until the channel is closed or reset, the directory changes, or the chip is to stop; says which. One job of each lane in turn. */
static int serve(struct l3_chip* chip) {
  struct worker worker;
  int code = open_lanes(chip, &worker);
  while (code == L3_OK) {
    code = l3_wait(chip, L3_WAIT_DOORBELL, any_job, &worker, L3_FOREVER);
    for (uint32_t lane = 0; code == L3_OK && lane < worker.lanes; ++lane) {
      code = do_job(&worker.in[lane], &worker.out[lane]);
      if (code == L3_AGAIN) code = L3_OK;
    }
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
      l3_wait(chip, L3_WAIT_DOORBELL, nothing, 0, L3_FOREVER); /* for a directory that has the channel, or the end */
  }
  return 0;
}
