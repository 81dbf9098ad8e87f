/*
** An attempt of a call: one HTTP request, and what follows from its outcome.
**
** Tests: tests/unit/client/test_client_retries.c.
*/
#ifndef ONPAGE_ATTEMPT_H
#define ONPAGE_ATTEMPT_H

#include "base/error.h"
#include "client/call.h"

/* Sends a waiting call. If the rate limit doesn't allow it yet, the call goes on waiting, until due_ms. */
CHECKED int attempt_send(struct call *call, struct error *error);
/* Handles an attempt whose transfer is done: the call ends, or waits for its next attempt. */
void attempt_settle(struct call *call);

#endif
