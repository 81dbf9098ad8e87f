/*
** Parsing a response of the API as it arrives, into a page. The items are parsed one by one and packed at once (items.h); the tree of the
** rest, the envelope, has a null in the place of each. So one item's tree is all that is alive, however large the response, and
** that and the envelope are bounded.
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

/* A parser for one response, whose items have the endpoint's columns. columns: bits of those that will be read; the others are not
** kept. held, unless NULL, outlives parser and page: what they take in memory, about, is added to it while they live. NULL when memory
** ran out. */
struct page_parser *page_parser_new(const struct endpoint *endpoint, uint64_t columns, size_t *held);
void page_parser_free(struct page_parser *parser);
/* Takes the next bytes of the response. Never fails: what isn't JSON shows in page_parser_finish. */
void page_parser_feed(struct page_parser *parser, const char *bytes, size_t size);
/* Whether the response has more values than memory should be spent on; what comes then is not parsed. */
bool page_parser_is_overfull(const struct page_parser *parser);
/* The most that the parser has had in *held. */
size_t page_parser_peak(const struct page_parser *parser);
/* True when the response has come to its end. */
bool page_parser_is_complete(const struct page_parser *parser);
/* For a response that is complete, before page_parser_finish. */
void page_parser_echo(const struct page_parser *parser, struct page_echo *echo);
/* Ends the response. *page is the caller's; it exists for every well-formed JSON object, be it an error. -1 with a message that shows what
** came when the response is not one, and with ERROR_NO_MEMORY when memory ran out while it was parsed. The parser is to be freed afterwards in any case. */
CHECKED int page_parser_finish(struct page_parser *parser, struct page **page, struct error *error);
/* The best sentence to be found in a response that is an error, in whatever shape: page_message, or the start of the text without its
** tags. Written to message (cut to size, one line); "" when there is none. */
void page_parser_message(const struct page_parser *parser, const struct page *page, char *message, size_t size);

#endif
