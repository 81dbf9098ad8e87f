/* The envelope: status, cost, the state of the crawl, totals, tokens and available filters, and which of them are refused. */
#include "fixture_page.h"

#include "base/buffer.h"

static void test_status_and_cost(void **state) {
  static const struct {
    const char *text;
    int status;
    double cost;
  } cases[] = {
      {"{}", 0, -1},
      {"{\"status_code\":20000,\"cost\":0}", 20000, 0},
      {"{\"status_code\":20000.0,\"cost\":1.25}", 20000, 1.25},
      {"{\"status_code\":\"20000\",\"cost\":\"1\"}", 0, -1},
      {"{\"status_code\":20000.5,\"cost\":-1}", 0, -1},
      {"{\"status_code\":99999999999,\"cost\":1e999}", 0, -1},
      {"{\"status_code\":-40100}", 0, -1},
      {"{\"status_code\":40100,\"tasks\":null}", 40100, -1},
      {"{\"status_code\":20000,\"tasks\":[]}", 20000, -1},
      {"{\"status_code\":20000,\"tasks\":[{\"status_code\":40401,\"cost\":2}]}", 40401, 2},
      {"{\"status_code\":20000,\"tasks\":[{\"status_code\":40401.0}]}", 40401, -1},
      {"{\"status_code\":20000,\"tasks\":[{\"status_code\":20100}]}", 20100, -1},
      {"{\"status_code\":40200,\"tasks\":[{\"status_code\":20000}]}", 40200, -1},
      {"{\"status_code\":40200,\"tasks\":[{\"status_code\":40602}]}", 40602, -1},
      {"{\"status_code\":40200,\"tasks\":[{\"status_code\":null}]}", 40200, -1},
      {"{\"status_code\":20000,\"tasks\":[null,{\"status_code\":40602}]}", 20000, -1},
      {"{\"tasks\":[{\"status_code\":20000}]}", 20000, -1},
      {"{\"tasks\":{\"status_code\":40602}}", 0, -1},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct page *page = parse(cases[i].text);
    if (page_status(page) != cases[i].status) fail_msg("%s: %d", cases[i].text, page_status(page));
    if (page_cost(page) != cases[i].cost) fail_msg("%s: %g", cases[i].text, page_cost(page));
    page_free(page);
  }
}

static void test_crawl_state(void **state) {
  static const struct {
    const char *tasks;
    const char *message; /* a part of it; NULL: none */
    size_t items;
    int64_t total;
  } cases[] = {
      {"[]", "no result", 0, 0},
      {"[{\"result\":null}]", "no result", 0, 0},
      {"[{\"result\":[]}]", "no result", 0, 0},
      {"[{\"result\":[null]}]", "no result", 0, 0},
      {"[{\"result\":{\"items\":[]}}]", "no result", 0, 0},
      {"[{\"result\":[{}]}]", NULL, 0, -1},
      {"[{\"result\":[{\"items\":null,\"total_items_count\":null}]}]", NULL, 0, -1},
      {"[{\"result\":[{\"items\":[],\"total_items_count\":0}]}]", NULL, 0, 0},
      {"[{\"result\":[{\"items\":[{},{}],\"total_items_count\":2.0}]}]", NULL, 2, 2},
      {"[{\"result\":[{\"items\":{}}]}]", "items of the response is an object, not an array", 0, 0},
      {"[{\"result\":[{\"items\":\"\"}]}]", "a string, not an array", 0, 0},
      {"[{\"result\":[{\"items\":[{},7]}]}]", "items[1] of the response is a number, not an object", 0, 0},
      {"[{\"result\":[{\"items\":[null]}]}]", "items[0] of the response is null, not an object", 0, 0},
      {"[{\"result\":[{\"items\":[{},{},[]]}]}]", "items[2] of the response is an array", 0, 0},
      {"[{\"result\":[{\"total_items_count\":-1}]}]", "total_items_count of the response is negative", 0, 0},
      {"[{\"result\":[{\"total_items_count\":-3.0}]}]", "negative", 0, 0},
      {"[{\"result\":[{\"total_items_count\":\"3\"}]}]", "a string, not a count", 0, 0},
      {"[{\"result\":[{\"total_items_count\":0.5}]}]", "a number, not a count", 0, 0},
      {"[{\"result\":[{\"total_items_count\":1e30}]}]", "a number, not a count", 0, 0},
      {"[{\"result\":[{\"items\":[{}],\"total_items_count\":1000000000000}]}]", NULL, 1, 1000000000000},
      {"[{\"result\":[{\"items\":[{}],\"total_items_count\":1000000000001}]}]", NULL, 1, -1}, /* too large to be true */
      {"[{\"result\":[{\"items\":[{}],\"total_items_count\":9000000000000000000}]}]", NULL, 1, -1},
      {"[{\"result\":[{\"crawl_progress\":7,\"crawl_status\":[]}]}]", NULL, 0, -1},
      {"[{\"result\":[{\"crawl_status\":{\"max_crawl_pages\":-4,\"pages_crawled\":\"8\",\"pages_in_queue\":0.5}}]}]", NULL, 0,
       -1},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct buffer text = {0};
    buffer_append_format(&text, "{\"tasks\":%s}", cases[i].tasks);
    struct page *page = parse(text.data);
    struct crawl_state crawl;
    struct error error = {.message = ""};
    int result = page_crawl_state(page, &crawl, &error);
    if ((result == 0) != (cases[i].message == NULL)) fail_msg("%s: %s", cases[i].tasks, error.message);
    if (result != 0) {
      if (strstr(error.message, cases[i].message) == NULL) fail_msg("%s: %s", cases[i].tasks, error.message);
    } else {
      assert_int_equal(page_item_count(page), cases[i].items);
      assert_int_equal(crawl.total_items, cases[i].total);
      assert_null(crawl.progress);
      assert_true(crawl.max_crawl_pages == -1 && crawl.pages_in_queue == -1 && crawl.pages_crawled == -1);
    }
    page_free(page);
    buffer_release(&text);
  }
}

