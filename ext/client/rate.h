/* How many requests may be sent in a minute: as many as an option says, and none before the API is ready again. */
#ifndef ONPAGE_RATE_H
#define ONPAGE_RATE_H

#include <stdint.h>

#include "base/error.h"

/* Zeroed, it knows of no request. Times are those of clock.h. */
struct rate {
  int64_t *sent_ms;  /* when the last so many requests were sent, a ring; owned; NULL without a limit */
  int64_t size;      /* of it: the limit */
  int64_t oldest;    /* index */
  int64_t resume_ms; /* the API said that it is asked too often, and nothing is to be sent before this */
};

void rate_release(struct rate *rate);
/* How long the next request has to wait. limit: requests a minute, 0: none; when it has changed, none counts as sent. */
CHECKED int rate_delay(struct rate *rate, int64_t limit, int64_t now_ms, int64_t *delay_ms, struct error *error);
void rate_note_sent(struct rate *rate, int64_t now_ms);
/* Nothing is to be sent before that time, nor before an earlier call's. */
void rate_hold(struct rate *rate, int64_t until_ms);
void rate_forget_hold(struct rate *rate);

/* How many requests may be under way at once on a plan of the gateway that allows so many a minute; 0: not known. */
int rate_at_once(int64_t limit);

#endif
