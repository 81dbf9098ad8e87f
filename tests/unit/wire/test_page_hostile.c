/*
** Responses in pieces, cut off, and of wrong types at every place.
**
** `describe` writes all that page.h returns of a response, a line for each value, so that two responses can be compared and the
** difference has a name.
*/
#include "fixture_page.h"

#include <json-c/json.h>

#include "base/buffer.h"

static const char sample[] = SAMPLE;

static bool is_read(const struct column *column) {
  return column->role == COLUMN_FIELD || column->role == COLUMN_ITEM;
}

/* A value, after a check that the column may have it. */
static void describe_value(struct buffer *text, struct page *page, size_t item, int index) {
  const struct column *column = &endpoint_links.columns[index];
  struct value value;
  struct error error;
  buffer_append_format(text, "items[%zu].%s ", item, column->name);
  if (page_value(page, item, index, &value, &error) != 0) {
    assert_non_null(strstr(error.message, "items["));
    assert_true(strlen(error.message) < 200);
    buffer_append_format(text, "error\n");
    return;
  }
  bool number = column->class == CLASS_BOOLEAN || column->class == CLASS_INTEGER;
  if (value.type == VALUE_NULL) {
    buffer_append_text(text, "NULL\n");
  } else if (number) {
    assert_int_equal(value.type, VALUE_INTEGER);
    if (column->class == CLASS_BOOLEAN) assert_true(value.integer == 0 || value.integer == 1);
    buffer_append_format(text, "%" PRId64 "\n", value.integer);
  } else {
    assert_int_equal(value.type, VALUE_TEXT);
    assert_non_null(value.text);
    buffer_append_format(text, "%zu:", value.size);
    for (size_t at = 0; at < value.size; at++) buffer_append_format(text, "%02x", (unsigned char)value.text[at]);
    buffer_append_text(text, "\n");
  }
}

/* All that page.h tells of the page; to be freed. */
static char *describe(struct page *page) {
  struct buffer text = {0};
  struct crawl_state state;
  struct error error;
  char message[100];
  struct page_parser *empty = page_parser_new(&endpoint_links, UINT64_MAX, NULL);
  assert_non_null(empty);
  page_parser_message(empty, page, message, sizeof message);
  page_parser_free(empty);
  buffer_append_format(&text, "status %d\ncost %g\nmessage %s\n", page_status(page), page_cost(page), message);
  buffer_append_format(&text, "token %s\n", page_token(page) != NULL ? page_token(page) : "NULL");
  if (page_crawl_state(page, &state, &error) == 0)
    buffer_append_format(&text, "state ok\nprogress %s\ntotal %" PRId64 "\npages %" PRId64 " %" PRId64 " %" PRId64 "\n",
                         state.progress != NULL ? state.progress : "NULL", state.total_items, state.max_crawl_pages,
                         state.pages_in_queue, state.pages_crawled);
  else
    buffer_append_format(&text, "state %s\n", error.message);
  buffer_append_format(&text, "items %zu\n", page_item_count(page));
  for (size_t item = 0; item <= page_item_count(page); item++) { /* one too many on purpose */
    for (int column = 0; column < endpoint_links.column_count; column++)
      if (is_read(&endpoint_links.columns[column])) describe_value(&text, page, item, column);
    buffer_append_format(&text, "items[%zu].hash %" PRIx64 "\n", item, page_item_hash(page, item));
  }
  buffer_append_format(&text, "available %" PRIx64 "\n", page_available(page));
  char *description = buffer_take(&text);
  assert_non_null(description);
  return description;
}

/* However the response is cut into pieces, the page is the same: cuts fall into numbers, escapes, surrogate pairs, words. */
static void test_pieces(void **state) {
  (void)state;
  size_t size = strlen(sample);
  struct page *whole = parse(sample);
  char *expected = describe(whole);
  for (size_t piece = 1; piece < size; piece++) {
    struct error error;
    struct page *page = try_parse(&endpoint_links, sample, size, piece, &error);
    if (page == NULL) fail_msg("pieces of %zu: %s", piece, error.message);
    char *description = describe(page);
    assert_string_equal(description, expected);
    free(description);
    page_free(page);
  }
  free(expected);
  page_free(whole);
}

