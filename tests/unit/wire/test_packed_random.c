/*
** Items at random, plain and not, intact and garbled: however a response arrives and whatever is kept of it, its items have the
** values that json-c reads, their text as it was sent, and one hash.
*/
#include "wire/packed.h"

#include <json-c/json.h>

#include "fixture_page.h"

#include "base/buffer.h"

enum { ROUNDS = 1000, ITEMS_MAX = 12, MEMBERS_MAX = 9 };

static uint64_t state = 88172645463325252u;

static size_t below(size_t bound) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (size_t)(state >> 11) % bound;
}

/* ---- Making responses ---- */

static const char *const keys[] = {"type",     "text",           "page_from",   "dofollow", "is_broken", "page_to_status_code",
                                   "hreflang", "link_attribute", "link_to",     "new",      "newer",     "type_",
                                   "",         "t\\u0079pe",     "te\\u0000xt", "item",     "task_id",   "gr\xC3\xBC\xFF"};
static const char *const plain[] = {
    "\"anchor\"", "\"\"", "\"1234567\"", "\"12345678\"",       "\"gr\xC3\xBC\xC3\x9F \xFC\x7F\"",
    "0",          "7",    "404",         "999999999999999999", "true",
    "false",      "null", "[]",          "[\"nofollow\"]",     "[\"a\",\"\",\"b}]{\"]"};
static const char *const unusual[] = {"\"\\/\"",
                                      "\"a\\u0000b\"",
                                      "\"\\ud83d\"",
                                      "\"\\ud83d\\ude00\"",
                                      "\"\\\"}],{\\\\\"",
                                      "\"true\"",
                                      "\"404\"",
                                      "-0",
                                      "-1",
                                      "1e400",
                                      "1.0",
                                      "404.0",
                                      "0.1",
                                      "4.04e2",
                                      "1E-3",
                                      "1000000000000000000",
                                      "9223372036854775807",
                                      "9223372036854775808",
                                      "18446744073709551615",
                                      "18446744073709551616",
                                      "-9223372036854775808",
                                      "-99999999999999999999",
                                      "9007199254740993",
                                      "{}",
                                      "{ \"a\" : [ 1.50 , {\"b\":\"]}\\\"\"} ] }",
                                      "[ \"a\" ]",
                                      "[\"a\" ,\"b\"]",
                                      "[null,7,[],{}]",
                                      "[\"\\u00e9\"]",
                                      "[99999999999999999999]",
                                      "{'\"':1}",
                                      "{\"type\":\"image\",\"text\":{}}"};
/* Bytes that break what they are put into, or change its meaning. */
static const char *const breaking[] = {"'", "\"", "\\", ",", ":",    "{",  "}",    "[",  "]", "0",
                                       "-", "+",  ".",  "e", "\x01", "\f", "/**/", "\n", "n", "t"};

static void add_space(struct buffer *json, bool spaced) {
  static const char *const spaces[] = {"", " ", "\n", "\t ", "\r\n  "};
  if (spaced) buffer_append_text(json, spaces[below(LENGTH(spaces))]);
}

static void add_value(struct buffer *json, bool unusual_too) {
  if (below(60) == 0) { /* a text around the size of those that have their hash stored */
    buffer_append_text(json, "\"");
    for (size_t i = 3900 + below(300); i > 0; i--) buffer_append_text(json, "x");
    buffer_append_text(json, "\"");
  } else {
    bool is_unusual = unusual_too && below(5) == 0;
    buffer_append_text(json, is_unusual ? unusual[below(LENGTH(unusual))] : plain[below(LENGTH(plain))]);
  }
}

static void add_item(struct buffer *json, bool spaced, bool unusual_too) {
  size_t start = below(LENGTH(keys));
  buffer_append_text(json, "{");
  add_space(json, spaced);
  for (size_t i = 0, count = below(MEMBERS_MAX); i < count; i++) {
    size_t key = below(9) == 0 ? below(LENGTH(keys)) : (start + i) % LENGTH(keys);
    if (i > 0) buffer_append_text(json, ",");
    add_space(json, spaced);
    buffer_append_format(json, "\"%s\"", keys[key]);
    add_space(json, spaced);
    buffer_append_text(json, ":");
    add_space(json, spaced);
    add_value(json, unusual_too);
    add_space(json, spaced);
  }
  buffer_append_text(json, "}");
}

