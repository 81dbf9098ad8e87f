/* The calls' side of the cache. Its key is URL and body. */
#include "client/call_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client/call_log.h"
#include "client/trace.h"

enum {
  KEPT_MAX = 8 << 20 /* bytes of a response that is kept: a page of 1,000 links has half a megabyte */
};

size_t call_cache_size(const struct client *client) {
  return config_bytes(client->config, OPTION_CACHE_MB);
}

bool call_may_keep(const struct call *call, size_t size) {
  size_t most = call_cache_size(call->client) < KEPT_MAX ? call_cache_size(call->client) : KEPT_MAX;
  return call->body != NULL && call->cache_use != CACHE_BYPASS && most > 0 && size <= most;
}

/* Without the account: the cache is cleared when the credentials change. NULL when memory ran out. */
static char *cache_key(const struct call *call) {
  struct buffer key = {0};
  buffer_append_text(&key, call->url);
  buffer_append_text(&key, " ");
  buffer_append_text(&key, call->body);
  return buffer_take(&key);
}

bool call_repeats_token(const struct call *call, const struct page *page) {
  const char *token = page_token(page);
  return call->token != NULL && token != NULL && strcmp(token, call->token) == 0 && page_item_count(page) > 0;
}

void call_keep_response(struct call *call, const struct page *page) {
  struct client *client = call->client;
  if (!call->keeps || call->generation != client->learnt.generation || call_repeats_token(call, page)) return;
  int64_t expires = clock_now_ms() + config_number(client->config, OPTION_CACHE_TTL_S) * 1000;
  struct kept_page *kept = page_keep(page);
  char *key = kept != NULL ? cache_key(call) : NULL;
  if (key != NULL)
    cache_put(client->learnt.cache, key, kept, call->duration_ms, expires, call_cache_size(client));
  else
    kept_page_free(kept);
  free(key);
}

bool call_take_from_cache(struct call *call) {
  struct cached_page cached;
  if (call->body == NULL || call->cache_use != CACHE_SHARE || call_cache_size(call->client) == 0) return false;
  char *key = cache_key(call);
  bool found = key != NULL && cache_get(call->client->learnt.cache, key, clock_now_ms(), &cached);
  free(key);
  if (!found) return false;
  struct page *page = page_of_kept(cached.page, call->columns, &call->client->memory.held);
  if (page == NULL) {
    error_no_memory(&call->error);
    call_fail(call, 0);
    return true;
  }
  call_log_cached(call, page);
  trace(call->client->config, "response: from the cache: %d rows from %lld", call->position.limit,
        (long long)call->position.rows_before);
  call->duration_ms = cached.duration_ms;
  call_finish(call, page);
  return true;
}

struct call *call_find_leader(const struct call *call) {
  if (call->body == NULL || call->cache_use != CACHE_SHARE || call_cache_size(call->client) == 0) return NULL;
  for (struct call *other = call->client->calls; other != call; other = other->next)
    if (other->state != CALL_DONE && other->leader == NULL && other->cache_use != CACHE_BYPASS &&
        other->generation == call->generation && other->body != NULL && strcmp(other->url, call->url) == 0 &&
        strcmp(other->body, call->body) == 0)
      return other;
  return NULL;
}