/* A response that is cut off is refused, and so is one with anything after its end. */
static void test_cut_off(void **state) {
  (void)state;
  size_t end = (size_t)(strrchr(sample, '}') - sample);
  struct error error;
  for (size_t size = 0; size <= end; size++) {
    assert_null(try_parse(&endpoint_links, sample, size, 100, &error));
    assert_int_equal(error.kind, ERROR_FAILED);
    assert_non_null(strstr(error.message, size < 2 ? "empty" : "breaks off"));
  }
  static const char *const tails[] = {"x", "{}", "[", "}", ",", "\"", "0", "\v", "\xEF\xBB\xBF", "// end", "\n null"};
  for (size_t i = 0; i < LENGTH(tails); i++)
    for (size_t piece = 1; piece < 2000; piece += 1500) {
      struct buffer text = {0};
      buffer_append_format(&text, "%s%s", sample, tails[i]);
      assert_null(try_parse(&endpoint_links, text.data, text.size, piece, &error));
      assert_non_null(strstr(error.message, "not valid JSON"));
      buffer_release(&text);
    }
}

/* --- Types where they are not expected: every node of the sample replaced by every type, one at a time. */

static const char *const replacements[] = {"null", "true", "7",   "-7",   "7.5",  "1e300", "\"word\"",
                                           "\"\"", "[]",   "[0]", "[[]]", "[{}]", "{}",    "{\"a\":1}"};

/* Replaces node number *count in the order of a walk; the path to it is appended to path. True when it was found. */
static bool replace_node(struct json_object *parent, int *count, const char *replacement, struct buffer *path) {
  size_t length = path->size;
  if (json_object_is_type(parent, json_type_array)) {
    for (size_t i = 0; i < json_object_array_length(parent); i++) {
      buffer_append_format(path, "/%zu", i);
      if ((*count)-- == 0) return json_object_array_put_idx(parent, i, json_tokener_parse(replacement)) == 0;
      if (replace_node(json_object_array_get_idx(parent, i), count, replacement, path)) return true;
      path->data[path->size = length] = '\0';
    }
  } else if (json_object_is_type(parent, json_type_object)) {
    struct json_object_iter member;
    json_object_object_foreachC(parent, member) {
      buffer_append_format(path, "/%s", member.key);
      if ((*count)-- == 0) return json_object_object_add(parent, member.key, json_tokener_parse(replacement)) == 0;
      if (replace_node(member.val, count, replacement, path)) return true;
      path->data[path->size = length] = '\0';
    }
  }
  return false;
}

/* Whether a response with the replacement at the path has to be refused. */
static bool is_refused(const char *path, const char *replacement) {
  static const struct {
    const char *path, *taken[4]; /* the replacements that may stand there */
  } places[] = {
      {"/tasks", {NULL}},
      {"/tasks/0", {NULL}},
      {"/tasks/0/result", {"[{}]"}},
      {"/tasks/0/result/0", {"{}", "{\"a\":1}"}},
      {"/tasks/0/result/0/items", {"null", "[]", "[{}]"}},
      {"/tasks/0/result/0/items/0", {"{}", "{\"a\":1}"}},
      {"/tasks/0/result/0/items/1", {"{}", "{\"a\":1}"}},
      {"/tasks/0/result/0/items/2", {"{}", "{\"a\":1}"}},
      {"/tasks/0/result/0/total_items_count", {"null", "7"}},
  };
  for (size_t i = 0; i < LENGTH(places); i++) {
    if (strcmp(path, places[i].path) != 0) continue;
    for (size_t j = 0; j < LENGTH(places[i].taken) && places[i].taken[j] != NULL; j++)
      if (strcmp(replacement, places[i].taken[j]) == 0) return false;
    return true;
  }
  return false;
}