/* Replaces, removes or puts in some bytes. */
static void garble(struct buffer *json, size_t from) {
  struct buffer garbled = {0};
  const char *bytes = breaking[below(LENGTH(breaking))];
  size_t at = from + below(json->size - from);
  buffer_append(&garbled, json->data, at);
  if (below(3) > 0) buffer_append_text(&garbled, bytes);
  at += below(2);
  buffer_append(&garbled, json->data + at, json->size - at);
  buffer_release(json);
  *json = garbled;
}

static void make_response(struct buffer *json) {
  bool spaced = below(2) == 0;
  bool unusual_too = below(4) > 0;
  buffer_append_text(json, "{\"status_code\":20000,\"tasks\":[{\"result\":[{\"crawl_progress\":\"finished\",\"items\":[");
  size_t start = json->size;
  for (size_t i = 0, count = below(ITEMS_MAX); i < count; i++) {
    if (i > 0) buffer_append_text(json, ",");
    add_space(json, spaced);
    add_item(json, spaced && below(3) > 0, unusual_too);
    add_space(json, spaced);
  }
  buffer_append_text(json, "]}]}]}");
  for (size_t times = below(4) == 0 ? 1 + below(2) : 0; times > 0; times--) garble(json, start);
}

/* ---- Reading them ---- */

/* The page of a response that arrives in pieces; NULL if it is refused. */
static struct page *page_in(const struct buffer *json, size_t piece, uint64_t columns, bool keep) {
  struct page_parser *parser = page_parser_new(&endpoint_links, columns, NULL);
  struct page *page = NULL;
  struct error error;
  page_parser_keep(parser, keep);
  for (size_t at = 0; at < json->size; at += piece)
    page_parser_feed(parser, json->data + at, json->size - at < piece ? json->size - at : piece);
  if (page_parser_finish(parser, &page, &error) != 0) page = NULL;
  page_parser_free(parser);
  return page;
}

/* The items that json-c reads of the whole, or NULL. *root, which has them, is NULL if json-c refuses the response. */
static struct json_object *items_by_json_c(const struct buffer *json, struct json_object **root) {
  struct json_tokener *tokener = json_tokener_new();
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
  *root = json_tokener_parse_ex(tokener, json->data, (int)json->size);
  json_tokener_free(tokener);
  struct json_object *array = *root;
  static const char *const path[] = {"tasks", "result", "items"};
  for (size_t i = 0; array != NULL && i < LENGTH(path); i++) {
    struct json_object *object = i > 0 ? json_object_array_get_idx(array, 0) : array;
    array = NULL;
    json_object_object_get_ex(object, path[i], &array);
    if (!json_object_is_type(array, json_type_array)) array = NULL;
  }
  return array;
}

static void expect_equal(const struct value *left, const struct value *right, const char *column, const char *json) {
  bool same = left->type == right->type && (left->type != VALUE_INTEGER || left->integer == right->integer) &&
              (left->type != VALUE_TEXT || (value_is_text(left, right->text, right->size) && left->text[left->size] == '\0'));
  if (!same) fail_msg("%s of %s", column, json);
}

/* The pages have the same items, in these columns at least. */
static void expect_same(struct page *left, struct page *right, uint64_t columns, const char *json) {
  struct error error;
  if (page_item_count(left) != page_item_count(right))
    fail_msg("%zu items and %zu of %s", page_item_count(left), page_item_count(right), json);
  for (size_t item = 0; item < page_item_count(left); item++) {
    if (page_item_hash(left, item) != page_item_hash(right, item)) fail_msg("another hash of item %zu of %s", item, json);
    for (int i = 0; i < endpoint_links.column_count; i++) {
      enum column_role role = endpoint_links.columns[i].role;
      struct value a, b;
      if ((role != COLUMN_FIELD && role != COLUMN_ITEM) || (columns & 1ULL << i) == 0) continue;
      assert_int_equal(page_value(left, item, i, &a, &error), 0);
      assert_int_equal(page_value(right, item, i, &b, &error), 0);
      expect_equal(&a, &b, endpoint_links.columns[i].name, json);
    }
  }
}

