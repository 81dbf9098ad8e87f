/* The hash of an item's text, and its members. */
#include "wire/json_text.h"

#include "../unit.h"

/* Of a copy of exactly its size, for the sanitizer to see a step beyond. */
static uint64_t hash_of(const char *text) {
  size_t size = strlen(text);
  char *copy = malloc(size > 0 ? size : 1);
  assert_non_null(copy);
  memcpy(copy, text, size);
  uint64_t hash = json_text_hash(copy, size);
  free(copy);
  return hash;
}

static void test_hash(void **state) {
  /* Items of one line are equal, items of different lines are not. */
  static const char *const classes[][4] = {
      {"{}", "{\"a\":null}", "{\"b\":null,\"a\":null}"},
      {"{\"a\":404,\"b\":[1,{\"x\":1,\"y\":2}]}", "{\"b\":[1.0,{\"y\":2,\"z\":null,\"x\":1}],\"a\":404.0}",
       "{\"a\":4.04e2,\"b\":[1,{\"x\":1,\"y\":2.0}]}", "{ \"b\" : [ 1, {\"x\":1,\"y\":2} ], \"c\":null, \"a\" : 404 }"},
      {"{\"a\":404,\"b\":[{\"x\":1,\"y\":2},1]}"},
      {"{\"a\":\"/\"}", "{\"a\":\"\\/\"}", "{\"\\u0061\":\"\\u002f\"}"},
      {"{\"a\":0}", "{\"a\":-0}", "{\"a\":0.0}", "{\"a\":-0.0}"},
      {"{\"a\":1}"},
      {"{\"a\":1.5}", "{\"a\":15e-1}"},
      {"{\"a\":\"1\"}"},
      {"{\"a\":true}"},
      {"{\"a\":false}"},
      {"{\"a\":\"\"}"},
      {"{\"a\":[]}"},
      {"{\"a\":{}}", "{\"a\":{\"b\":null}}"},
      {"{\"a\":[null]}"},
      {"{\"a\":[null,null]}"},
      {"{\"a\":[\"x\",\"y\"]}"},
      {"{\"a\":[\"y\",\"x\"]}"},
      {"{\"a\":[\"xy\"]}"},
      {"{\"a\":\"x\",\"b\":\"y\"}"},
      {"{\"a\":\"y\",\"b\":\"x\"}"},
      {"{\"b\":\"x\"}"},
      {"{\"a\":\"abcdefg\"}"},
      {"{\"a\":\"abcdefgh\"}"},
      {"{\"a\":\"abcdefgh\\u0000\"}"},
      {"{\"a\":\"abcdefghi\"}"},
      {"{\"a\":\"abcdefghabcdefgi\"}"},
      {"{\"a\":9223372036854775807}"},
      {"{\"a\":-9223372036854775808}"},
      {"{\"a\":18446744073709551614}"},
      {"{\"a\":18446744073709551615}"},
      {"{\"a\":99999999999999999999}", "{\"a\":99999999999999999999.0}"},
      {"{\"a\":1e300}", "{\"a\":10E+299}", "{\"a\":0.01e302}"},
      {"{\"a\":1e-300}"},
      {"{\"a\":100200}", "{\"a\":1002e2}", "{\"a\":100200.000}"},
      {"{\"a\":10020}"},
      {"{\"a\":-10020}", "{\"a\":-1.002e+4}"},
      {"{\"a\":NaN}"},
      {"{\"a\":\"\xF0\x9D\x84\x9E\"}", "{\"a\":\"\\ud834\\uDD1E\"}"},
      {"{\"a\":\"\\ud834\"}"},
      {"{\"a\":\"\\udd1e\\ud834\"}"},
      {"{\"a\":\"\xEF\xBF\xBD\"}", "{\"a\":\"\\ufffd\"}"},
      {"{\"a\":\"\\n\\t\\\"\"}", "{\"a\":\"\\u000a\\u0009\\u0022\"}"},
      {"{\"a\":{\"b\":\"c\"}}"},
      {"{\"a\":[\"b\",\"c\"]}"},
      {"{\"ab\":\"c\"}"},
      {"{\"a\":\"bc\"}"},
      {"{\"\":\"abc\"}"},
  };
  (void)state;
  uint64_t hashes[LENGTH(classes)];
  for (size_t i = 0; i < LENGTH(classes); i++) {
    for (size_t j = 0; j < 4 && classes[i][j] != NULL; j++) {
      uint64_t hash = hash_of(classes[i][j]);
      if (j > 0 && hash != hashes[i]) fail_msg("%s", classes[i][j]);
      hashes[i] = hash;
    }
    for (size_t other = 0; other < i; other++)
      if (hashes[i] == hashes[other]) fail_msg("%s and %s", classes[i][0], classes[other][0]);
  }
}

