/*
** Where items begin in a response: cases with a mark for each brace that has to be found, read whole and in pieces of every size.
** What looks like the path but isn't (other elements, keys inside texts, deeper arrays) must not be taken for items.
*/
#include "wire/item_path.h"

#include "../unit.h"

/* A `@` marks each item, which the test skips as the item's parser does; it isn't part of the response. The number after it is the
** item's index. */
static const struct {
  const char *title;
  const char *response;
} cases[] = {
    {"one item", "{\"tasks\":[{\"result\":[{\"items\":[@0{}]}]}]}"},
    {"items with commas and spaces", "{\"tasks\":[{\"result\":[{\"items\":[ @0{} , @1{},@2{} ]}]}]}"},
    {"nothing", "{}"},
    {"no items", "{\"tasks\":[{\"result\":[{\"items\":[]}]}]}"},
    {"null", "{\"tasks\":[{\"result\":[{\"items\":null}]}]}"},
    {"other members first", "{\"a\":{\"b\":[{}]},\"tasks\":[{\"c\":[{}],\"result\":[{\"d\":1,\"items\":[@0{}]}]}]}"},
    {"what isn't an object counts", "{\"tasks\":[{\"result\":[{\"items\":[1,@1{},null,[{}],@4{}]}]}]}"},
    {"the second task's", "{\"tasks\":[{},{\"result\":[{\"items\":[{}]}]}]}"},
    {"the second result's", "{\"tasks\":[{\"result\":[{},{\"items\":[{}]}]}]}"},
    {"a second task after items", "{\"tasks\":[{\"result\":[{\"items\":[@0{}]}]},{\"result\":[{\"items\":[{}]}]}]}"},
    {"objects in the place of arrays", "{\"tasks\":{\"result\":{\"items\":[{}]}}}"},
    {"arrays in the place of objects", "[[\"tasks\",[{\"result\":[{\"items\":[{}]}]}]]]"},
    {"deeper", "{\"a\":{\"tasks\":[{\"result\":[{\"items\":[{}]}]}]}}"},
    {"skipped levels", "{\"items\":[{}],\"result\":[{\"items\":[{}]}]}"},
    {"other order", "{\"items\":[{\"result\":[{\"tasks\":[{}]}]}]}"},
    {"keys in other cases", "{\"Tasks\":[{\"result\":[{\"items\":[{}]}]}]}"},
    {"a longer key", "{\"tasks1\":[{\"result\":[{\"items\":[{}]}]}]}"},
    {"a key that is longer than what is kept", "{\"tasks\":[{\"resultresult\":[{\"items\":[{}]}]}]}"},
    {"a shorter key", "{\"task\":[{\"result\":[{\"items\":[{}]}]}]}"},
    {"an escaped key", "{\"t\\u0061sks\":[{\"res\\u0075lt\":[{\"item\\u0073\":[@0{}]}]}]}"},
    {"an escape of another character", "{\"t\\u1061sks\":[{\"result\":[{\"items\":[{}]}]}]}"},
    {"a key cut by a zero", "{\"tasks\\u0000x\":[{\"result\":[{\"items\":[@0{}]}]}]}"},
    {"a line end in a key", "{\"tasks\\n\":[{\"result\":[{\"items\":[{}]}]}]}"},
    {"brackets in texts", "{\"a\":\"{[\\\"\",\"tasks\":[{\"b\":\"]}\\\\\",\"result\":[{\"items\":[@0{}]}]}]}"},
    {"keys in texts", "{\"a\":\"tasks\",\"b\":[{\"c\":\"result\",\"d\":[{\"items\":[{}]}]}]}"},
    {"the same key twice", "{\"tasks\":[{\"result\":[{\"items\":[@0{}],\"items\":[@0{},@1{}]}]}]}"},
    {"too many closing brackets", "]}]{\"tasks\":[{\"result\":[{\"items\":[@0{}]}]}]}"},
};

/* The response without the marks; *starts[i] is where the brace of its i-th item is, indexes[i] its index. */
static size_t take_marks(const char *marked, char *response, size_t *starts, size_t *indexes) {
  size_t count = 0;
  size_t size = 0;
  for (const char *at = marked; *at != '\0'; at++) {
    if (*at != '@') {
      response[size++] = *at;
      continue;
    }
    indexes[count] = (size_t)(*++at - '0');
    starts[count++] = size;
  }
  response[size] = '\0';
  return count;
}

static void check(const char *title, const char *marked, size_t piece) {
  char response[256];
  size_t starts[8] = {0}, indexes[8] = {0};
  size_t expected = take_marks(marked, response, starts, indexes);
  size_t size = strlen(response);
  size_t found = 0;
  struct item_path path = {0};
  for (size_t at = 0; at < size;) {
    bool is_item;
    size_t most = piece < size - at ? piece : size - at;
    size_t taken = item_path_next(&path, response + at, most, &is_item);
    at += taken;
    if (!is_item) {
      assert_int_equal(taken, most);
      continue;
    }
    if (found == expected || at != starts[found] || item_path_index(&path) != indexes[found])
      fail_msg("%s, in pieces of %zu: item %zu at byte %zu", title, piece, item_path_index(&path), at);
    found++;
    at += 2; /* {} */
  }
  if (found != expected) fail_msg("%s, in pieces of %zu: %zu items", title, piece, found);
}

static void test_items(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    for (size_t piece = 1; piece < 128; piece++) check(cases[i].title, cases[i].response, piece);
}

/* Each array of items says that it has begun, since a second one replaces the first. */
static void test_begun(void **state) {
  static const char first[] = "{\"tasks\":[{\"result\":[{\"items\":[";
  static const char second[] = "],\"items\":[";
  struct item_path path = {0};
  bool is_item;
  (void)state;
  item_path_next(&path, first, sizeof first - 2, &is_item);
  assert_false(path.begun);
  item_path_next(&path, first + sizeof first - 2, 1, &is_item);
  assert_true(path.begun);
  path.begun = false;
  item_path_next(&path, second, sizeof second - 2, &is_item);
  assert_false(path.begun);
  item_path_next(&path, second + sizeof second - 2, 1, &is_item);
  assert_true(path.begun);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_items),
      cmocka_unit_test(test_begun),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
