/*
** Pages in memory, by a key. When there is no more room, the least recently used are dropped. Which pages may be
** kept, and that they are of the right account, is up to the client.
*/
#ifndef ONPAGE_CACHE_H
#define ONPAGE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/page.h"

struct cache;

/* A page, and how long its response took. */
struct cached_page {
  struct kept_page *page; /* valid until the cache changes */
  int64_t duration_ms;
};

struct cache *cache_new(void);        /* NULL when memory ran out */
void cache_free(struct cache *cache); /* also for NULL */
void cache_clear(struct cache *cache);

/* Keeps a page until expires_ms, replacing the one of the same key, and takes it over. Others are dropped, the least recently used
** first, until all fit into size_max bytes; a page that doesn't fit alone, or when memory runs out, is not kept. */
void cache_put(struct cache *cache, const char *key, struct kept_page *page, int64_t duration_ms, int64_t expires_ms,
               size_t size_max);
/* False if there is none, or it expired by now_ms. */
bool cache_get(struct cache *cache, const char *key, int64_t now_ms, struct cached_page *page);

#endif
