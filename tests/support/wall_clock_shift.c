/* Another wall clock for the processes of a test that this is preloaded into: the machine's CLOCK_REALTIME plus an offset that
 * may change at any moment, back and forth: an int64 of ns at the beginning of the file that WALL_CLOCK_SHIFT names.
 *
 * Does what the kernel does at a real jump: who reads the clock sees it, and a sleep until a time of the wall clock (futex,
 * condition) ends when the shifted clock is there, whenever it jumped. Sleeps and times of other clocks are as they were. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { kSecond = 1000000000, kSlice = 2000000 }; /* ns */

static const int64_t no_shift = 0;
static const int64_t* shift_ns = &no_shift;

__attribute__((constructor)) static void use_from_environment(void) {
  const char* path = getenv("WALL_CLOCK_SHIFT");
  int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  void* file = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  if (file == MAP_FAILED) return; /* the machine's clock; the test notices */
  close(fd);
  __atomic_store_n(&shift_ns, (const int64_t*)file, __ATOMIC_RELEASE);
}

static int64_t shift(void) { return __atomic_load_n(__atomic_load_n(&shift_ns, __ATOMIC_ACQUIRE), __ATOMIC_RELAXED); }

static void* next(const char* name) { return dlsym(RTLD_NEXT, name); }

static int64_t ns_of(const struct timespec* time) { return (int64_t)time->tv_sec * kSecond + time->tv_nsec; }

static struct timespec time_of(int64_t ns) {
  struct timespec time = {ns / kSecond, ns % kSecond};
  return time;
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  static int (*real)(clockid_t, struct timespec*);
  if (real == NULL) real = (int (*)(clockid_t, struct timespec*))next("clock_gettime");
  int result = real(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    *time = time_of(ns_of(time) + shift());
  return result;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

/* Until the shifted clock is at `until`, or a little while; as a time of `clock`, which nobody shifts. 0: it is there. */
static int64_t slice_until(int64_t until, clockid_t clock, struct timespec* slice) {
  struct timespec now, base;
  clock_gettime(CLOCK_REALTIME, &now);
  int64_t left = until - ns_of(&now);
  if (left <= 0) return 0;
  if (left > kSlice) left = kSlice;
  clock_gettime(clock, &base);
  *slice = time_of(ns_of(&base) - (clock == CLOCK_REALTIME ? shift() : 0) + left);
  return left;
}

/* absl::Mutex and absl::CondVar sleep here, until a time of the wall clock. */
long syscall(long number, ...) {
  static long (*real)(long, ...);
  long a[6];
  va_list arguments;
  va_start(arguments, number);
  for (int i = 0; i < 6; ++i) a[i] = va_arg(arguments, long);
  va_end(arguments);
  if (real == NULL) real = (long (*)(long, ...))next("syscall");
  if (number != SYS_futex || (a[1] & FUTEX_CLOCK_REALTIME) == 0 || a[3] == 0)
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  const int64_t until = ns_of((const struct timespec*)a[3]);
  struct timespec slice;
  while (slice_until(until, CLOCK_MONOTONIC, &slice) > 0) {
    long result = real(number, a[0], a[1] & ~(long)FUTEX_CLOCK_REALTIME, a[2], &slice, a[4], a[5]);
    if (result == 0 || errno != ETIMEDOUT) return result;
  }
  errno = ETIMEDOUT;
  return -1;
}

/* Whether a condition's clock is the wall clock it does not say; the time does. */
static int is_wall_time(const struct timespec* time) { return time->tv_sec > 1000000000; }

int pthread_cond_timedwait(pthread_cond_t* restrict condition, pthread_mutex_t* restrict mutex,
                           const struct timespec* restrict until) {
  static int (*real)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
  if (real == NULL)
    real = (int (*)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*))dlvsym(
        RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  if (!is_wall_time(until)) return real(condition, mutex, until);
  struct timespec slice;
  if (slice_until(ns_of(until), CLOCK_REALTIME, &slice) == 0) return ETIMEDOUT;
  int result = real(condition, mutex, &slice);
  return result == ETIMEDOUT ? 0 : result; /* woken for nothing, as is allowed: the caller looks again */
}
