/* Responses of finished crawls, kept by what was asked. */
#ifndef ONPAGE_CALL_CACHE_H
#define ONPAGE_CALL_CACHE_H

#include "client/call.h"

/* Bytes that answers may take. */
size_t call_cache_size(const struct client *client);
/* Notes bytes of the response, if it may be kept, and may be worth it. */
void call_keep_bytes(struct call *call, const char *bytes, size_t size);
/* Whether the page's token is the one that it was asked for with. */
bool call_repeats_token(const struct call *call, const struct page *page);
/* Keeps the response of a crawl that has finished. One that is still running will be another the next time. */
void call_keep_response(struct call *call, const struct page *page);
/* Ends the call with a response that was kept, if there is one. */
bool call_take_from_cache(struct call *call);
/* A call on its way that asks the same; its response may serve both. NULL when there is none. */
struct call *call_find_leader(const struct call *call);

#endif
