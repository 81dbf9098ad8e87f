/* The cache: what it gives back, what expires, and what is evicted when it is full. */
#include "client/cache.h"

#include "../unit.h"

enum { AMPLE = 1 << 20, FOREVER = 1000 };

static void put(struct cache *cache, const char *key, const char *bytes, size_t size_max) {
  cache_put(cache, key, strdup(bytes), strlen(bytes), 7, FOREVER, size_max);
}

/* Whether the cache has these bytes for the key; NULL: none. */
static void expect(struct cache *cache, const char *key, const char *bytes) {
  struct cached_response response;
  bool found = cache_get(cache, key, 0, &response);
  if (found != (bytes != NULL)) fail_msg("%s is %s", key, found ? "there" : "missing");
  if (!found) return;
  assert_int_equal(response.size, strlen(bytes));
  assert_memory_equal(response.bytes, bytes, response.size);
  assert_int_equal(response.duration_ms, 7);
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
  struct cached_response response;
  struct cache *cache = cache_new();
  (void)state;
  cache_put(cache, "a", strdup("x"), 1, 0, 100, AMPLE);
  assert_true(cache_get(cache, "a", 99, &response));
  assert_false(cache_get(cache, "a", 100, &response));
  assert_false(cache_get(cache, "a", 0, &response)); /* it stays removed even if the clock goes back */
  cache_free(cache);
}

/* The least recently used goes first, and only as much as the new one needs. */
static void test_room(void **state) {
  enum { ROOM = 3000 }; /* for two of these, not for three */
  char text[1001];
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
  put(cache, "d", "y", 400); /* less room than before */
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
