/* Items: where they are looked for, each kind of value in each kind of column, and what is kept of them. */
#include "fixture_page.h"

#include "base/buffer.h"

static const struct expected_value {
  size_t item;
  const char *column;
  struct value value;
} sample_values[] = {
    {0, "type", TEXT("anchor")},
    {0, "domain_from", TEXT("a.example")},
    {0, "page_from", TEXT("/abc")},
    {0, "dofollow", INT(1)},
    {0, "is_broken", INT(0)},
    {0, "page_to_status_code", INT(404)},
    {0, "link_attribute", TEXT("[\"nofollow\",\"a / \\\"b\\\"\"]")},
    {0, "text", TEXT("\xF0\x9F\x98\x80 gr\xC3\xBC\xC3\x9F")},
    {0, "image_alt", NONE},
    {1, "type", TEXT("image")},
    {1, "text", TEXT("a\0b\xEF\xBF\xBD")},
    {1, "image_alt", TEXT("")},
    {1, "dofollow", INT(0)},
    {1, "is_broken", INT(1)},
    {1, "page_to_status_code", NONE},
    {1, "link_attribute", NONE},
    {1, "item",
     TEXT("{\"text\":\"a\\u0000b\\ud83d\",\"image_alt\":\"\",\"type\":\"image\",\"surprise\":{\"a\":[1,2.50]},"
          "\"dofollow\":0,\"is_broken\":1.0,\"page_to_status_code\":null,\"link_attribute\":null}")},
    {2, "type", NONE},
    {2, "item", TEXT("{ }")},
};

static void test_sample(void **state) {
  (void)state;
  struct page *page = parse(SAMPLE);
  struct crawl_state crawl;
  struct error error;
  assert_int_equal(page_status(page), 20000);
  assert_true(page_cost(page) == 0.5);
  assert_string_equal(page_token(page), "token/1");
  assert_int_equal(page_crawl_state(page, &crawl, &error), 0);
  assert_string_equal(crawl.progress, "finished");
  assert_true(crawl.finished);
  assert_int_equal(crawl.max_crawl_pages, 100);
  assert_int_equal(crawl.pages_in_queue, 0);
  assert_int_equal(crawl.pages_crawled, 76);
  assert_int_equal(crawl.total_items, 3);
  assert_int_equal(page_item_count(page), 3);
  for (size_t i = 0; i < LENGTH(sample_values); i++) {
    const struct expected_value *expected = &sample_values[i];
    struct value value;
    int column = endpoint_column(&endpoint_links, expected->column);
    assert_int_equal(page_value(page, expected->item, column, &value, &error), 0);
    if (value.type != expected->value.type || value.integer != expected->value.integer || value.size != expected->value.size ||
        (value.size > 0 && memcmp(value.text, expected->value.text, value.size) != 0) ||
        (value.type == VALUE_TEXT && value.text[value.size] != '\0'))
      fail_msg("%s of item %zu", expected->column, expected->item);
  }
  page_free(page);
}

