/*
** Responses as the API writes them: the envelope, its task and its result.
*/
#ifndef STANDIN_RESPONSE_H
#define STANDIN_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "items.h"
#include "matches.h"
#include "request.h"
#include "standin.h"

/* All zero before it is written. */
struct standin_response {
  int http_status;
  int code; /* of the task, else of the envelope; 0: no envelope */
  size_t items;
  struct standin_place next; /* after a page */
  struct standin_text body;
  const char *content_type; /* static; NULL: JSON */
};

/* The page of rows that links asks for. crawl: STANDIN_FINISHED or STANDIN_IN_PROGRESS. links->token says what a token after
** the page has beside its place. */
void standin_response_page(struct standin_response *response, const struct standin_readings *readings,
                           const struct standin_links *links, const struct standin_items *items, enum standin_crawl crawl);
/* links: the request to echo at the task; NULL or without data: none. */
void standin_response_failure(struct standin_response *response, const struct standin_readings *readings,
                              const struct standin_links *links, const struct standin_failure *failure);
/* The response to available_filters. */
void standin_response_filters(struct standin_response *response, const struct standin_readings *readings);

#endif
