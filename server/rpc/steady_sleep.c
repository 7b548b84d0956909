/* Sleeps by the monotonic clock where Abseil, and with it gRPC, would sleep by the wall clock. Nobody calls it by name: linked
 * into a program, this definition of the C library's syscall() wins.
 *
 * Abseil's mutexes and conditions sleep in a futex until a time of CLOCK_REALTIME, and there gRPC 1.51 waits for its next
 * timer. Were the wall clock set back by an hour meanwhile, deadlines, keepalives, alarms and reconnects of the whole process
 * would be an hour late. Here such a sleep gets, by CLOCK_MONOTONIC, what was left of it when it began. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const int64_t kSecond = 1000000000;

static struct timespec until_steadily(const struct timespec* wall_time) {
  struct timespec wall, steady;
  clock_gettime(CLOCK_REALTIME, &wall);
  clock_gettime(CLOCK_MONOTONIC, &steady);
  int64_t seconds = wall_time->tv_sec - wall.tv_sec; /* apart from the rest: it may be very far */
  int64_t ns = (int64_t)wall_time->tv_nsec - wall.tv_nsec + steady.tv_nsec;
  if (seconds < 0) seconds = ns = 0;
  steady.tv_sec += seconds + (ns >= kSecond) - (ns < 0);
  steady.tv_nsec = ns >= kSecond ? ns - kSecond : ns < 0 ? ns + kSecond : ns;
  return steady;
}

long syscall(long number, ...) {
  static long (*next)(long, ...);
  long (*real)(long, ...) = __atomic_load_n(&next, __ATOMIC_RELAXED);
  long a[6];
  va_list arguments;
  va_start(arguments, number);
  for (int i = 0; i < 6; ++i) a[i] = va_arg(arguments, long);
  va_end(arguments);
  if (real == NULL) {
    real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    __atomic_store_n(&next, real, __ATOMIC_RELAXED);
  }
  const int is_wall_wait = number == SYS_futex && (a[1] & FUTEX_CLOCK_REALTIME) != 0 &&
                           (a[1] & FUTEX_CMD_MASK & ~FUTEX_CLOCK_REALTIME) == FUTEX_WAIT_BITSET && a[3] != 0;
  if (!is_wall_wait) return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  const struct timespec end = until_steadily((const struct timespec*)a[3]);
  return real(number, a[0], a[1] & ~(long)FUTEX_CLOCK_REALTIME, a[2], &end, a[4], a[5]);
}
