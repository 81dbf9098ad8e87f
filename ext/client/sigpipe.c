/* SIGPIPE, for the present thread. */
#include "client/sigpipe.h"

#include <stddef.h>

static bool is_pending(void) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

void sigpipe_block(struct sigpipe_guard *guard) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  guard->was_pending = is_pending();
  pthread_sigmask(SIG_BLOCK, &set, &guard->previous);
}

void sigpipe_restore(const struct sigpipe_guard *guard) {
  if (!guard->was_pending && is_pending()) {
    sigset_t set;
    int signal;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    sigwait(&set, &signal);
  }
  pthread_sigmask(SIG_SETMASK, &guard->previous, NULL);
}