static void test_field_values(void **state) {
  static const struct {
    const char *column, *json;
    const char *expected; /* number, text in quotes, or NULL */
  } cases[] = {
      {"dofollow", "true", "1"},
      {"dofollow", "false", "0"},
      {"dofollow", "null", "NULL"},
      {"dofollow", "1", "1"},
      {"dofollow", "0.0", "0"},
      {"dofollow", "-0", "0"},
      {"dofollow", "\"true\"", "1"},
      {"dofollow", "\"False\"", "0"},
      {"dofollow", "\"1\"", "1"},
      {"dofollow", "\" 0.0\"", "0"},
      {"dofollow", "2", "NULL"},
      {"dofollow", "0.5", "NULL"},
      {"dofollow", "\"yes\"", "NULL"},
      {"dofollow", "\"true\\u0000\"", "NULL"},
      {"dofollow", "\"\"", "NULL"},
      {"dofollow", "[]", "NULL"},
      {"dofollow", "{}", "NULL"},
      {"page_to_status_code", "404", "404"},
      {"page_to_status_code", "404.0", "404"},
      {"page_to_status_code", "4.04e2", "404"},
      {"page_to_status_code", "-1", "-1"},
      {"page_to_status_code", "-0", "0"},
      {"page_to_status_code", "-0.0", "0"},
      {"page_to_status_code", "null", "NULL"},
      {"page_to_status_code", "9223372036854775806", "9223372036854775806"},
      {"page_to_status_code", "-9223372036854775807", "-9223372036854775807"},
      {"page_to_status_code", "1e18", "1000000000000000000"},
      {"page_to_status_code", "9223372036854775807", "9223372036854775807"},
      {"page_to_status_code", "\"404\"", "404"},
      {"page_to_status_code", "\" +4.04e2 \"", "404"},
      {"page_to_status_code", "404.5", "NULL"},
      {"page_to_status_code", "9223372036854775808", "NULL"},
      {"page_to_status_code", "-9223372036854775809", "NULL"},
      {"page_to_status_code", "-99999999999999999999999999", "NULL"},
      {"page_to_status_code", "99999999999999999999999999", "NULL"},
      {"page_to_status_code", "18446744073709551615", "NULL"},
      {"page_to_status_code", "9223372036854775808.0", "NULL"},
      {"page_to_status_code", "-9223372036854777856.0", "NULL"},
      {"page_to_status_code", "1e999", "NULL"},
      {"page_to_status_code", "NaN", "NULL"},
      {"page_to_status_code", "-Infinity", "NULL"},
      {"page_to_status_code", "true", "NULL"},
      {"page_to_status_code", "\"not found\"", "NULL"},
      {"page_to_status_code", "\"404 \\u0000\"", "NULL"},
      {"direction", "\"internal\"", "'internal'"},
      {"direction", "\"Sideways\"", "'Sideways'"},
      {"direction", "7", "'7'"},
      {"text", "\"\"", "''"},
      {"text", "\"null\"", "'null'"},
      {"text", "null", "NULL"},
      {"text", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\/\b\f\n\r\t'"},
      {"text", "\"\\u20AC\\ud834\\udd1e\"", "'\xE2\x82\xAC\xF0\x9D\x84\x9E'"},
      {"text", "\"\\udd1e\\ud834x\"", "'\xEF\xBF\xBD\xEF\xBF\xBDx'"},
      {"text", "\"gr\xFC\"", "'gr\xFC'"}, /* not UTF-8: as it came */
      {"text", "false", "'false'"},
      {"text", "1.50", "'1.50'"},
      {"text", "99999999999999999999", "'99999999999999999999'"},
      {"text", "-9223372036854775809", "'-9223372036854775809'"},
      {"text", "9007199254740993", "'9007199254740993'"},
      {"text", "18446744073709551615", "'18446744073709551615'"},
      {"text", "1e999", "'1e999'"},
      {"text", "{ \"a\" : [ 1.50, 99999999999999999999, \"\\/ \" ] }", "'{\"a\":[1.50,99999999999999999999,\"/ \"]}'"},
      {"text", "[ 1, null ]", "'[1,null]'"},
      {"text", "{ \"a\" : \"\\/\" }", "'{\"a\":\"/\"}'"},
      {"link_attribute", "[ \"nofollow\" , \"ugc\" ]", "'[\"nofollow\",\"ugc\"]'"},
      {"link_attribute", "[]", "'[]'"},
      {"link_attribute", "\"nofollow\"", "'\"nofollow\"'"},
      {"link_attribute", "[{\"a\":null}]", "'[{\"a\":null}]'"},
      {"link_attribute", "null", "NULL"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char json[200];
    snprintf(json, sizeof json, "{\"%s\":%s}", cases[i].column, cases[i].json);
    struct page *page = parse_items(&endpoint_links, json);
    struct error error;
    struct value value;
    struct buffer text = {0};
    int column = endpoint_column(&endpoint_links, cases[i].column);
    assert_int_equal(page_value(page, 0, column, &value, &error), 0);
    if (value.type == VALUE_TEXT)
      buffer_append_format(&text, "'%.*s'", (int)value.size, value.text);
    else if (value.type == VALUE_INTEGER)
      buffer_append_format(&text, "%" PRId64, value.integer);
    else
      buffer_append_text(&text, "NULL");
    if (strcmp(text.data, cases[i].expected) != 0) fail_msg("%s: %s", json, text.data);
    buffer_release(&text);
    page_free(page);
  }
}

/* Items that aren't objects, and indexes out of range. */
static void test_outside(void **state) {
  (void)state;
  struct page *page = parse_items(&endpoint_links, "{\"type\":\"anchor\"},7");
  int type = endpoint_column(&endpoint_links, "type"), whole = endpoint_column(&endpoint_links, "item");
  struct value value = {.type = VALUE_BLOB};
  struct error error;
  assert_int_equal(page_value(page, 1, type, &value, &error), -1);
  assert_string_equal(error.message, "items[1] of the response is a number, not an object");
  assert_int_equal(page_value(page, 1, whole, &value, &error), -1);
  assert_int_equal(page_value(page, 2, type, &value, &error), -1);
  assert_int_equal(page_value(page, SIZE_MAX, whole, &value, &error), -1);
  assert_int_equal(value.type, VALUE_BLOB);
  assert_int_equal(page_item_hash(page, 2), page_item_hash(page, SIZE_MAX));
  assert_int_equal(page_value(page, 0, type, &value, &error), 0);
  assert_true(value_is_text(&value, "anchor", 6));
  page_free(page);
  page_free(NULL);
  page_parser_free(NULL);
}

/* Members in any order, with unknown ones between. The remembered order must not lead beyond the endpoint's columns, where
** this test has put a trap. */
static void test_orders(void **state) {
  struct column columns[32] = {
      {.name = "page_to_status_code", .role = COLUMN_INPUT},
      {.name = "b", .class = CLASS_INTEGER},
      {.name = "item", .role = COLUMN_ITEM},
      {.name = "a", .class = CLASS_INTEGER},
  };
  for (size_t trap = 4; trap < LENGTH(columns); trap++) columns[trap] = columns[3];
  const struct endpoint small = {.table = "small", .columns = columns, .column_count = 4, .limit_max = 1000};
  const struct {
    const struct endpoint *endpoint;
    int column;
    int64_t expected;
  } reads[] = {{&small, 1, 2},
               {&small, 3, 1},
               {&endpoint_links, endpoint_column(&endpoint_links, "page_to_status_code"), 3},
               {&endpoint_links, endpoint_column(&endpoint_links, "is_broken"), 1},
               {&small, 3, 1}};
  static const char *const items[] = {
      "{\"a\":1,\"b\":2,\"page_to_status_code\":3,\"is_broken\":true}",
      "{\"is_broken\":true,\"page_to_status_code\":3,\"b\":2,\"a\":1}",
      "{\"x\":9,\"b\":2,\"item\":5,\"y\":9,\"a\":1,\"\":9,\"is_broken\":true,\"z\":9,\"page_to_status_code\":3}",
      "{\"page_to_status_code\":3,\"is_broken\":true,\"a\":8,\"b\":2,\"a\":1}",
  };
  (void)state;
  struct buffer text = {0};
  for (size_t i = 0; i < 3 * LENGTH(items); i++)
    buffer_append_format(&text, "%s%s,{}", i > 0 ? "," : "", items[i % LENGTH(items)]);
  for (size_t i = 0; i < LENGTH(reads); i++) {
    struct page *page = parse_items(reads[i].endpoint, text.data);
    assert_int_equal(page_item_count(page), 6 * LENGTH(items));
    for (size_t item = page_item_count(page); item-- > 0;) {
      struct value value;
      struct error error;
      assert_int_equal(page_value(page, item, reads[i].column, &value, &error), 0);
      assert_int_equal(value.type, item % 2 == 0 ? VALUE_INTEGER : VALUE_NULL);
      if (item % 2 == 0) assert_int_equal(value.integer, reads[i].expected);
    }
    page_free(page);
  }
  buffer_release(&text);
}

/* Items are those of tasks[0].result[0].items, as json-c reads it, and no others. */
static void test_places(void **state) {
  static const struct {
    const char *json;
    const char *hrefs; /* the values of link_to, or the error */
  } cases[] = {
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'},{'link_to':'b'}]}]}]}", "a b"},
      {"{'tasks':[{'result':[{'items':[]}]}]}", ""},
      {"{'tasks':[{'result':[{'items':null}]}]}", ""},
      {"{'t':[{'result':[{'items':[{'link_to':'a'}]}]}]}", "no result"},
      {"{'tasks':[{'result':[{'item':[{'link_to':'a'}],'itemss':[{}],'ite':[{}]}]}]}", ""},
      {"{'tasks':[{'r':[{'items':[{'link_to':'a'}]}],'result':[{'items':[{'link_to':'b'}]}]}]}", "b"},
      {"{'x':{'tasks':[{'result':[{'items':[{'link_to':'a'}]}]}]},'tasks':[{'result':[{'items':[{'link_to':'b'}]}]}]}", "b"},
      {"{'tasks':[{'result':[{'x':[[{'items':[{}]}]],'items':[{'link_to':'b'}]}]}]}", "b"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'b','items':[{'link_to':'c'}],'x':{'link_to':'d'}}]}]}]}", "b"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'}]},{'items':[{'link_to':'b'}]}]}]}", "a"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'}]}]},{'result':[{'items':[{'link_to':'b'}]}]}]}", "a"},
      {"{'tasks':[5,{'result':[{'items':[{'link_to':'b'}]}]}]}", "no result"},
      /* json-c takes the last of equal keys. */
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'},{'link_to':'b'}],'items':[{'link_to':'c'}]}]}]}", "c"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'}],'items':[]}]}]}", ""},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'}],'items':[null]}]}]}", "items[0] of the response is null"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'},{'link_to':'b'}],'items':[null,{'link_to':'c'}]}]}]}",
       "items[0] of the response is null"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'}],'items':null}]}]}", ""},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'}]}],'result':[{'items':[{'link_to':'b'}]}]}]}", "b"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'}]}],'result':[{}]}]}", ""},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'}]}]}],'tasks':[]}", "no result"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'},null]}]}]}", "items[1] of the response is null, not an object"},
      {"{'tasks':[{'result':[{'items':['{',{'link_to':'a'}]}]}]}", "items[0] of the response is a string, not an object"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'},[{}],{}]}]}]}", "items[1] of the response is an array, not an object"},
      /* Keys and strings with escapes and brackets in them. */
      {"{'t\\u0061sks':[{'r\\u0065sult':[{'\\u0069tem\\u0073':[{'link_to':'a'}]}]}]}", "a"},
      {"{'tasks':[{'result':[{'items\\u0000x':[{'link_to':'a'}]}]}]}", "a"},
      {"{'tasks':[{'result':[{'items':[{'link_to':'a'}]}]}],'\\tasks':[{'result':[{'items':[{'link_to':'b'}]}]}]}", "a"},
      {"{'u\\u0000':[],'\\u1074asks':[],'tasks':[{'result':[{'items':[{'link_to':'a'}]}]}]}", "a"},
      {"{'x':'[{\\'tasks\\':','tasks':[{'y':'\\\\','z':'}]','result':[{'items':[{'link_to':'}\\'a'}]}]}]}", "}\"a"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char *json = strdup(cases[i].json);
    for (char *quote = json; (quote = strchr(quote, '\'')) != NULL;) *quote = '"';
    struct buffer hrefs = {0};
    struct crawl_state crawl;
    struct error error;
    struct value value;
    struct page *page = parse(json);
    size_t count = page_item_count(page);
    buffer_append_text(&hrefs, "");
    if (page_crawl_state(page, &crawl, &error) != 0) {
      buffer_append_text(&hrefs, error.message);
      count = 0;
    }
    for (size_t item = 0; item < count; item++) {
      assert_int_equal(page_value(page, item, endpoint_column(&endpoint_links, "link_to"), &value, &error), 0);
      buffer_append_format(&hrefs, "%s%.*s", item > 0 ? " " : "", (int)value.size, value.text);
    }
    bool fits = cases[i].hrefs[0] != '\0' ? strstr(hrefs.data, cases[i].hrefs) != NULL : hrefs.size == 0;
    if (!fits) fail_msg("%s: %s", json, hrefs.data);
    buffer_release(&hrefs);
    page_free(page);
    free(json);
  }
}

