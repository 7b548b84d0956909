/* Sleeps by the monotonic clock where Abseil, and with it gRPC, would sleep by the wall clock. Nobody calls it by name: linked
 * into a program, these definitions of the C library's syscall() and clock_gettime() win.
 *
 * Abseil's mutexes and conditions sleep in a futex until a time of CLOCK_REALTIME, and there gRPC 1.51 waits for its next
 * timer. Were the wall clock set back by an hour meanwhile, deadlines, keepalives, alarms and reconnects of the whole process
 * would be an hour late. Here such a sleep ends by CLOCK_MONOTONIC. The thread has made that time out of its last look at the
 * wall clock, so what lay between the two clocks at that look is what lies between the two times, whatever was set since.
 *
 * Unless that look is long ago, and the time is not the one that the thread slept until before (Abseil goes on with a sleep that
 * was broken off): then the time is from elsewhere, from another thread say, and the clocks are compared anew. */
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
static const int64_t kFarSeconds = 9000000000; /* beyond, nanoseconds overflow */

/* Of this thread's last look: by the monotonic clock, and how far the wall clock was ahead of that. */
static __thread int64_t looked_ns, ahead_ns;
static __thread int64_t last_end_ns; /* of this thread's last sleep, by the wall clock */

static int64_t ns_of(const struct timespec* time) {
  return time->tv_sec >= kFarSeconds ? INT64_MAX / 2 : time->tv_sec * kSecond + time->tv_nsec;
}

/* The C library's own, looked up once: a race finds the same. */
static void* next(void** known, const char* name) {
  void* found = __atomic_load_n(known, __ATOMIC_RELAXED);
  if (found == NULL) __atomic_store_n(known, found = dlsym(RTLD_NEXT, name), __ATOMIC_RELAXED);
  return found;
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  static void* known;
  int (*real)(clockid_t, struct timespec*) = (int (*)(clockid_t, struct timespec*))next(&known, "clock_gettime");
  const int result = real(clock, time);
  struct timespec steady;
  if (result == 0 && clock == CLOCK_REALTIME && real(CLOCK_MONOTONIC, &steady) == 0) {
    looked_ns = ns_of(&steady);
    ahead_ns = ns_of(time) - looked_ns;
  }
  return result;
}

static struct timespec until_steadily(const struct timespec* wall_time) {
  struct timespec now;
  const int64_t end_ns = ns_of(wall_time);
  if (end_ns != last_end_ns && clock_gettime(CLOCK_MONOTONIC, &now) == 0 && ns_of(&now) - looked_ns > kSecond)
    clock_gettime(CLOCK_REALTIME, &now);
  last_end_ns = end_ns;
  int64_t end = end_ns - ahead_ns;
  if (end < 0) end = 0;
  return (struct timespec){end / kSecond, end % kSecond};
}

long syscall(long number, ...) {
  static void* known;
  long (*real)(long, ...) = (long (*)(long, ...))next(&known, "syscall");
  long a[6];
  va_list arguments;
  va_start(arguments, number);
  for (int i = 0; i < 6; ++i) a[i] = va_arg(arguments, long);
  va_end(arguments);
  const int is_wall_wait = number == SYS_futex && (a[1] & FUTEX_CLOCK_REALTIME) != 0 &&
                           (a[1] & FUTEX_CMD_MASK & ~FUTEX_CLOCK_REALTIME) == FUTEX_WAIT_BITSET && a[3] != 0;
  if (!is_wall_wait) return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  const struct timespec end = until_steadily((const struct timespec*)a[3]);
  return real(number, a[0], a[1] & ~(long)FUTEX_CLOCK_REALTIME, a[2], &end, a[4], a[5]);
}
