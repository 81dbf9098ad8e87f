/* Packed items: what is plain, that it makes no difference, and that pages share and keep them. */
#include "wire/packed.h"

#include "fixture_page.h"

#include "base/buffer.h"

/* Items, and whether they are plain. */
static const struct {
  const char *json;
  bool plain;
} items[] = {
    {"{}", true},
    {"{ }", true},
    {"{\"type\":\"anchor\"}", true},
    {"{ \"type\" : \"anchor\" , \"dofollow\" : true\n}", true},
    {"{\"type\":\"anchor\",\"dofollow\":true,\"is_broken\":false,\"page_to_status_code\":404}", true},
    {"{\"page_to_status_code\":404,\"type\":\"anchor\"}", true},
    {"{\"type\":null,\"dofollow\":null,\"page_to_status_code\":null,\"link_attribute\":null,\"new\":null}", true},
    {"{\"type\":\"\",\"text\":\"gr\xC3\xBC\xC3\x9F\",\"link_to\":\"not \xFC UTF-8\",\"hreflang\":\"\x7F\"}", true},
    {"{\"text\":\"1234567\",\"page_to\":\"12345678\",\"page_from\":\"123456789\",\"type\":\"1234567890123456\"}", true},
    {"{\"link_attribute\":[],\"type\":\"anchor\"}", true},
    {"{\"link_attribute\":[\"nofollow\"]}", true},
    {"{\"link_attribute\":[\"nofollow\",\"ugc\"],\"new\":[\"a\"]}", true},
    {"{\"page_to_status_code\":0}", true},
    {"{\"page_to_status_code\":999999999999999999}", true},
    {"{\"new\":true,\"newer\":7,\"newest\":\"x\",\"new\":false,\"task_id\":\"t\",\"item\":1}", true},
    /* Columns of another class. */
    {"{\"type\":7}", false},
    {"{\"type\":true}", false},
    {"{\"type\":[\"a\"]}", false},
    {"{\"dofollow\":1}", false},
    {"{\"dofollow\":\"true\"}", false},
    {"{\"page_to_status_code\":\"404\"}", false},
    {"{\"page_to_status_code\":true}", false},
    {"{\"link_attribute\":\"nofollow\"}", false},
    {"{\"link_attribute\":7}", false},
    /* Escapes, other numbers, nested values. */
    {"{\"text\":\"\\/\"}", false},
    {"{\"text\":\"1234567\\u00e912345678\",\"type\":\"anchor\"}", false},
    {"{\"text\":\"\\ud83d\",\"link_to\":\"\\\"\\\\\"}", false},
    {"{\"new\":\"}\\\"{\\\\\",\"type\":\"anchor\"}", false},
    {"{\"page_to_status_code\":404.0}", false},
    {"{\"page_to_status_code\":4e2}", false},
    {"{\"page_to_status_code\":-1}", false},
    {"{\"page_to_status_code\":1000000000000000000}", false},
    {"{\"page_to_status_code\":99999999999999999999999}", false},
    {"{\"text\":99999999999999999999999,\"page_to\":1.50}", false},
    {"{\"link_attribute\":[ \"a\",\"b\" ]}", false},
    {"{\"link_attribute\":[\"a\" ,\"b\"]}", false},
    {"{\"link_attribute\":[\"a\\/b\",[7],{\"x\":null}]}", false},
    {"{\"new\":{\"a\":[1,{\"b\":\"]}\"}]},\"type\":\"anchor\"}", false},
    {"{\"new\":[1,2],\"type\":\"anchor\"}", false},
    {"{\"text\":{ \"a\" : [ 1.50, \"\\/ \" ] }}", false},
    {"{\"new\":{\"type\":\"image\"},\"type\":\"anchor\"}", false},
    /* Without a shape. */
    {"{\"type\":\"a\",\"type\":\"b\"}", false},
    {"{\"t\\u0079pe\":\"a\",\"text\":\"b\"}", false},
    {"{\"t\\u0079pe\":\"a\",\"type\":\"b\"}", false},
    /* A key in single quotes, which json-c takes, and which would be read otherwise if they weren't seen. */
    {"{'type':\"a\"}", false},
    {"{\"new\":{'\"':1},\"text\":\"},\",'\":1,\"type\":\"b\",\"z\":':2}", false},
};

static struct json_object *tree_of(const char *json) {
  struct json_object *object = json_tokener_parse(json);
  assert_non_null(object);
  return object;
}

static void expect_same_values(const struct unpacked *left, const struct unpacked *right, const char *json) {
  for (int i = 0; i < endpoint_links.column_count; i++) {
    const struct value *a = &left->values[i], *b = &right->values[i];
    bool same = a->type == b->type && a->integer == b->integer && a->size == b->size &&
                (a->type != VALUE_TEXT || (memcmp(a->text, b->text, a->size) == 0 && a->text[a->size] == '\0'));
    if (!same) fail_msg("%s: %s", json, endpoint_links.columns[i].name);
  }
}