/* Columns that were not requested are not kept, and reading one is an error, never NULL. */
static void test_columns_that_are_kept(void **state) {
  static const char text[] =
      "{\"tasks\":[{\"result\":[{\"items\":[{\"type\":\"anchor\",\"link_to\":\"a\",\"dofollow\":true}]}]}]}";
  int type = endpoint_column(&endpoint_links, "type"), dofollow = endpoint_column(&endpoint_links, "dofollow");
  struct page_parser *parser = page_parser_new(&endpoint_links, 1ULL << type | 1ULL << dofollow, NULL);
  struct page *page = NULL;
  struct value value;
  struct error error;
  (void)state;
  page_parser_feed(parser, text, strlen(text));
  assert_int_equal(page_parser_finish(parser, &page, &error), 0);
  page_parser_free(parser);
  assert_int_equal(page_value(page, 0, dofollow, &value, &error), 0);
  assert_int_equal(value.integer, 1);
  assert_int_equal(page_value(page, 0, type, &value, &error), 0);
  assert_true(value_is_text(&value, "anchor", 6));
  assert_int_equal(page_value(page, 0, endpoint_column(&endpoint_links, "link_to"), &value, &error), -1);
  assert_non_null(strstr(error.message, "link_to"));
  assert_int_equal(page_value(page, 0, endpoint_column(&endpoint_links, "item"), &value, &error), -1);
  struct page *whole = parse(text);
  assert_true(page_item_hash(page, 0) == page_item_hash(whole, 0));
  page_free(whole);
  page_free(page);
}

