/* What a call asks the API. */
#ifndef ONPAGE_CALL_REQUEST_H
#define ONPAGE_CALL_REQUEST_H

#include <stdint.h>

#include "api/endpoint.h"
#include "wire/request.h"

/* What a call has to do with answers that are kept. */
enum keeping {
  KEEPING_SHARES, /* takes one, be it on its way still, and leaves its own */
  KEEPING_RENEWS, /* asks in any case, and leaves its own in the place of an older one */
  KEEPING_NOTHING /* asks in any case, and its answer is nobody else's */
};

/* What a call asks. */
struct question {
  const struct endpoint *endpoint;
  uint64_t columns;         /* bits of those that will be read from the page */
  const char *task_id;      /* copied, for the request log, and since the answer has to be of this one; or NULL */
  const char *body;         /* one JSON object; copied */
  struct position position; /* what the body says of it, for the answer has to fit it; limit 0: not told */
  enum keeping keeping;
};

#endif
