/*
** A stream: the pages of one set of conditions, in order, requested ahead of their reader. It decides what the next request asks
** and whether one is useful; a feed (feed.h), which may have several streams, decides when it is made; a scan (scan.h) makes rows
** of the pages.
**
** Up to offset_advised_max, pages are requested by offset, several at once if the total is known; past it, by the previous page's
** token. Where the API refuses an offset or a token, the stream finds another way to the same rows. A page may be shorter than
** requested: the end is where the total is reached, or where a page has neither rows nor a token.
*/
#ifndef ONPAGE_STREAM_H
#define ONPAGE_STREAM_H

#include <stdbool.h>

#include "base/error.h"
#include "client/client.h"
#include "plan/query.h"
#include "wire/page.h"

struct stream;

/* What a stream reads. Query and conditions are borrowed and must outlive it. */
struct stream_source {
  struct client *client;
  const struct query *query;
  const struct condition *conditions; /* instead of the query's */
  size_t condition_count;
  long long start;  /* offset of the first row */
  int first_limit;  /* of the first request */
  int limit;        /* of the others */
  long long likely; /* the total, estimated, or 0: a quarter of it is requested before the true one is known */
};

struct stream *stream_new(const struct stream_source *source); /* makes no request; NULL when memory ran out */
void stream_free(struct stream *stream);                       /* cancels what is in flight; also for NULL */

/* Whether another request is known to be useful, and can be started now. */
bool stream_can_request(const struct stream *stream);
/* Starts it. An error unless stream_can_request. */
CHECKED int stream_request(struct stream *stream, struct error *error);
/* Takes the responses that have arrived. To be called after client_run. */
void stream_collect(struct stream *stream);
/* Requests whose page can't be taken yet; those of them whose response isn't here; and pages that can be taken. */
int stream_in_flight(const struct stream *stream);
int stream_on_wire(const struct stream *stream);
int stream_pages_ready(const struct stream *stream);
/* Tells the client that the reader waits for the oldest request in flight, if there is one. */
void stream_expect(const struct stream *stream);
/* The total as of the newest page that has arrived, or of the first one's head; -1: unknown. */
long long stream_total(const struct stream *stream);
/* The total, or its estimate while it is unknown. */
long long stream_likely_total(const struct stream *stream);
/* Requests no more rows than are known to be there. */
void stream_stop_guessing(struct stream *stream);
/* Rows requested so far; for pages that haven't arrived, the rows expected in them. */
long long stream_rows_asked(const struct stream *stream);
/* Whether a page, or an error instead of one, can be taken. */
bool stream_is_ready(const struct stream *stream);
/* Whether that is an error. */
bool stream_has_failed(const struct stream *stream);
/* The page that can be taken, without taking it; NULL when there is none, or an error instead. */
struct page *stream_page(const struct stream *stream);
/* Takes the next page of a stream that is ready. *page is the caller's, NULL for a crawl without results; rows before *first were
** on a page before. With -1 *status is the API's code, 0 if it gave none. */
CHECKED int stream_take(struct stream *stream, struct page **page, size_t *first, struct crawl_state *state, int *status,
                        struct error *error);
/* How long the request of the page taken last took. */
int64_t stream_duration_ms(const struct stream *stream);

/* Requests whose responses have arrived; those from the cache don't count. */
long long stream_requests(const struct stream *stream);

#endif