static void test_token(void **state) {
  static const char *const cases[][2] = {
      {"\"a\\/b=\"", "a/b="}, {"\"\"", NULL}, {"null", NULL}, {"7", NULL}, {"[\"a\"]", NULL}, {"\"a\\u0000b\"", NULL},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char text[100];
    snprintf(text, sizeof text, "{\"tasks\":[{\"result\":[{\"search_after_token\":%s}]}]}", cases[i][0]);
    struct page *page = parse(text);
    if (cases[i][1] == NULL)
      assert_null(page_token(page));
    else
      assert_string_equal(page_token(page), cases[i][1]);
    page_free(page);
  }
}

/* A token is sent with every request of a chain, so its length is bounded. */
static void test_a_token_too_long(void **state) {
  (void)state;
  for (size_t size = 65536; size <= 65537; size++) {
    struct buffer text = {0};
    buffer_append_text(&text, "{\"tasks\":[{\"result\":[{\"search_after_token\":\"");
    for (size_t i = 0; i < size; i++) buffer_append_text(&text, "t");
    buffer_append_text(&text, "\"}]}]}");
    struct page *page = parse(text.data);
    assert_int_equal(page_token(page) != NULL, size == 65536);
    page_free(page);
    buffer_release(&text);
  }
}

static void test_available(void **state) {
  static const struct {
    const char *fields, *columns[4];
  } cases[] = {
      {"{\"links\":{\"text\":\"str\",\"page_to_status_code\":\"num\",\"is_broken\":\"bool\",\"link_attribute\":\"array.str\"}}",
       {"text", "page_to_status_code", "is_broken", "link_attribute"}},
      {"{\"links\":{\"text\":\"num\",\"is_broken\":\"str\",\"hreflang\":\"str\"}}", {"hreflang"}}, /* types that don't fit */
      {"{\"links\":{\"text\":null,\"hreflang\":[\"str\"],\"image_alt\":\"\"}}", {NULL}},
      {"{\"links\":{\"task_id\":\"str\",\"item\":\"str\",\"tag\":\"str\",\"unknown\":\"str\"}}", {NULL}}, /* no fields */
      {"{\"pages\":{\"text\":\"str\"}}", {NULL}},
      {"{\"links\":[\"text\"]}", {NULL}},
      {"{}", {NULL}},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct buffer text = {0};
    unsigned long long expected = 0;
    for (size_t j = 0; j < LENGTH(cases[i].columns) && cases[i].columns[j] != NULL; j++)
      expected |= 1ULL << endpoint_column(&endpoint_links, cases[i].columns[j]);
    buffer_append_format(&text, "{\"tasks\":[{\"result\":[%s]}]}", cases[i].fields);
    struct page *page = parse(text.data);
    if (page_available(page) != expected) fail_msg("%s", cases[i].fields);
    page_free(page);
    buffer_release(&text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_status_and_cost),  cmocka_unit_test(test_crawl_state), cmocka_unit_test(test_token),
      cmocka_unit_test(test_a_token_too_long), cmocka_unit_test(test_available),
  };
  return cmocka_run_group_tests_name("page envelope", tests, NULL, NULL);
}