static bool begins_with(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

/* Whether a line of the description may change when the node at the path does: within an item the member itself and what is
** made of the item as a whole; elsewhere only the value read from the node. */
static bool may_change(const char *path, const char *line) {
  static const struct {
    const char *path, *line;
  } places[] = {
      {"/status_code", "status "},
      {"/tasks/0/status_code", "status "},
      {"/tasks/0/status_code", "message "},
      {"/status_message", "message "},
      {"/cost", "cost "},
      {"/tasks/0/result/0/crawl_progress", "progress "},
      {"/tasks/0/result/0/crawl_status", "pages "},
      {"/tasks/0/result/0/search_after_token", "token "},
      {"/tasks/0/result/0/total_items_count", "total "},
      {"/tasks/0/result/0/items/0", "items[0].item "},
      {"/tasks/0/result/0/items/0", "items[0].hash "},
      {"/tasks/0/result/0/items/1", "items[1].item "},
      {"/tasks/0/result/0/items/1", "items[1].hash "},
      {"/tasks/0/result/0/items/2", "items[2].item "},
      {"/tasks/0/result/0/items/2", "items[2].hash "},
  };
  for (size_t i = 0; i < LENGTH(places); i++)
    if (begins_with(path, places[i].path) && begins_with(line, places[i].line)) return true;
  char item, field[40] = "", start[60];
  if (sscanf(path, "/tasks/0/result/0/items/%c/%39[^/]", &item, field) < 1) return false;
  snprintf(start, sizeof start, field[0] != '\0' ? "items[%c].%s " : "items[%c].%s", item, field);
  return begins_with(line, start);
}

static bool same_line(const char *left, const char *right) {
  size_t length = strcspn(left, "\n");
  return length == strcspn(right, "\n") && strncmp(left, right, length) == 0;
}

/* One changed response: no crash, no value of a wrong type, refused where it has to be, and no other value changed than that of
** the node. */
static void check_replaced(const char *path, const char *replacement, const char *text, const char *original) {
  struct error error;
  struct page *page = try_parse(&endpoint_links, text, strlen(text), 4096, &error);
  if (page == NULL) fail_msg("%s = %s: %s", path, replacement, error.message);
  char *description = describe(page);
  char *again = describe(page);
  assert_string_equal(description, again);
  bool refused = strstr(description, "\nstate ok\n") == NULL;
  if (refused != is_refused(path, replacement)) fail_msg("%s = %s: %s", path, replacement, description);
  bool other_items = strcmp(path, "/tasks/0/result") == 0 || strcmp(path, "/tasks/0/result/0") == 0 ||
                     strcmp(path, "/tasks/0/result/0/items") == 0;
  for (const char *line = description, *old = original; !refused && !other_items && *line != '\0';) {
    if (!same_line(line, old) && !may_change(path, line)) fail_msg("%s = %s changed %.60s", path, replacement, line);
    line += strcspn(line, "\n") + 1;
    old += strcspn(old, "\n") + 1;
  }
  free(again);
  free(description);
  page_free(page);
}

static void test_type_confusion(void **state) {
  (void)state;
  struct json_object *unchanged =
      json_tokener_parse(sample); /* as json-c writes it, like the changed ones: items keep their text */
  struct page *page = parse(json_object_to_json_string(unchanged));
  char *original = describe(page);
  json_object_put(unchanged);
  page_free(page);
  int nodes = 0;
  for (bool found = true; found; nodes++) {
    for (size_t i = 0; i < LENGTH(replacements); i++) {
      struct json_object *root = json_tokener_parse(sample);
      struct buffer path = {0};
      buffer_append_text(&path, ""); /* the path is never NULL */
      int count = nodes;
      found = replace_node(root, &count, replacements[i], &path);
      if (found) check_replaced(path.data, replacements[i], json_object_to_json_string(root), original);
      buffer_release(&path);
      json_object_put(root);
    }
  }
  assert_true(nodes > 50);
  free(original);
}

/* Every byte of the sample replaced by bytes that mean something in JSON: it is refused, or all that it tells has its type. */
static void test_bytes(void **state) {
  (void)state;
  static const char bytes[] = "\"\\{}[],:0-.e tu\n\x01\x80\xFF";
  char text[sizeof sample];
  for (size_t at = 0; at + 1 < sizeof sample; at++)
    for (size_t i = 0; i < sizeof bytes; i++) {
      struct error error;
      memcpy(text, sample, sizeof sample);
      text[at] = bytes[i];
      struct page *page = try_parse(&endpoint_links, text, sizeof sample - 1, 300, &error);
      if (page == NULL) {
        assert_int_equal(error.kind, ERROR_FAILED);
        continue;
      }
      free(describe(page));
      page_free(page);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pieces),
      cmocka_unit_test(test_cut_off),
      cmocka_unit_test(test_type_confusion),
      cmocka_unit_test(test_bytes),
  };
  return cmocka_run_group_tests_name("page hostile", tests, NULL, NULL);
}
