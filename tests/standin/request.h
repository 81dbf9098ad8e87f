/*
** The body of a request to on_page/links: everything that can be wrong with it before the task is looked at.
*/
#ifndef STANDIN_REQUEST_H
#define STANDIN_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "filter.h"
#include "text.h"
#include "token.h"

struct json_object;

/* All zero before standin_links_read. */
struct standin_links {
  struct json_object *body; /* owned; the strings below live in it */
  struct json_object *data; /* the request's object; NULL when the body was refused before it was found */
  const char *id;           /* NULL when absent or no string */
  size_t limit;
  size_t offset;
  bool has_token;
  struct standin_token token;
  struct standin_place start; /* what to answer: from the offset on, or from where the token says */
  struct standin_filter filter;
  struct standin_text selection; /* canonical text of what selects rows, semantics included */
  uint64_t fingerprint;          /* of the request without its token */
};

/* body need not be terminated. -1 when the request is refused; links is then still to be released, and may be echoed. */
int standin_links_read(struct standin_links *links, const char *body, size_t length, const struct standin_readings *readings,
                       struct standin_failure *failure);
void standin_links_release(struct standin_links *links);

#endif