static void expect_text(const struct packed *packed, size_t item, const char *json) {
  struct buffer scratch = {0};
  const char *text = NULL;
  size_t size = 0;
  assert_int_equal(packed_text(packed, item, &scratch, &text, &size), 0);
  if (size != strlen(json) || memcmp(text, json, size) != 0) fail_msg("%s became %.*s", json, (int)size, text);
  buffer_release(&scratch);
}

/* Whatever way an item takes, it has the values that json-c gives, its text and its hash. */
static void test_ways(void **state) {
  (void)state;
  struct packed *plain = packed_new(&endpoint_links);
  struct packed *shaped = packed_new(&endpoint_links);
  struct packed *columns = packed_new(&endpoint_links);
  struct unpacked left = {0}, right = {0};
  for (size_t i = 0; i < LENGTH(items); i++) {
    const char *json = items[i].json;
    size_t size = strlen(json);
    size_t taken = 0;
    struct json_object *object = tree_of(json);
    enum packed_outcome outcome = packed_add_plain(plain, json, size, SIZE_MAX, &taken);
    if (outcome != (items[i].plain ? PACKED_ADDED : PACKED_NOT_PLAIN)) fail_msg("%s: %d", json, (int)outcome);
    if (items[i].plain) assert_int_equal(taken, size);
    if (packed_add(shaped, json, size, object) == PACKED_NOT_PLAIN)
      assert_int_equal(packed_add_columns(shaped, json, size, object, UINT64_MAX, true), PACKED_ADDED);
    assert_int_equal(packed_add_columns(columns, json, size, object, UINT64_MAX, true), PACKED_ADDED);
    json_object_put(object);
    assert_int_equal(packed_count(shaped), i + 1);
  }
  for (int pass = 0; pass < 2; pass++) {
    size_t at = 0;
    for (size_t i = 0; i < LENGTH(items); i++) {
      packed_unpack(columns, i, &left);
      packed_unpack(shaped, i, &right);
      expect_same_values(&left, &right, items[i].json);
      expect_text(columns, i, items[i].json);
      expect_text(shaped, i, items[i].json);
      assert_true(packed_hash(columns, i) == packed_hash(shaped, i));
      if (!items[i].plain) continue;
      struct unpacked again = {0};
      packed_unpack(plain, at, &again);
      expect_same_values(&left, &again, items[i].json);
      expect_text(plain, at, items[i].json);
      assert_true(packed_hash(columns, i) == packed_hash(plain, at++));
    }
    packed_fit(plain);
    packed_fit(shaped);
    packed_fit(columns);
  }
  packed_release(plain);
  packed_release(shaped);
  packed_release(columns);
}

/* A plain item needs all its bytes, and one more for what a number is followed by; nothing beyond them is read. */
static void test_cut_items(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(items); i++) {
    size_t size = strlen(items[i].json);
    for (size_t cut = 1; cut < size; cut++) {
      struct packed *packed = packed_new(&endpoint_links);
      size_t taken = 0;
      char *copy = malloc(cut); /* for the sanitizer to see a step beyond */
      memcpy(copy, items[i].json, cut);
      assert_int_equal(packed_add_plain(packed, copy, cut, SIZE_MAX, &taken), PACKED_NOT_PLAIN);
      assert_int_equal(packed_add_plain(packed, items[i].json, size, cut, &taken), PACKED_NOT_PLAIN);
      assert_int_equal(packed_count(packed), 0);
      packed_release(packed);
      free(copy);
    }
  }
}

/* What isn't JSON is left to json-c, which refuses it. */
static void test_garbled_items(void **state) {
  static const char *const garbled[] = {
      "[]",
      "7",
      "{\"type\":\"a\",}",
      "{,\"type\":\"a\"}",
      "{\"type\" \"a\"}",
      "{\"type\":}",
      "{\"type\":\"a\" \"b\":1}",
      "{type:1}",
      "{\"page_to_status_code\":01}",
      "{\"page_to_status_code\":1 2}",
      "{\"dofollow\":truefalse}",
      "{\"dofollow\":tru}",
      "{\"type\":nul}",
      "{\"type\":\"a\nb\"}",
      "{\"ty\npe\":\"a\"}",
      "{\"link_attribute\":[\"a\",]}",
      "{\"link_attribute\":[\"a\"\"b\"]}",
      "{\"link_attribute\":[\"a\"}}",
      "{\"new\":+1}",
      "{\"new\":.5}",
      "{\"new\":1.}",
      "{'type':'a'}",
      "{\"type\":\"a\"]",
  };
  (void)state;
  struct packed *packed = packed_new(&endpoint_links);
  for (size_t i = 0; i < LENGTH(garbled); i++) {
    size_t taken = 0;
    if (packed_add_plain(packed, garbled[i], strlen(garbled[i]), SIZE_MAX, &taken) != PACKED_NOT_PLAIN)
      fail_msg("%s is taken", garbled[i]);
  }
  assert_int_equal(packed_count(packed), 0);
  packed_release(packed);
}

