/*
** An answer of the API: parsed as it arrives, its status, its crawl's state, its items as rows.
**
** Nothing in an answer is trusted to be of the type that the documents give it.
*/
#ifndef ONPAGE_PAGE_H
#define ONPAGE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoint.h"
#include "error.h"
#include "value.h"

struct page;
struct page_parser;

/* What the answer says of the crawl; numbers are -1 where it says nothing. */
struct crawl_state {
  const char *progress; /* "in_progress", "finished", or NULL; belongs to the page */
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

/* A parser for one answer, whose items have the endpoint's columns. columns: bits of those that will be read; the others are not
** kept. NULL when memory ran out. */
struct page_parser *page_parser_new(const struct endpoint *endpoint, uint64_t columns);
void page_parser_free(struct page_parser *parser);
/* Takes the next bytes of the answer. Never fails: what is no JSON shows in page_parser_finish. */
void page_parser_feed(struct page_parser *parser, const char *bytes, size_t size);
/* Whether the answer has more values than memory should be spent on; what comes then is not parsed. */
bool page_parser_is_overfull(const struct page_parser *parser);
/* True when the answer has come to its end. */
bool page_parser_is_complete(const struct page_parser *parser);
/* For an answer that is complete, before page_parser_finish. */
void page_parser_echo(const struct page_parser *parser, struct page_echo *echo);
/* Ends the answer. *page is the caller's; it exists for every well-formed JSON object, be it an error. -1 with a message when
** the answer is no JSON object. The parser is to be freed afterwards in any case. */
int page_parser_finish(struct page_parser *parser, struct page **page, struct error *error);
/* The best sentence to be found in an answer that is an error, in whatever shape: the task's or envelope's message, the
** gateway's, or the start of the text without its tags. Written to message (cut to size, one line); "" when there is none. */
void page_parser_message(const struct page_parser *parser, const struct page *page, char *message, size_t size);

void page_free(struct page *page); /* also for NULL */

/* The task's status_code if there is one and it is no success, else the envelope's; 0 when there is neither. */
int page_status(const struct page *page);
/* The cost in USD as the answer gives it, or -1. */
double page_cost(const struct page *page);
/* Fills the state; -1 with a message if the answer, though a success, has not the shape of a result. */
int page_crawl_state(const struct page *page, struct crawl_state *state, struct error *error);
/* search_after_token, or NULL; one of more than 64 KB is not taken, and the scan goes on by offset. */
const char *page_token(const struct page *page);
/* Whether there is a list of items, be it empty. */
bool page_has_items(const struct page *page);
size_t page_item_count(const struct page *page);
/* The value of a COLUMN_FIELD or COLUMN_ITEM column of the item, by the column's index in the endpoint. Texts belong to the page. NULL
** when the item's field is of a type that the column can't hold; fails when it was not to be read. The first call for an item
** unpacks all of its columns, so ask for them one after another. */
int page_value(struct page *page, size_t item, int column, struct value *value, struct error *error);
/* A hash of everything in the item, whatever the order of its keys; a null member is as good as a missing one, 404.0 as good
** as 404. Made at each call, out of the item's text. */
uint64_t page_item_hash(const struct page *page, size_t item);
/* The filter fields that an answer of available_filters names for the endpoint, with a type that fits the column: bits of its
** columns. */
uint64_t page_available(const struct page *page);

#endif
