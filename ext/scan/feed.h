/*
** A feed: the pages of a query one after another, from one stream or from several that read disjoint partitions of it. Decides how far
** to look ahead, and when a large result is worth partitioning.
*/
#ifndef ONPAGE_FEED_H
#define ONPAGE_FEED_H

#include <stdbool.h>

#include "base/error.h"
#include "client/client.h"
#include "plan/query.h"
#include "wire/page.h"

struct feed;

/* What a feed reads, and whom it tells that it waits. The query, resolved, is borrowed and must outlive the feed. */
struct feed_source {
  struct client *client;
  const struct query *query;
  long long start; /* rows to leave out at the start of the result, by the API */
  int first_limit; /* rows of the first request */
  void *context;
  void (*waiting)(void *context); /* called some ten times a second; must not call a function of this header but feed_total and
                                  ** feed_requests */
};

/* Makes no request. */
CHECKED int feed_new(const struct feed_source *source, struct feed **feed, struct error *error);
void feed_free(struct feed *feed); /* cancels what is in flight; also for NULL */

/* Goes to the next page, waiting for it; *more is false when there is none. With -1 *status is the API's status code, 0 if it
** gave none. */
CHECKED int feed_next(struct feed *feed, bool *more, int *status, struct error *error);
/* The page at hand, NULL for a crawl without results; belongs to the feed, until the next page. */
struct page *feed_page(const struct feed *feed);
/* The first of its rows that was not on a page before; their number if none is. */
size_t feed_first_row(const struct feed *feed);
const struct crawl_state *feed_state(const struct feed *feed);
/* Whether a row of the page at hand is to be given: not if it was given before the result was partitioned, or belongs to another
** partition. To be called once for each row, in order. */
CHECKED int feed_gives(struct feed *feed, size_t row, bool *gives, struct error *error);
/* Looks at what has arrived and asks for more: to be called now and then while rows are being read. Never waits, never
** fails: an error shows when the reader comes to it. */
void feed_look(struct feed *feed);

/* Rows of all the feed's streams, as of their newest pages; -1: not known. */
long long feed_total(const struct feed *feed);
/* Requests that were made; responses from the cache are none. */
long long feed_requests(const struct feed *feed);
/* Whether the crawl had finished by the last page taken. */
bool feed_is_finished(const struct feed *feed);

#endif
