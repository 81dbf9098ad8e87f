/* What a call asks the API. */
#ifndef ONPAGE_CALL_REQUEST_H
#define ONPAGE_CALL_REQUEST_H

#include <stdint.h>

#include "api/endpoint.h"
#include "wire/request.h"

/* What a call has to do with responses that are kept. */
enum cache_use {
  CACHE_SHARE,   /* takes one, be it on its way still, and leaves its own */
  CACHE_REFRESH, /* asks in any case, and leaves its own in the place of an older one */
  CACHE_BYPASS   /* asks in any case, and its response is nobody else's */
};

/* What a call asks. */
struct call_request {
  const struct endpoint *endpoint;
  uint64_t columns;         /* bits of those that will be read from the page */
  const char *task_id;      /* copied, for the request log, and since the response has to be of this one; or NULL */
  const char *body;         /* one JSON object; copied */
  struct position position; /* what the body says of it, for the response has to fit it; limit 0: not told */
  enum cache_use cache_use;
};

#endif
