/*
** clock_gettime and poll of the program itself: the dynamic linker finds them before libc's, for libcurl and the extension,
** too. The clock is continuous when its speed changes.
*/
#define _GNU_SOURCE /* RTLD_NEXT; NOLINT: the macro's name is libc's */
#include "hurry.h"

#include <dlfcn.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#define VISIBLE __attribute__((visibility("default")))

static _Thread_local struct {
  unsigned times; /* 0: never hurried */
  long long true_ns, hurried_ns;
} clock_of_thread;

/* The function of the same name in the libraries. */
static void find_next(const char *name, void *function, size_t size) {
  void *address = dlsym(RTLD_NEXT, name);
  memcpy(function, &address, size); /* ISO C has no cast for it */
}

static int true_clock(clockid_t clock, struct timespec *now) {
  static _Thread_local int (*next)(clockid_t, struct timespec *);
  if (!next) find_next("clock_gettime", &next, sizeof next);
  return next(clock, now);
}

static long long true_ns(void) {
  struct timespec now;
  true_clock(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long hurried_ns(void) {
  long long now = true_ns();
  if (clock_of_thread.times == 0) return now;
  return clock_of_thread.hurried_ns + (now - clock_of_thread.true_ns) * clock_of_thread.times;
}

void hurry(unsigned times) {
  clock_of_thread.hurried_ns = hurried_ns();
  clock_of_thread.true_ns = true_ns();
  clock_of_thread.times = times;
}

long hurry_clock_ms(void) {
  return (long)(hurried_ns() / 1000000);
}

VISIBLE int clock_gettime(clockid_t clock, struct timespec *now) {
  if (clock != CLOCK_MONOTONIC || clock_of_thread.times == 0) return true_clock(clock, now);
  long long hurried = hurried_ns();
  *now = (struct timespec){.tv_sec = hurried / 1000000000, .tv_nsec = hurried % 1000000000};
  return 0;
}

VISIBLE int poll(struct pollfd *polled, nfds_t count, int timeout) {
  static _Thread_local int (*next)(struct pollfd *, nfds_t, int);
  int times = (int)clock_of_thread.times;
  if (!next) find_next("poll", &next, sizeof next);
  return next(polled, count, times > 1 && timeout > 0 ? (timeout + times - 1) / times : timeout);
}
