/* An attempt of a call: one request, and what follows from its outcome. */
#ifndef ONPAGE_ATTEMPT_H
#define ONPAGE_ATTEMPT_H

#include "base/error.h"
#include "client/call.h"

/* Sends a call that waits. Where the rate doesn't allow it yet, the call goes on waiting. */
CHECKED int attempt_send(struct call *call, struct error *error);
/* Takes the next step after an attempt whose transfer is done: the call ends, or waits for another. */
void attempt_settle(struct call *call);

#endif
