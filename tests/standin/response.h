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
#include "query.h"
#include "standin.h"

struct standin;
struct standin_writer;

/* All zero before it is written. */
struct standin_response {
  int http_status;
  int code; /* of the task, else of the envelope; 0: no envelope */
  size_t items;
  struct standin_place next; /* after a page */
  struct standin_text body;
  const char *content_type; /* static; NULL: JSON */
};

/* A task while a request reads it. */
struct standin_held {
  enum standin_crawl crawl;
  struct standin_items *tables[STANDIN_TABLE_COUNT];
};

/* The page of rows that the query asks for, of a task that has results. query->token says what a token after the page has beside its
** place. */
void standin_response_page(struct standin_response *response, const struct standin_readings *readings,
                           const struct standin_query *query, const struct standin_held *held);
/* The same of pages that share a title or description (groups.c). */
void standin_response_groups(struct standin_response *response, const struct standin_readings *readings,
                             const struct standin_query *query, const struct standin_held *held);
/* query: the request to echo at the task; NULL or without data: none. */
void standin_response_failure(struct standin_response *response, const struct standin_readings *readings,
                              const struct standin_query *query, const struct standin_failure *failure);
/* The response to available_filters. */
void standin_response_filters(struct standin_response *response, const struct standin_readings *readings);
/* … to summary, of a task that has results (summary.c). */
void standin_response_summary(struct standin_response *response, const struct standin_readings *readings, const char *task_id,
                              const struct standin_held *held);

/* The members of a result about the crawl's progress. */
void standin_put_crawl(struct standin_writer *writer, const struct standin_readings *readings, const struct standin_held *held);
/* How many rows there are in all, as the readings tell it. */
void standin_put_total(struct standin_writer *writer, const struct standin_readings *readings, const char *key, size_t rows);
/* Which rows of a result the page has, *first to the end that is returned; sets all of the response but its body. */
size_t standin_page_end(struct standin_response *response, const struct standin_readings *readings,
                        const struct standin_query *query, size_t *first, size_t total);

#endif
