/* The times of the last requests in a ring: the next one may be sent a minute after the oldest. */
#include "client/rate.h"

#include <stdlib.h>

#include "client/option.h"

enum { PERIOD_MS = 60200 }; /* a little more than a minute: requests take time to arrive */

void rate_release(struct rate *rate) {
  free(rate->sent_ms);
  *rate = (struct rate){0};
}

static int follow_limit(struct rate *rate, int64_t limit, struct error *error) {
  if (limit == rate->size) return 0;
  int64_t *ring = limit > 0 ? calloc((size_t)limit, sizeof *ring) : NULL;
  if (limit > 0 && ring == NULL) return error_no_memory(error);
  free(rate->sent_ms);
  rate->sent_ms = ring;
  rate->size = limit;
  rate->oldest = 0;
  for (int64_t i = 0; i < limit; i++) ring[i] = INT64_MIN / 2;
  return 0;
}

int rate_delay(struct rate *rate, int64_t limit, int64_t now_ms, int64_t *delay_ms, struct error *error) {
  if (follow_limit(rate, limit, error) != 0) return -1;
  int64_t free_at = rate->sent_ms != NULL ? rate->sent_ms[rate->oldest] + PERIOD_MS : now_ms;
  if (free_at < rate->resume_ms) free_at = rate->resume_ms;
  *delay_ms = free_at > now_ms ? free_at - now_ms : 0;
  return 0;
}

void rate_note_sent(struct rate *rate, int64_t now_ms) {
  if (rate->sent_ms == NULL) return;
  rate->sent_ms[rate->oldest] = now_ms;
  rate->oldest = (rate->oldest + 1) % rate->size;
}

void rate_hold(struct rate *rate, int64_t until_ms) {
  if (until_ms > rate->resume_ms) rate->resume_ms = until_ms;
}

void rate_forget_hold(struct rate *rate) {
  rate->resume_ms = 0;
}

int rate_at_once(int64_t limit) {
  /* Growth (which allows 50, but DataForSEO, to which the gateway forwards, no more than this), Starter, Free; an unknown plan
  ** as Free. */
  static const struct {
    int64_t limit;
    int at_once;
  } plans[] = {{3000, IN_FLIGHT_MAX}, {600, 20}, {0, 5}};
  size_t plan = 0;
  while (plans[plan].limit > limit) plan++;
  return plans[plan].at_once;
}
