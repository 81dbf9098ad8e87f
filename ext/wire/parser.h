/*
** Parsing a response of the API as it arrives, into a page. Items are parsed one by one, and each is packed (items.h) before the
** next; in the envelope's tree, each item is replaced by null. So at any time there are the trees of one item and
** of the envelope, however large the response is, and both are bounded.
**
** Tests: tests/unit/wire/test_page_hostile.c.
*/
#ifndef ONPAGE_PARSER_H
#define ONPAGE_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "base/error.h"
#include "wire/page.h"

struct page_parser;

/* A parser for one response, whose items have the endpoint's columns. columns: bits of those that will be read; the others are
** not kept. held, unless NULL, must outlive parser and page: while they exist their approximate memory is added to it. NULL when
** memory ran out. */
struct page_parser *page_parser_new(const struct endpoint *endpoint, uint64_t columns, size_t *held);
void page_parser_free(struct page_parser *parser);
/* Whether all of each item is kept from now on, so that the page can be kept (page_keep). */
void page_parser_keep(struct page_parser *parser, bool keep);
/* Takes the next bytes of the response. Never fails: page_parser_finish reports what isn't JSON. */
void page_parser_feed(struct page_parser *parser, const char *bytes, size_t size);
/* The same, but stops at the first item: returns the number of bytes taken, 0 once that has been reached. */
size_t page_parser_feed_head(struct page_parser *parser, const char *bytes, size_t size);
/* What precedes the items (head.h), once they have been reached; NULL before, or if it can't be read alone. Belongs to the
** parser. */
const struct page *page_parser_head(const struct page_parser *parser);
/* Whether the response has more values than memory is spent on; the rest isn't parsed. */
bool page_parser_is_overfull(const struct page_parser *parser);
/* The most that the parser has added to *held. */
size_t page_parser_peak(const struct page_parser *parser);
/* Whether the response is at its end. */
bool page_parser_is_complete(const struct page_parser *parser);
/* Reads what the response says was asked; only for one that is complete, or whose head is, before page_parser_finish. */
void page_parser_echo(const struct page_parser *parser, struct page_echo *echo);
/* Ends the response. *page is the caller's; there is one for every well-formed JSON object, API errors included. -1 with a
** message that shows the response when it isn't one, and with ERROR_NO_MEMORY when memory ran out while it was parsed. The caller
** frees the parser in any case. */
CHECKED int page_parser_finish(struct page_parser *parser, struct page **page, struct error *error);
/* The best message in a response that is an error, whatever its form: page_message, or the start of the text without tags.
** Written to message (cut to size, one line); "" when there is none. */
void page_parser_message(const struct page_parser *parser, const struct page *page, char *message, size_t size);

#endif
