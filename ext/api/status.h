/*
** What the API's status codes and HTTP statuses mean, and what to do about them: one table for each, read by the client.
**
** Codes are matched, never texts: the texts change.
*/
#ifndef ONPAGE_STATUS_H
#define ONPAGE_STATUS_H

enum reaction {
  REACTION_SUCCESS,
  REACTION_STOP,      /* asking again is in vain */
  REACTION_WAIT,      /* over the rate: wait as long as the response says, send again */
  REACTION_FEWER,     /* too many requests at once: fewer, send again */
  REACTION_RETRY,     /* a passing fault: back off, send again */
  REACTION_FILTER,    /* a field or a filter is not accepted: send fewer filters */
  REACTION_BODY,      /* the body's form is not accepted: send the other form */
  REACTION_QUEUED,    /* the crawl has not begun */
  REACTION_NO_RESULTS /* the response is an empty table */
};

struct status {
  int code; /* the API's code or the HTTP status; 0 in the rows for all that the tables don't know */
  enum reaction reaction;
  const char *meaning; /* a few words without capital and full stop */
  const char *hint;    /* the way out for the user, or NULL where there is none */
};

/* The row for a status_code of a response, the envelope's or a task's; 0 stands for a response without one. Never NULL; the
** row is static. */
const struct status *status_of_code(int code);
/* The row for an HTTP status, to be asked when the response has no status_code. Never NULL; the row is static. */
const struct status *status_of_http(long http_status);

#endif
