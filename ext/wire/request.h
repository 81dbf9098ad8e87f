/* The JSON of requests: bodies, and the check of filters that users write. */
#ifndef ONPAGE_REQUEST_H
#define ONPAGE_REQUEST_H

#include "base/error.h"
#include "plan/query.h"

/* Where in the result a request reads. */
struct position {
  long long offset;
  int limit;
  const char *token;     /* search_after_token, or NULL */
  long long rows_before; /* in the result: the offset, or how far the token's chain has come. Not in the body */
};

/* The body, one object, with the given conditions instead of the query's. The caller frees *body. The order of keys is fixed, so
** equal requests have equal bodies. */
CHECKED int request_body(const struct query *query, const struct condition *conditions, size_t condition_count,
                         const struct position *position, char **body, struct error *error);
/* Checks that filters have the form of the API's grammar, and counts their conditions. Fields and operators are checked by the API.
** The error names the fault and its place. */
CHECKED int request_check_filters(const char *filters, size_t *conditions, struct error *error);

#endif
