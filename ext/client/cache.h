/*
** Responses kept in memory, by what was asked. The least recently used ones go when there is no more room. Knows nothing of responses
** but their bytes; what may be kept, and whose responses they are, is for the client to know.
*/
#ifndef ONPAGE_CACHE_H
#define ONPAGE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cache;

/* A response as it came, and what asking for it took. */
struct cached_response {
  const char *bytes; /* belongs to the cache, until its next change */
  size_t size;
  int64_t duration_ms;
};

struct cache *cache_new(void);        /* NULL when memory ran out */
void cache_free(struct cache *cache); /* also for NULL */
void cache_clear(struct cache *cache);

/* Keeps a copy of a response until expires_ms, in the place of an older one, if it fits into size_max bytes with all others that were
** used more recently. When memory runs out, nothing is kept. */
void cache_put(struct cache *cache, const char *key, const char *bytes, size_t size, int64_t duration_ms, int64_t expires_ms,
               size_t size_max);
/* False if there is none, or it has expired by now_ms. */
bool cache_get(struct cache *cache, const char *key, int64_t now_ms, struct cached_response *response);

#endif
