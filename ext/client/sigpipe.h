/*
** Writing to a connection that the other side has closed raises SIGPIPE, which would kill the host process. libcurl suppresses
** it when it writes to the socket itself, but older versions write through their TLS library, which doesn't. So the thread blocks
** the signal while libcurl runs.
**
** Tests: tests/unit/client/test_http_process.c.
*/
#ifndef ONPAGE_SIGPIPE_H
#define ONPAGE_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

struct sigpipe_guard {
  sigset_t previous;
  bool was_pending;
};

void sigpipe_block(struct sigpipe_guard *guard);
/* Discards a SIGPIPE that was raised since, but not one that was pending before. */
void sigpipe_restore(const struct sigpipe_guard *guard);

#endif
