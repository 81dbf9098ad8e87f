/*
** A feed: the pages of a query in the order of their arrival, from one stream (stream.h) or from several that read disjoint
** partitions of it. It decides how far to look ahead, and when a large result is worth partitioning; a stream decides what a
** request asks, and the scan (scan.h) makes rows of the pages.
**
** Tests: tests/unit/scan/test_scan_pages.c, tests/e2e/test_look_ahead.c, tests/e2e/test_partitions.c.
*/
#ifndef ONPAGE_FEED_H
#define ONPAGE_FEED_H

#include <stdbool.h>

#include "base/error.h"
#include "client/client.h"
#include "plan/query.h"
#include "wire/page.h"

struct feed;

/* What a feed reads. The query, resolved, is borrowed and must outlive the feed. */
struct feed_source {
  struct client *client;
  const struct query *query;
  long long start; /* rows for the API to leave out at the start of the result */
  int first_limit; /* rows of the first request */
  void *context;
  /* Called about ten times a second while the feed waits; of this header's functions it may call feed_total and feed_requests. */
  void (*on_wait)(void *context);
};

/* Makes no request. */
CHECKED int feed_new(const struct feed_source *source, struct feed **feed, struct error *error);
void feed_free(struct feed *feed); /* cancels what is in flight; also for NULL */

/* Goes to the next page, waiting for it; *more is false when there is none. With -1 *status is the API's status code, 0 if it
** gave none. */
CHECKED int feed_next(struct feed *feed, bool *more, int *status, struct error *error);
/* The current page, NULL for a crawl without results; belongs to the feed, until the next page. */
struct page *feed_page(const struct feed *feed);
/* The first of its rows that was not on a page before; the number of its rows if all were. */
size_t feed_first_row(const struct feed *feed);
const struct crawl_state *feed_state(const struct feed *feed);
/* Whether to return this row of the current page: not if it was returned before the result was partitioned, nor if it belongs to
** another partition. To be called once for each row, in order. */
CHECKED int feed_keeps_row(struct feed *feed, size_t row, bool *keeps, struct error *error);
/* Takes what has arrived and requests more: to be called now and then while rows are read. Never waits and never fails: an error
** shows when the reader comes to its page. */
void feed_advance(struct feed *feed);

/* The total of all the feed's streams, as of their newest pages; -1: unknown. */
long long feed_total(const struct feed *feed);
/* Requests that were made; responses from the cache don't count. */
long long feed_requests(const struct feed *feed);
/* Whether the crawl had finished by the last page taken. */
bool feed_is_finished(const struct feed *feed);

#endif