/* Many shapes, many members, large texts: the same values and texts, in whatever form. */
static void test_bounds(void **state) {
  (void)state;
  struct packed *packed = packed_new(&endpoint_links);
  struct buffer json[300] = {{0}};
  for (size_t i = 0; i < LENGTH(json); i++) {
    size_t members = i < 200 ? 6 : i - 200;
    size_t taken = 0;
    buffer_append_text(&json[i], "{\"type\":\"anchor\"");
    for (size_t j = 0; j < members; j++) buffer_append_format(&json[i], ",\"%zu-%zu\":\"x\"", i, j);
    for (size_t j = 0; i % 50 == 7 && j < 5000; j++) buffer_append_text(&json[i], j == 0 ? ",\"text\":\"" : "x");
    buffer_append_text(&json[i], i % 50 == 7 ? "\"}" : "}");
    if (packed_add_plain(packed, json[i].data, json[i].size, SIZE_MAX, &taken) == PACKED_ADDED) continue;
    struct json_object *object = tree_of(json[i].data);
    if (packed_add(packed, json[i].data, json[i].size, object) != PACKED_ADDED)
      assert_int_equal(packed_add_columns(packed, json[i].data, json[i].size, object, UINT64_MAX, true), PACKED_ADDED);
    json_object_put(object);
  }
  struct packed *other = packed_new(&endpoint_links);
  for (size_t i = 0; i < LENGTH(json); i++) {
    struct unpacked unpacked = {0};
    struct json_object *object = tree_of(json[i].data);
    expect_text(packed, i, json[i].data);
    packed_unpack(packed, i, &unpacked);
    assert_true(value_is_text(&unpacked.values[endpoint_column(&endpoint_links, "type")], "anchor", 6));
    assert_int_equal(unpacked.values[endpoint_column(&endpoint_links, "text")].size, i % 50 == 7 ? 4999 : 0);
    assert_int_equal(packed_add_columns(other, json[i].data, json[i].size, object, 0, false), PACKED_ADDED);
    assert_true(packed_hash(packed, i) == packed_hash(other, i));
    json_object_put(object);
    buffer_release(&json[i]);
  }
  packed_release(packed);
  packed_release(other);
}

/* ---- Kept pages ---- */

#define RESULT(progress, items)                                                                                                \
  "{\"status_code\":20000,\"cost\":0.25,\"tasks\":[{\"status_code\":20000,\"result\":[{\"crawl_progress\":\"" progress "\","   \
  "\"crawl_status\":{\"max_crawl_pages\":9,\"pages_in_queue\":0,\"pages_crawled\":8},\"search_after_token\":\"tok\","          \
  "\"total_items_count\":70,\"items\":" items "}]}]}"

static struct page *page_for(const char *json, uint64_t columns, bool keep, bool stop) {
  struct page_parser *parser = page_parser_new(&endpoint_links, columns, NULL);
  struct page *page = NULL;
  struct error error;
  page_parser_keep(parser, keep);
  page_parser_feed(parser, json, strlen(json) - 1);
  if (stop) page_parser_keep(parser, false);
  page_parser_feed(parser, json + strlen(json) - 1, 1);
  assert_int_equal(page_parser_finish(parser, &page, &error), 0);
  page_parser_free(parser);
  return page;
}

static uint64_t bit(const char *column) {
  return 1ULL << endpoint_column(&endpoint_links, column);
}

static void expect_column(struct page *page, size_t item, const char *column, const char *text) {
  struct value value;
  struct error error;
  assert_int_equal(page_value(page, item, endpoint_column(&endpoint_links, column), &value, &error), 0);
  if (!value_is_text(&value, text, strlen(text))) fail_msg("%s of %zu", column, item);
}

#define TWO "[{\"type\":\"a\",\"text\":\"b\",\"dofollow\":7},{\"type\":\"\\u0063\",\"text\":\"d\"}]"

