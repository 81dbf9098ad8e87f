/*
** The body of a request: everything that can be wrong with it before the task is looked at.
*/
#ifndef STANDIN_QUERY_H
#define STANDIN_QUERY_H

#include <stddef.h>
#include <stdint.h>

#include "endpoints.h"
#include "failure.h"
#include "filter.h"
#include "text.h"
#include "token.h"

struct json_object;

enum { STANDIN_ORDERS = 3 };

/* All zero before standin_query_read. */
struct standin_query {
  const struct standin_descriptor *endpoint;
  struct json_object *body; /* owned; the strings below live in it */
  struct json_object *data; /* the request's object; NULL when the body was refused before it was found */
  const char *id;           /* NULL when absent or no string */
  size_t limit;
  size_t offset;
  bool has_token;
  struct standin_token token;
  struct standin_place start; /* what to answer: from the offset on, or from where the token says */
  struct standin_filter filter;
  struct standin_filter page_filter; /* of the pages whose rows are asked for */
  const char *url;                   /* of such a page; NULL: any */
  const char *word;                  /* of the key that has words; NULL: absent */
  const char *text;                  /* NULL: absent */
  size_t text_length;
  bool flag; /* of the key that is a boolean */
  double from, to;
  struct standin_order {
    size_t field;
    bool descending;
  } order[STANDIN_ORDERS];
  size_t order_count;
  struct standin_text selection; /* canonical text of what selects rows, semantics included */
  uint64_t fingerprint;          /* of the request without its token */
};

/* body need not be terminated. -1 when the request is refused; query is then still to be released, and may be echoed. */
int standin_query_read(struct standin_query *query, enum standin_endpoint endpoint, const char *body, size_t length,
                       const struct standin_readings *readings, struct standin_failure *failure);
void standin_query_release(struct standin_query *query);

#endif
