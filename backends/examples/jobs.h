/* What travels on the channel of queue_worker.c, for it and for hosts. Little-endian, as everything in the arena. */
#ifndef L3LINK_BACKENDS_EXAMPLES_JOBS_H_
#define L3LINK_BACKENDS_EXAMPLES_JOBS_H_

#include <stdint.h>

/* Operations; of no values, SUM is 0 and LARGEST is refused. */
enum { JOB_SUM = 1, JOB_LARGEST = 2, JOB_SQUARES = 3 };

/* A message to the chip: this, then `count` floats. */
struct job {
  uint32_t operation;
  uint32_t count;
};

enum { JOB_DONE = 0, JOB_REFUSED = 1 };

/* The answer, with the job's correlation id: this, then `count` floats: one, or as many as the job had; none when refused. */
struct job_answer {
  uint32_t state;
  uint32_t count;
};

#endif /* L3LINK_BACKENDS_EXAMPLES_JOBS_H_ */
