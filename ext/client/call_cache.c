/* The calls' side of the cache. Its key is URL and body. */
#include "client/call_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client/call_log.h"
#include "client/trace.h"

enum {
  KEPT_MAX = 8 << 20 /* bytes of a response in the cache: a page of 1,000 links has half a megabyte */
};

size_t call_cache_size(const struct client *client) {
  return config_bytes(client->config, OPTION_CACHE_MB);
}

bool call_may_keep(const struct call *call, size_t more) {
  size_t most = call_cache_size(call->client) < KEPT_MAX ? call_cache_size(call->client) : KEPT_MAX;
  return call->body != NULL && call->cache_use != CACHE_BYPASS && most > 0 && call->inbox.bytes.size + more <= most;
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
  struct crawl_state state;
  struct error ignored;
  size_t size = call->inbox.bytes.size;
  if (!call->inbox.keeps || call->generation != client->learnt.generation || call_repeats_token(call, page)) return;
  if (page_crawl_state(page, &state, &ignored) != 0 || !state.finished) return;
  int64_t expires = clock_now_ms() + config_number(client->config, OPTION_CACHE_TTL_S) * 1000;
  char *key = cache_key(call);
  if (key != NULL)
    cache_put(client->learnt.cache, key, inbox_take(&call->inbox, &client->memory), size, call->duration_ms, expires,
              call_cache_size(client));
  free(key);
}

bool call_take_from_cache(struct call *call) {
  struct cached_response response;
  struct page *page = NULL;
  if (call->body == NULL || call->cache_use != CACHE_SHARE || call_cache_size(call->client) == 0) return false;
  char *key = cache_key(call);
  bool found = key != NULL && cache_get(call->client->learnt.cache, key, clock_now_ms(), &response);
  free(key);
  if (!found) return false;
  struct page_parser *parser = page_parser_new(call->endpoint, call->columns, &call->client->memory.held);
  if (parser != NULL) page_parser_feed(parser, response.bytes, response.size);
  int result = parser != NULL ? page_parser_finish(parser, &page, &call->error) : error_no_memory(&call->error);
  page_parser_free(parser);
  if (result != 0 && call->error.kind != ERROR_NO_MEMORY) return false;
  if (result != 0) {
    call_fail(call, 0);
    return true;
  }
  call_log_cached(call, page);
  trace(call->client->config, "response: from the cache: %d rows from %lld", call->position.limit,
        (long long)call->position.rows_before);
  call->duration_ms = response.duration_ms;
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
