/* When the next request may be sent: by the option rate_limit, and by the pause that the API asks for after too many requests. */
#ifndef ONPAGE_RATE_H
#define ONPAGE_RATE_H

#include <stdint.h>

#include "base/error.h"

/* All zero: no request so far. Times are those of clock.h. */
struct rate {
  int64_t *sent_ms;  /* a ring of `size` times: when the last requests were sent; owned; NULL without a limit */
  int64_t size;      /* the limit */
  int64_t oldest;    /* index */
  int64_t resume_ms; /* nothing is sent before: the API asked for a pause */
};

void rate_release(struct rate *rate);
/* How long the next request has to wait. limit: requests a minute; 0: no limit. A changed limit forgets the requests so far. */
CHECKED int rate_delay(struct rate *rate, int64_t limit, int64_t now_ms, int64_t *delay_ms, struct error *error);
void rate_note_sent(struct rate *rate, int64_t now_ms);
/* Nothing is sent before until_ms, nor before that of an earlier call. */
void rate_hold(struct rate *rate, int64_t until_ms);
void rate_forget_hold(struct rate *rate);

/* How many requests may be in flight on the gateway's plan with this limit of requests a minute; 0: unknown. */
int rate_at_once(int64_t limit);

#endif
