/*
** A response of the API: its status, its crawl's state, its items as rows.
**
** Nothing in a response is trusted to have the type that the documents say: a value of another type is treated as missing, or
** refused where the rows depend on it.
**
** Tests: tests/unit/wire/test_page_envelope.c.
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
struct kept_page;
struct items;
struct json_object;

/* What the response says about the crawl; numbers are -1 where it says nothing. */
struct crawl_state {
  const char *progress; /* "in_progress", "finished", or NULL; belongs to the page */
  bool finished;        /* progress is "finished": the crawl doesn't change any more */
  int64_t max_crawl_pages;
  int64_t pages_in_queue;
  int64_t pages_crawled;
  int64_t total_items; /* more than any crawl has (over 10^12) counts as missing */
};

/* What tasks[0].data says was asked. Texts belong to the parser. */
struct page_echo {
  const char *id;    /* NULL: not there */
  const char *token; /* … */
  int64_t limit;     /* -1: not there */
  int64_t offset;    /* … */
};

/* Takes over the envelope and the items of a parsed response (parser.h); NULL when memory ran out, and then they stay the
** caller's. size: approximate, of the envelope. While the page exists, its approximate memory is added to *held, unless that is
** NULL. */
struct page *page_new(const struct endpoint *endpoint, struct json_object *root, struct items *items, size_t size,
                      size_t *held);
void page_free(struct page *page); /* also for NULL */

/* Reads what the page, or the envelope of one, says was asked. */
void page_echo(const struct page *page, struct page_echo *echo);
void page_echo_of(struct json_object *root, struct page_echo *echo);

/* What is needed of a success to make the same page again, for any columns, without parsing anything; the packed items are shared.
** NULL when memory ran out, or if the page isn't complete (page_parser_keep), or of a crawl that hasn't finished. */
struct kept_page *page_keep(const struct page *page);
void kept_page_free(struct kept_page *kept); /* also for NULL; pages made from it stay */
/* Bytes of memory, also of what pages share with it. */
size_t kept_page_size(const struct kept_page *kept);
/* Makes the page. columns and held as for page_parser_new. */
struct page *page_of_kept(struct kept_page *kept, uint64_t columns, size_t *held);

/* The task's status_code if it is a failure, otherwise the envelope's, otherwise the task's; 0 when there is neither. */
int page_status(const struct page *page);
/* The best message in a response that is an error, whatever its form: the task's, the envelope's or the gateway's. Written to
** message (cut to size, one line); returns its length, 0 when there is none. */
size_t page_message(const struct page *page, char *message, size_t size);
/* The response's cost in USD, or -1. */
double page_cost(const struct page *page);
/* Fills the state; -1 with a message if the response, though a success, doesn't have the form of a result. */
CHECKED int page_crawl_state(const struct page *page, struct crawl_state *state, struct error *error);
/* search_after_token, or NULL; one of more than 64 KB is ignored, and the scan goes on by offset. */
const char *page_token(const struct page *page);
/* Whether there is a list of items, even an empty one. */
bool page_has_items(const struct page *page);
size_t page_item_count(const struct page *page);
/* The number of items as the response states it; -1 if it doesn't. */
int64_t page_promised_items(const struct page *page);
/* The value of a COLUMN_FIELD or COLUMN_ITEM column of the item, by the column's index in the endpoint. Texts belong to the page;
** a COLUMN_ITEM's is valid until the next one is read. NULL when the field has a type that the column can't hold; fails for a
** column that isn't among those to be read (page_parser_new). The first call for an item unpacks all its columns, so read them one
** after another. */
CHECKED int page_value(struct page *page, size_t item, int column, struct value *value, struct error *error);
/* A hash of everything in the item, independent of the order of keys; null is the same as a missing member, 404.0 the same as 404.
** Computed in each call, from the item's text. */
uint64_t page_item_hash(const struct page *page, size_t item);
/* The filter fields that a response of available_filters names for the endpoint, if the type is the column's: bits of its
** columns. */
uint64_t page_available(const struct page *page);

#endif
