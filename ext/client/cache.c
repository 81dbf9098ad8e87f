/*
** A hash table with a list through its entries, the most recently used first. An entry is a page, up to a quarter of a
** megabyte, so there are never so many that a fixed number of buckets is too small.
*/
#include "client/cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { BUCKETS = 256 };

struct entry {
  struct entry *next_in_bucket;
  struct entry *newer;
  struct entry *older;
  char *key;
  struct kept_page *page;
  size_t cost; /* of all that the entry holds */
  int64_t duration_ms;
  int64_t expires_ms;
};

struct cache {
  struct entry *buckets[BUCKETS];
  struct entry *newest;
  struct entry *oldest;
  size_t cost;
};

struct cache *cache_new(void) {
  return calloc(1, sizeof(struct cache));
}

static struct entry **bucket_of(struct cache *cache, const char *key) {
  struct hash hash = hash_begin();
  hash_add(&hash, key, strlen(key));
  return &cache->buckets[hash_end(&hash) % BUCKETS];
}

static void unlink_entry(struct cache *cache, struct entry *entry) {
  *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
  *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct cache *cache, struct entry *entry) {
  entry->newer = NULL;
  entry->older = cache->newest;
  *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry;
  cache->newest = entry;
}

static void drop(struct cache *cache, struct entry *entry) {
  struct entry **link = bucket_of(cache, entry->key);
  while (*link != entry) link = &(*link)->next_in_bucket;
  *link = entry->next_in_bucket;
  unlink_entry(cache, entry);
  cache->cost -= entry->cost;
  free(entry->key);
  kept_page_free(entry->page);
  free(entry);
}

void cache_clear(struct cache *cache) {
  while (cache->newest != NULL) drop(cache, cache->newest);
}

void cache_free(struct cache *cache) {
  if (cache == NULL) return;
  cache_clear(cache);
  free(cache);
}

static struct entry *find(struct cache *cache, const char *key) {
  struct entry *entry = *bucket_of(cache, key);
  while (entry != NULL && strcmp(entry->key, key) != 0) entry = entry->next_in_bucket;
  return entry;
}

/* What a page takes: a quarter more than its bytes, since that much is lost to fragmentation (measured with 700 responses through
** 64 MB). */
static size_t cost_of(size_t size) {
  return size + size / 4;
}

void cache_put(struct cache *cache, const char *key, struct kept_page *page, int64_t duration_ms, int64_t expires_ms,
               size_t size_max) {
  struct entry *entry = find(cache, key);
  size_t key_size = strlen(key) + 1;
  if (entry != NULL) drop(cache, entry);
  size_t cost = sizeof *entry + key_size + cost_of(kept_page_size(page));
  if (cost > size_max) {
    kept_page_free(page);
    return;
  }
  while (cache->cost > size_max - cost) drop(cache, cache->oldest);
  entry = calloc(1, sizeof *entry);
  char *key_copy = malloc(key_size);
  if (entry == NULL || key_copy == NULL) {
    free(entry);
    free(key_copy);
    kept_page_free(page);
    return;
  }
  memcpy(key_copy, key, key_size);
  struct entry **bucket = bucket_of(cache, key);
  *entry = (struct entry){.next_in_bucket = *bucket,
                          .key = key_copy,
                          .page = page,
                          .cost = cost,
                          .duration_ms = duration_ms,
                          .expires_ms = expires_ms};
  *bucket = entry;
  link_newest(cache, entry);
  cache->cost += cost;
}

bool cache_get(struct cache *cache, const char *key, int64_t now_ms, struct cached_page *page) {
  struct entry *entry = find(cache, key);
  if (entry == NULL) return false;
  if (entry->expires_ms <= now_ms) {
    drop(cache, entry);
    return false;
  }
  unlink_entry(cache, entry);
  link_newest(cache, entry);
  *page = (struct cached_page){entry->page, entry->duration_ms};
  return true;
}
