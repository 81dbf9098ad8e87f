/*
** Puts the responses of finished crawls into the cache, and serves calls from it.
**
** Tests: tests/unit/client/test_client_calls.c.
*/
#ifndef ONPAGE_CALL_CACHE_H
#define ONPAGE_CALL_CACHE_H

#include "client/call.h"

/* How many bytes the cache may have. */
size_t call_cache_size(const struct client *client);
/* Whether a response, of which this many bytes have come, may be kept. */
bool call_may_keep(const struct call *call, size_t size);
/* Whether the page's token is the one of its request: then it names a position on the API's side, which moves with each request. */
bool call_repeats_token(const struct call *call, const struct page *page);
/* Puts the response into the cache if the crawl has finished; the response of a running crawl changes. */
void call_keep_response(struct call *call, const struct page *page);
/* Ends the call with a response from the cache, if there is one; also with a failure when memory ran out. */
bool call_take_from_cache(struct call *call);
/* An earlier call for the same that isn't done, whose response may serve both; NULL if there is none. */
struct call *call_find_leader(const struct call *call);

#endif
