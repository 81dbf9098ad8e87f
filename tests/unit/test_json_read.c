/* Reading trees that hold anything, and the hash of a tree. */
#include "../../ext/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static struct json_object *parse(const char *text) {
  struct json_object *object = json_tokener_parse(text);
  if (object == NULL && strcmp(text, "null") != 0) fail_msg("%s", text);
  return object;
}

/* Every reader on every type: it answers, and only what fits. */
static void test_types(void **state) {
  static const struct {
    const char *text, *type_text;
    enum json_type type;
    int member, first, integer; /* what the readers find; 0: nothing */
  } cases[] = {
      {"null", "null", json_type_null, 0, 0, 0},
      {"true", "a boolean", json_type_boolean, 0, 0, 0},
      {"7", "a number", json_type_int, 0, 0, 7},
      {"7.0", "a number", json_type_double, 0, 0, 7},
      {"7.5", "a number", json_type_double, 0, 0, 0},
      {"\"a\"", "a string", json_type_string, 0, 0, 0},
      {"[]", "an array", json_type_array, 0, 0, 0},
      {"[7]", "an array", json_type_array, 0, 0, 0},
      {"[null,{}]", "an array", json_type_array, 0, 0, 0},
      {"[{\"a\":1}]", "an array", json_type_array, 0, 1, 0},
      {"{}", "an object", json_type_object, 0, 0, 0},
      {"{\"a\":null}", "an object", json_type_object, 0, 0, 0},
      {"{\"b\":1,\"a\":\"x\"}", "an object", json_type_object, 1, 0, 0},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct json_object *object = parse(cases[i].text);
    int64_t integer = 0;
    assert_string_equal(json_read_type_text(object), cases[i].type_text);
    for (enum json_type type = json_type_boolean; type <= json_type_string; type++)
      assert_ptr_equal(json_read_as(object, type), type == cases[i].type ? object : NULL);
    assert_int_equal(json_read_any(object, "a") != NULL, cases[i].member);
    assert_int_equal(json_read_member(object, "a", json_type_string) != NULL, cases[i].member);
    assert_null(json_read_member(object, "a", json_type_int));
    assert_int_equal(json_read_first(object) != NULL, cases[i].first);
    assert_int_equal(json_read_integer(object, &integer), cases[i].integer != 0);
    assert_int_equal(integer, cases[i].integer);
    json_object_put(object);
  }
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
      {"{\"a\":1e300}"},
  };
  (void)state;
  uint64_t hashes[LENGTH(classes)];
  for (size_t i = 0; i < LENGTH(classes); i++) {
    for (size_t j = 0; j < 4 && classes[i][j] != NULL; j++) {
      struct json_object *object = parse(classes[i][j]);
      uint64_t hash = json_read_hash(object);
      if (hash != json_read_hash(object) || (j > 0 && hash != hashes[i])) fail_msg("%s", classes[i][j]);
      hashes[i] = hash;
      json_object_put(object);
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
      struct json_object *object = parse(text);
      hashes[count++] = json_read_hash(object);
      json_object_put(object);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_types),
      cmocka_unit_test(test_hash),
      cmocka_unit_test(test_hash_spreads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