static int by_number(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return a < b ? -1 : a > b;
}

/* Items as alike as a crawl's: no two of 40,000 have the same hash, and every bit is set in about half of them. */
static void test_hash_spreads(void **state) {
  (void)state;
  enum { SIDE = 200 };
  uint64_t *hashes = calloc((size_t)SIDE * SIDE, sizeof *hashes);
  assert_non_null(hashes);
  size_t count = 0;
  for (int from = 0; from < SIDE; from++)
    for (int to = 0; to < SIDE; to++) {
      char text[100];
      snprintf(text, sizeof text, "{\"from\":\"/page/%d\",\"to\":\"/page/%d\"}", from, to);
      hashes[count++] = hash_of(text);
    }
  for (int bit = 0; bit < 64; bit++) {
    size_t set = 0;
    for (size_t i = 0; i < count; i++) set += hashes[i] >> bit & 1;
    assert_in_range(set, count * 48 / 100, count * 52 / 100);
  }
  qsort(hashes, count, sizeof *hashes, by_number);
  for (size_t i = 1; i < count; i++) assert_true(hashes[i] != hashes[i - 1]);
  free(hashes);
}

/* What is cut off or garbled comes to an end all the same. */
static void test_any_text(void **state) {
  static const char text[] = "{\"a\":[1,-2.5e3,{\"b\\u00e9\\ud834\\udd1e\\\\\":null},\"\\n\"],\"c\":{\"d\":true}}",
                    bytes[] = "\"\\{}[],:0-.e tu\n\xFF";
  (void)state;
  for (size_t at = 0; at < sizeof text; at++) {
    char changed[sizeof text];
    memcpy(changed, text, sizeof text);
    changed[at] = '\0';
    hash_of(changed);
    for (size_t i = 0; at + 1 < sizeof text && i + 1 < sizeof bytes; i++) {
      changed[at] = bytes[i];
      hash_of(changed);
    }
  }
}

static void test_members(void **state) {
  static const struct {
    const char *text, *expected; /* NULL: none */
  } cases[] = {
      {"{\"a\":1}", "1"},
      {" { \"b\" : [ 1 , {\"a\":2} ] , \"a\" : [ \"\\\"a\\/ }\" , 3 ] } ", "[\"\\\"a/ }\",3]"},
      {"{\"a\":1,\"\\u0061\":\"2\"}", "\"2\""},
      {"{\"b\":{\"a\":1}}", NULL},
      {"{}", NULL},
      {"[\"a\",1]", NULL},
      {"", NULL},
      {"{\"a\":99999999999999999999}", "99999999999999999999"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const char *member;
    size_t size;
    struct buffer compact = {0};
    bool found = json_text_member(cases[i].text, strlen(cases[i].text), "a", &member, &size);
    if (found) json_text_compact(&compact, member, size);
    if (found != (cases[i].expected != NULL) || (found && strcmp(compact.data, cases[i].expected) != 0))
      fail_msg("%s: %s", cases[i].text, found ? compact.data : "none");
    buffer_release(&compact);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_hash),
      cmocka_unit_test(test_hash_spreads),
      cmocka_unit_test(test_any_text),
      cmocka_unit_test(test_members),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
