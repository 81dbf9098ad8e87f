/*
** Writing to a connection that the other side has closed raises SIGPIPE, which would kill the host. Where libcurl sends itself
** it asks for none, but older ones send through their TLS library, which does not. So the thread blocks it meanwhile.
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
/* Takes away a SIGPIPE that came since, and leaves one that was pending before. */
void sigpipe_restore(const struct sigpipe_guard *guard);

#endif
