/*
** What the API's status codes and HTTP statuses mean, and what to do about them: one table for each. Codes are matched, never
** texts, since the texts change.
*/
#ifndef ONPAGE_STATUS_H
#define ONPAGE_STATUS_H

enum reaction {
  REACTION_SUCCESS,
  REACTION_STOP,      /* trying again doesn't help */
  REACTION_WAIT,      /* over the rate limit: wait as long as the response says, send again */
  REACTION_FEWER,     /* too many requests at once: fewer, send again */
  REACTION_RETRY,     /* a transient fault: back off, send again */
  REACTION_FILTER,    /* a field or a filter is not accepted: send fewer filters */
  REACTION_BODY,      /* the body's form is not accepted: send the other form */
  REACTION_QUEUED,    /* the crawl has not begun */
  REACTION_NO_RESULTS /* the response is an empty table */
};

struct status {
  int code; /* the API's code or the HTTP status; 0 in the rows of unlisted ones */
  enum reaction reaction;
  const char *meaning; /* a few words without capital and full stop */
  const char *hint;    /* what the user can do, or NULL */
};

/* The row of a response's status_code, the envelope's or a task's; 0: the response has none. Never NULL; static. */
const struct status *status_of_code(int code);
/* The row of an HTTP status, for a response without a status_code. Never NULL; static. */
const struct status *status_of_http(long http_status);

#endif
