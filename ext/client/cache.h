/*
** Responses in memory, as bytes by a key. When there is no more room, the least recently used are dropped. Which responses may
** be kept, and that they are of the right account, is up to the client.
*/
#ifndef ONPAGE_CACHE_H
#define ONPAGE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache;

/* A response as it was received, and how long that took. */
struct cached_response {
  const char *bytes; /* valid until the cache changes */
  size_t size;
  int64_t duration_ms;
};

struct cache *cache_new(void);        /* NULL when memory ran out */
void cache_free(struct cache *cache); /* also for NULL */
void cache_clear(struct cache *cache);

/* Keeps a response until expires_ms, replacing the one of the same key. Others are dropped, the least recently used first,
** until all fit into size_max bytes; a response that doesn't fit alone, or when memory runs out, is not kept. Takes over
** bytes, which are freed by free(). */
void cache_put(struct cache *cache, const char *key, char *bytes, size_t size, int64_t duration_ms, int64_t expires_ms,
               size_t size_max);
/* False if there is none, or it expired by now_ms. */
bool cache_get(struct cache *cache, const char *key, int64_t now_ms, struct cached_response *response);

#endif
