/*
** What a call asks for.
**
** Tests: tests/unit/client/test_client_calls.c.
*/
#ifndef ONPAGE_CALL_REQUEST_H
#define ONPAGE_CALL_REQUEST_H

#include <stdint.h>

#include "api/endpoint.h"
#include "wire/request.h"

/* How a call uses the cache of responses. */
enum cache_use {
  CACHE_SHARE,   /* takes a response from it, or waits for that of a call in flight; and stores its own */
  CACHE_REFRESH, /* always sends a request, and stores its response */
  CACHE_BYPASS   /* always sends a request, and doesn't store its response or share it with another call */
};

struct call_request {
  const struct endpoint *endpoint;
  uint64_t columns;         /* bits of the columns that will be read from the page */
  const char *task_id;      /* copied; for the request log and for checking the response; or NULL */
  const char *body;         /* one JSON object; copied */
  struct position position; /* what the body says; for checking the response; limit 0: unknown */
  enum cache_use cache_use;
};

#endif
