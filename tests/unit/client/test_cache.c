/* The cache: what it gives back, what expires, and what is evicted when it is full. */
#include "client/cache.h"

#include "base/buffer.h"
#include "wire/parser.h"

#include "../unit.h"

enum { AMPLE = 16 << 20, FOREVER = 1000 };

/* A page whose only item has that text. */
static struct kept_page *page_with(const char *text) {
  struct buffer json = {0};
  struct page *page = NULL;
  struct error error;
  struct page_parser *parser = page_parser_new(&endpoint_links, 0, NULL);
  buffer_append_format(&json, "{\"tasks\":[{\"result\":[{\"crawl_progress\":\"finished\",\"items\":[{\"text\":\"%s\"}]}]}]}",
                       text);
  page_parser_keep(parser, true);
  page_parser_feed(parser, json.data, json.size);
  assert_int_equal(page_parser_finish(parser, &page, &error), 0);
  struct kept_page *kept = page_keep(page);
  assert_non_null(kept);
  page_free(page);
  page_parser_free(parser);
  buffer_release(&json);
  return kept;
}

static void put(struct cache *cache, const char *key, const char *text, size_t size_max) {
  cache_put(cache, key, page_with(text), 7, FOREVER, size_max);
}

/* Whether the cache has a page with that text for the key; NULL: none. */
static void expect(struct cache *cache, const char *key, const char *text) {
  struct cached_page cached;
  struct value value;
  struct error error;
  bool found = cache_get(cache, key, 0, &cached);
  if (found != (text != NULL)) fail_msg("%s is %s", key, found ? "there" : "missing");
  if (!found) return;
  int column = endpoint_column(&endpoint_links, "text");
  struct page *page = page_of_kept(cached.page, 1ULL << column, NULL);
  assert_int_equal(page_value(page, 0, column, &value, &error), 0);
  assert_true(value_is_text(&value, text, strlen(text)));
  assert_int_equal(cached.duration_ms, 7);
  page_free(page);
}

static void test_keeping(void **state) {
  struct cache *cache = cache_new();
  (void)state;
  expect(cache, "a", NULL);
  put(cache, "a", "one", AMPLE);
  put(cache, "b", "two", AMPLE);
  expect(cache, "a", "one");
  expect(cache, "b", "two");
  expect(cache, "", NULL);
  put(cache, "a", "three", AMPLE);
  expect(cache, "a", "three");
  cache_clear(cache);
  expect(cache, "a", NULL);
  put(cache, "a", "again", AMPLE);
  expect(cache, "a", "again");
  cache_free(cache);
  cache_free(NULL);
}

/* More keys than buckets, so that several share one. */
static void test_many(void **state) {
  enum { KEYS = 2000 };
  char key[16];
  struct cache *cache = cache_new();
  (void)state;
  for (int i = 0; i < KEYS; i++) {
    snprintf(key, sizeof key, "%d", i);
    put(cache, key, key, AMPLE);
  }
  for (int i = 0; i < KEYS; i++) {
    snprintf(key, sizeof key, "%d", i);
    expect(cache, key, key);
  }
  cache_free(cache);
}

static void test_expiry(void **state) {
  struct cached_page page;
  struct cache *cache = cache_new();
  (void)state;
  cache_put(cache, "a", page_with("x"), 0, 100, AMPLE);
  assert_true(cache_get(cache, "a", 99, &page));
  assert_false(cache_get(cache, "a", 100, &page));
  assert_false(cache_get(cache, "a", 0, &page)); /* it stays removed even if the clock goes back */
  cache_free(cache);
}

/* The least recently used goes first, and only as much as the new one needs. */
static void test_room(void **state) {
  enum { ROOM = 13000 }; /* for two of these, not for three */
  char text[4001];
  struct cache *cache = cache_new();
  (void)state;
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  put(cache, "a", text, ROOM);
  put(cache, "b", text, ROOM);
  expect(cache, "a", text);
  put(cache, "c", text, ROOM);
  expect(cache, "b", NULL);
  expect(cache, "a", text);
  expect(cache, "c", text);
  put(cache, "a", "small", ROOM); /* in the place of the larger one */
  expect(cache, "a", "small");
  expect(cache, "c", text);
  put(cache, "c", text, 100); /* does not fit: the old entry of the key is removed all the same */
  expect(cache, "c", NULL);
  expect(cache, "a", "small");
  put(cache, "d", "y", 1000); /* less room than before */
  expect(cache, "d", "y");
  cache_free(cache);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_keeping),
      cmocka_unit_test(test_many),
      cmocka_unit_test(test_expiry),
      cmocka_unit_test(test_room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
