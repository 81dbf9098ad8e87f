/* The JSON of requests: a query and a place in its result → a body; and the check of filters written by hand. */
#ifndef ONPAGE_REQUEST_H
#define ONPAGE_REQUEST_H

#include <stdbool.h>

#include "base/error.h"
#include "plan/query.h"

/* Where in the result a request reads. */
struct position {
  long long offset;
  int limit;
  const char *token; /* search_after_token, or NULL */
  long long row;     /* rows of the result before it: the offset, or how far the token's chain has come. Not in the body */
};

/* The body as one object, with the conditions given instead of the query's; *body is to be freed by the caller. Key order is
** fixed, so equal requests have equal bodies. */
CHECKED int request_body(const struct query *query, const struct condition *conditions, size_t condition_count,
                         const struct position *position, char **body, struct error *error);
/* Checks the shape of filters in the API's grammar and counts its conditions. What fields and operators there are is left to
** the API. The error names the fault and its place. */
CHECKED int request_check_filters(const char *filters, size_t *conditions, struct error *error);
/* "0.16", of json-c at run time, in static memory; and whether the extension can do with it: 0.14 has the file name of 0.15, but loses
** a surrogate pair (\ud83d\ude00) that the end of a piece cuts in two. */
const char *request_json_version(void);
bool request_json_is_supported(void);

#endif
