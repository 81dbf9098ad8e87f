/*
** A response of the API: its status, its crawl's state, its items as rows.
**
** Nothing in a response is trusted to be of the type that the documents give it.
*/
#ifndef ONPAGE_PAGE_H
#define ONPAGE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "base/error.h"
#include "base/value.h"

struct page;
struct items;
struct json_object;

/* What the response says of the crawl; numbers are -1 where it says nothing. */
struct crawl_state {
  const char *progress; /* "in_progress", "finished", or NULL; belongs to the page */
  bool finished;        /* progress is "finished": the crawl doesn't change any more */
  int64_t max_crawl_pages;
  int64_t pages_in_queue;
  int64_t pages_crawled;
  int64_t total_items; /* one that no crawl has (over 10^12) counts as missing */
};

/* What tasks[0].data says that was asked. */
struct page_echo {
  const char *id;    /* NULL: it doesn't say; belongs to the parser, like token */
  const char *token; /* … */
  int64_t limit;     /* -1: it doesn't say */
  int64_t offset;    /* … */
};

/* Takes over the envelope and the items of a response that has been parsed (parser.h), unless memory ran out: then NULL. size: of the envelope,
** about; what the page takes is added to *held while it lives, unless that is NULL. */
struct page *page_new(const struct endpoint *endpoint, struct json_object *root, struct items *items, size_t size,
                      size_t *held);
void page_free(struct page *page); /* also for NULL */

/* The task's status_code if there is one and it is no success, else the envelope's; 0 when there is neither. */
int page_status(const struct page *page);
/* The best sentence to be found in a response that is an error, in whatever shape: the task's or envelope's message, or the gateway's.
** Written to message (cut to size, one line); gives its length, 0 when there is none. */
size_t page_message(const struct page *page, char *message, size_t size);
/* The cost in USD as the response gives it, or -1. */
double page_cost(const struct page *page);
/* Fills the state; -1 with a message if the response, though a success, has not the shape of a result. */
CHECKED int page_crawl_state(const struct page *page, struct crawl_state *state, struct error *error);
/* search_after_token, or NULL; one of more than 64 KB is not taken, and the scan goes on by offset. */
const char *page_token(const struct page *page);
/* Whether there is a list of items, be it empty. */
bool page_has_items(const struct page *page);
size_t page_item_count(const struct page *page);
/* The value of a COLUMN_FIELD or COLUMN_ITEM column of the item, by the column's index in the endpoint. Texts belong to the page. NULL
** when the item's field is of a type that the column can't hold; fails when it was not to be read. The first call for an item
** unpacks all of its columns, so ask for them one after another. */
CHECKED int page_value(struct page *page, size_t item, int column, struct value *value, struct error *error);
/* A hash of everything in the item, whatever the order of its keys; a null member is as good as a missing one, 404.0 as good
** as 404. Made at each call, out of the item's text. */
uint64_t page_item_hash(const struct page *page, size_t item);
/* The filter fields that a response of available_filters names for the endpoint, with a type that fits the column: bits of its
** columns. */
uint64_t page_available(const struct page *page);

#endif