/* A kept page serves all columns, whichever were read at first, and outlives the page and whoever keeps it. */
static void test_keeping(void **state) {
  size_t held = 5;
  struct crawl_state crawl;
  struct error error;
  struct value value;
  (void)state;
  struct page *page = page_for(RESULT("finished", TWO), bit("type"), true, false);
  struct kept_page *kept = page_keep(page);
  assert_non_null(kept);
  uint64_t hash = page_item_hash(page, 1);
  struct page *texts = page_of_kept(kept, bit("text") | bit("item"), &held);
  struct page *types = page_of_kept(kept, bit("type"), NULL);
  assert_int_equal(held, 5 + kept_page_size(kept));
  kept_page_free(kept);
  expect_column(page, 1, "type", "c");
  page_free(page);
  assert_int_equal(page_value(texts, 0, endpoint_column(&endpoint_links, "type"), &value, &error), -1);
  for (size_t i = 0; i < 2; i++) { /* each page has its own item */
    expect_column(texts, i, "text", i == 0 ? "b" : "d");
    expect_column(types, 1 - i, "type", i == 0 ? "c" : "a");
    expect_column(texts, i, "item",
                  i == 0 ? "{\"type\":\"a\",\"text\":\"b\",\"dofollow\":7}" : "{\"type\":\"\\u0063\",\"text\":\"d\"}");
  }
  assert_true(page_item_hash(types, 1) == hash);
  page_free(types);
  assert_int_equal(page_status(texts), 20000);
  assert_true(page_cost(texts) == 0.25);
  assert_string_equal(page_token(texts), "tok");
  assert_true(page_has_items(texts));
  assert_int_equal(page_item_count(texts), 2);
  assert_int_equal(page_value(texts, 2, endpoint_column(&endpoint_links, "text"), &value, &error), -1);
  assert_int_equal(page_crawl_state(texts, &crawl, &error), 0);
  assert_string_equal(crawl.progress, "finished");
  assert_true(crawl.finished);
  assert_int_equal(crawl.max_crawl_pages, 9);
  assert_int_equal(crawl.pages_in_queue, 0);
  assert_int_equal(crawl.pages_crawled, 8);
  assert_int_equal(crawl.total_items, 70);
  page_free(texts);
  assert_int_equal(held, 5);
  kept_page_free(NULL);
}

static void test_what_is_kept(void **state) {
  static const struct {
    const char *json;
    bool keep, stop, kept, has_items;
  } cases[] = {
      {RESULT("finished", TWO), true, false, true, true},     {RESULT("finished", "[]"), true, false, true, true},
      {RESULT("finished", "null"), true, false, true, false}, {RESULT("finished", TWO), false, false, false, true},
      {RESULT("finished", TWO), true, true, false, true},     {RESULT("in_progress", TWO), true, false, false, true},
      {RESULT("finished", "[7]"), true, false, false, true},  {"{\"status_code\":20000}", true, false, false, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct page *page = page_for(cases[i].json, UINT64_MAX, cases[i].keep, cases[i].stop);
    struct kept_page *kept = page_keep(page);
    if ((kept != NULL) != cases[i].kept) fail_msg("case %zu", i);
    struct page *again = kept != NULL ? page_of_kept(kept, UINT64_MAX, NULL) : NULL;
    if (again != NULL) assert_true(page_has_items(again) == cases[i].has_items);
    page_free(again);
    kept_page_free(kept);
    page_free(page);
  }
}

/* A kept page takes less than its JSON, which therefore isn't there: nothing can be parsed again. Neither does it for items that
** aren't plain. */
static void test_size(void **state) {
  static const char *const texts[] = {"words", "w\\/rds", "w\\u00f6rds"};
  (void)state;
  for (size_t i = 0; i < LENGTH(texts); i++) {
    struct buffer json = {0};
    buffer_append_text(&json, "{\"tasks\":[{\"result\":[{\"crawl_progress\":\"finished\",\"items\":[");
    for (int item = 0; item < 200; item++)
      buffer_append_format(
          &json,
          "%s{\"type\":\"anchor\",\"domain_from\":\"www.example.org\",\"page_from\":\"/a/page/%d\",\"dofollow\":true,"
          "\"page_to_status_code\":200,\"link_attribute\":[\"nofollow\"],\"text\":\"%s\",\"is_broken\":false}",
          item > 0 ? "," : "", item, texts[i]);
    buffer_append_text(&json, "]}]}]}");
    struct page *page = page_for(json.data, bit("type"), true, false);
    struct kept_page *kept = page_keep(page);
    assert_non_null(kept);
    assert_in_range(kept_page_size(kept), 1, json.size * 3 / 4);
    kept_page_free(kept);
    page_free(page);
    buffer_release(&json);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ways),   cmocka_unit_test(test_cut_items), cmocka_unit_test(test_garbled_items),
      cmocka_unit_test(test_bounds), cmocka_unit_test(test_keeping),   cmocka_unit_test(test_what_is_kept),
      cmocka_unit_test(test_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