/* Beyond limit_max items are only counted: the caller refuses such a page. */
static void test_too_many_items(void **state) {
  (void)state;
  struct buffer text = {0};
  struct value value;
  struct error error;
  struct crawl_state crawl;
  size_t too_many = (size_t)endpoint_links.limit_max + 5;
  int type = endpoint_column(&endpoint_links, "type");
  for (size_t i = 0; i < too_many; i++) buffer_append_text(&text, i > 0 ? ",{\"type\":\"a\"}" : "{\"type\":\"a\"}");
  struct page *page = parse_items(&endpoint_links, text.data);
  assert_int_equal(page_item_count(page), too_many);
  assert_int_equal(page_crawl_state(page, &crawl, &error), 0);
  assert_int_equal(page_value(page, (size_t)endpoint_links.limit_max - 1, type, &value, &error), 0);
  assert_int_equal(page_value(page, (size_t)endpoint_links.limit_max, type, &value, &error), -1);
  page_free(page);
  buffer_release(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sample),         cmocka_unit_test(test_field_values), cmocka_unit_test(test_outside),
      cmocka_unit_test(test_orders),         cmocka_unit_test(test_places),       cmocka_unit_test(test_columns_that_are_kept),
      cmocka_unit_test(test_too_many_items),
  };
  return cmocka_run_group_tests_name("page items", tests, NULL, NULL);
}