/* The items have the values and hashes that they have when all is read from json-c's trees. */
static void expect_as_by_json_c(struct page *page, struct json_object *trees, const char *json) {
  struct packed *packed = packed_new(&endpoint_links);
  struct unpacked unpacked = {0};
  struct error error;
  struct value text, value;
  int item_column = endpoint_column(&endpoint_links, "item");
  assert_int_equal(page_item_count(page), trees != NULL ? json_object_array_length(trees) : 0);
  for (size_t item = 0; item < page_item_count(page); item++) {
    struct json_object *tree = json_object_array_get_idx(trees, item);
    assert_int_equal(page_value(page, item, item_column, &text, &error), 0);
    struct json_object *again = json_tokener_parse(text.text);
    if (!json_object_equal(again, tree)) fail_msg("%s isn't item %zu of %s", text.text, item, json);
    json_object_put(again);
    if (strstr(json, text.text) == NULL) fail_msg("%s isn't in %s", text.text, json);
    assert_int_equal(packed_add_columns(packed, text.text, text.size, tree, UINT64_MAX, true), PACKED_ADDED);
    assert_true(packed_hash(packed, item) == page_item_hash(page, item));
    packed_unpack(packed, item, &unpacked);
    for (int i = 0; i < endpoint_links.column_count; i++) {
      if (endpoint_links.columns[i].role != COLUMN_FIELD) continue;
      assert_int_equal(page_value(page, item, i, &value, &error), 0);
      expect_equal(&value, &unpacked.values[i], endpoint_links.columns[i].name, json);
    }
  }
  packed_release(packed);
}

static bool has_rows(struct page *page) {
  struct crawl_state crawl;
  struct error error;
  return page != NULL && page_crawl_state(page, &crawl, &error) == 0;
}

static void test_random(void **unused) {
  size_t taken = 0, refused = 0, kept_count = 0;
  (void)unused;
  for (int round = 0; round < ROUNDS; round++) {
    struct buffer json = {0};
    struct json_object *root = NULL;
    make_response(&json);
    uint64_t columns = state;
    struct json_object *trees = items_by_json_c(&json, &root);
    struct page *whole = page_in(&json, SIZE_MAX / 2, UINT64_MAX, true);
    struct page *bytes = page_in(&json, 1, UINT64_MAX, true);
    struct page *some = page_in(&json, SIZE_MAX / 2, columns, false);
    struct page *pieces = page_in(&json, 1 + below(400), columns, below(2) == 0);
    if ((whole != NULL) != (root != NULL)) fail_msg("%s: %s", whole != NULL ? "taken" : "refused", json.data);
    assert_true((some != NULL) == (whole != NULL));
    if (has_rows(whole)) {
      assert_true(has_rows(bytes) && has_rows(some) && has_rows(pieces));
      expect_as_by_json_c(whole, trees, json.data);
      expect_same(whole, bytes, UINT64_MAX, json.data);
      expect_same(whole, some, columns, json.data);
      expect_same(whole, pieces, columns, json.data);
      struct kept_page *kept = page_keep(below(2) == 0 ? whole : bytes);
      struct page *again = kept != NULL ? page_of_kept(kept, UINT64_MAX, NULL) : NULL;
      if (again != NULL) expect_same(whole, again, UINT64_MAX, json.data);
      kept_count += again != NULL;
      page_free(again);
      kept_page_free(kept);
      taken++;
    } else {
      refused++;
    }
    page_free(whole);
    page_free(bytes);
    page_free(some);
    page_free(pieces);
    json_object_put(root);
    buffer_release(&json);
  }
  assert_true(taken > ROUNDS / 2 && refused > ROUNDS / 20 && kept_count > ROUNDS / 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
