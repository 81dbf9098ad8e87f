/* Responses, good and bad: what a page tells of them, which are refused, and the best message to be found in them. */
#include "wire/parser.h"

#include <json-c/json.h>

#include "../unit.h"
#include "base/buffer.h"

static const char sample[] =
    "{\"status_code\":20000,\"status_message\":\"Ok.\",\"cost\":0.5,\"tasks\":[{\"id\":\"07131248-1535-0216-1000-17384017ad04\","
    "\"status_code\":20000.0,\"cost\":0,\"result\":[{\"crawl_progress\":\"finished\","
    "\"crawl_status\":{\"max_crawl_pages\":100,\"pages_in_queue\":0,\"pages_crawled\":76.0},"
    "\"search_after_token\":\"token\\/1\",\"total_items_count\":3.0,\"items_count\":3,\"items\":["
    "{\"type\":\"anchor\",\"domain_from\":\"a.example\",\"page_from\":\"\\/a\\u0062c\",\"dofollow\":true,\"is_broken\":false,"
    "\"page_to_status_code\":404.0,\"link_attribute\":[\"nofollow\",\"a \\/ \\\"b\\\"\"],\"text\":\"\\ud83d\\ude00 \\u00df\"},"
    "{\"text\":\"a\\u0000b\\ud83d\",\"image_alt\":\"\",\"type\":\"image\",\"surprise\":{\"a\":[1,2.50]},\"dofollow\":0,"
    "\"is_broken\":1.0,\"page_to_status_code\":null,\"link_attribute\":null},"
    "{ }]}]}]}";

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
    {0, "text", TEXT("\xF0\x9F\x98\x80 \xC3\x9F")},
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

/* Feeds the text in pieces of the size; the parser is the caller's to free. */
static struct page_parser *feed(const struct endpoint *endpoint, const char *text, size_t size, size_t piece) {
  struct page_parser *parser = page_parser_new(endpoint, UINT64_MAX, NULL);
  assert_non_null(parser);
  for (size_t at = 0; at < size; at += piece) {
    size_t now = size - at < piece ? size - at : piece;
    char *copy = malloc(now); /* of exactly this size, for the sanitizer to see a step beyond */
    assert_non_null(copy);
    memcpy(copy, text + at, now);
    page_parser_feed(parser, copy, now);
    free(copy);
  }
  return parser;
}

/* The page, or NULL with the error. */
static struct page *try_parse(const struct endpoint *endpoint, const char *text, size_t size, size_t piece,
                              struct error *error) {
  struct page_parser *parser = feed(endpoint, text, size, piece);
  struct page *page = NULL;
  int result = page_parser_finish(parser, &page, error);
  assert_true((result == 0) == (page != NULL));
  page_parser_free(parser);
  return page;
}

static struct page *parse_for(const struct endpoint *endpoint, const char *text) {
  struct error error;
  struct page *page = try_parse(endpoint, text, strlen(text), SIZE_MAX / 2, &error);
  if (page == NULL) fail_msg("%s: %s", text, error.message);
  return page;
}

static struct page *parse(const char *text) {
  return parse_for(&endpoint_links, text);
}

static struct page *parse_items(const struct endpoint *endpoint, const char *items) {
  struct buffer text = {0};
  buffer_append_format(&text, "{\"tasks\":[{\"result\":[{\"items\":[%s]}]}]}", items);
  struct page *page = parse_for(endpoint, text.data);
  buffer_release(&text);
  return page;
}

static void test_sample(void **state) {
  (void)state;
  struct page *page = parse(sample);
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

#define ITEMS(items) "{\"tasks\":[{\"result\":[{\"items\":[" items "]}]}]}"

static void test_refused(void **state) {
  static const struct {
    const char *text;
    size_t size; /* 0: strlen */
    const char *message;
  } cases[] = {
      {"", 0, "empty"},
      {" \r\n\t", 0, "empty"},
      {"null", 0, "not a JSON object"},
      {"null ", 0, "not a JSON object"},
      {"42", 0, "not a JSON object"},
      {"\"text\"", 0, "not a JSON object"},
      {"[]", 0, "not a JSON object"},
      {"[{\"status_code\":20000}]", 0, "not a JSON object"},
      {"Bad Gateway\r\n", 0, "not a JSON object: Bad Gateway"},
      {"<html><script>x</script><h1>Down &amp; out</h1>", 0, "not a JSON object: Down"},
      {"<html>", 0, "not a JSON object"},
      {"\xEF\xBB{}", 0, "not a JSON object"},
      {"\xEF\xBB\xBF", 0, "empty"},
      {"\xEF\xBB\xBF\xEF\xBB\xBF{}", 0, "not a JSON object"},
      {" \xEF\xBB\xBF{}", 0, "not a JSON object"},
      {"{}\xEF\xBB\xBF", 0, "not valid JSON"},
      {"\0", 1, "not a JSON object"},
      {"{\"a\":1}\0", 8, "zero byte at byte 7"},
      {"{\"a\0\":1}", 8, "zero byte at byte 3"},
      {"{\"a\":'b'}", 0, "not valid JSON"},
      {"{\"a\":1,}", 0, "not valid JSON"},
      {"{\"a\":TRUE}", 0, "not valid JSON"},
      {"{\"a\":nul}", 0, "not valid JSON"},
      {"{\"a\":01}", 0, "not valid JSON"},
      {"{\"a\":1 2}", 0, "not valid JSON"},
      {"{\"a\":\"\\x\"}", 0, "not valid JSON"},
      {"{\"a\":\"\\u12g4\"}", 0, "not valid JSON"},
      {"{/* a */}", 0, "not valid JSON"},
      {"{\"a\"}", 0, "not valid JSON"},
      {"{\"a\":[1}", 0, "not valid JSON"},
      {ITEMS("{}{}"), 0, "not valid JSON"},
      {ITEMS("{},"), 0, "not valid JSON"},
      {ITEMS(",{}"), 0, "not valid JSON"},
      {ITEMS("{} 1"), 0, "not valid JSON"},
      {ITEMS("{};{}"), 0, "at byte 33"},
      {ITEMS("{\"a\":1]"), 0, "not valid JSON"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    for (size_t piece = 1; piece < 100; piece += 90) {
      struct error error;
      size_t size = cases[i].size > 0 ? cases[i].size : strlen(cases[i].text);
      if (try_parse(&endpoint_links, cases[i].text, size, piece, &error) != NULL) fail_msg("%s passes", cases[i].text);
      if (strstr(error.message, cases[i].message) == NULL) fail_msg("%s: %s", cases[i].text, error.message);
    }
}

/* A byte order mark before the response is passed over, in whatever pieces it comes. */
static void test_byte_order_mark(void **state) {
  static const char text[] = "\xEF\xBB\xBF \n{\"status_code\":20000}";
  (void)state;
  for (size_t piece = 1; piece < sizeof text; piece++) {
    struct error error;
    struct page *page = try_parse(&endpoint_links, text, sizeof text - 1, piece, &error);
    if (page == NULL) fail_msg("pieces of %zu: %s", piece, error.message);
    assert_int_equal(page_status(page), 20000);
    page_free(page);
  }
}

/* Depth is bounded whether it is closed again or not, and 20 levels, three times what a response has, pass. */
static void test_depth(void **state) {
  (void)state;
  static const char *const openings[] = {"[", "{\"a\":"};
  static const char *const closings[] = {"]", "}"};
  for (size_t kind = 0; kind < LENGTH(openings); kind++)
    for (int depth = 20; depth <= 200000; depth *= 100) {
      struct buffer text = {0};
      struct error error;
      buffer_append_text(&text, "{\"a\":");
      for (int i = 0; i < depth; i++) buffer_append_text(&text, openings[kind]);
      buffer_append_text(&text, "0");
      for (int i = 0; i < depth; i++) buffer_append_text(&text, closings[kind]);
      buffer_append_text(&text, "}");
      struct page *page = try_parse(&endpoint_links, text.data, text.size, 1000, &error);
      assert_true((page != NULL) == (depth == 20));
      if (page == NULL) assert_non_null(strstr(error.message, "deep"));
      page_free(page);
      buffer_release(&text);
    }
}

/* --- Values of fields. */

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

/* Items that are none, and indexes that are none. */
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

/* Members in any order, with strangers between. What is remembered of their order must not lead beyond the end of the endpoint's
** columns, where this test has put a trap. */
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

/* Where items are looked for: in tasks[0].result[0].items, by json-c's reading of it, whatever else looks like one. */
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

/* What was not to be read is not kept, and asking for it is an error, never NULL. */
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

/* Of more items than a page may have only the number is kept: whoever asked for them refuses them. */
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

/* --- The envelope. */

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
      {"[{\"result\":[{\"items\":[{}],\"total_items_count\":1000000000001}]}]", NULL, 1, -1}, /* not believed */
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

/* It travels in every request of a chain. */
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

/* --- Messages. */

static void test_messages(void **state) {
  static const struct {
    const char *body, *message;
  } cases[] = {
      {"{\"status_code\":20000,\"status_message\":\"Ok.\",\"tasks\":[{\"status_code\":40401,\"status_message\":\"Task Not "
       "Found.\"}]}",
       "Task Not Found."},
      {"{\"status_code\":40100,\"status_message\":\"You are not Authorized.\",\"tasks\":null}", "You are not Authorized."},
      {"{\"status_code\":40200,\"status_message\":\"Payment "
       "Required.\",\"tasks\":[{\"status_code\":20000,\"status_message\":\"Ok.\"}]}",
       "Payment Required."},
      {"{\"status_code\":40200,\"status_message\":null,\"tasks\":[{\"status_message\":\"task\"}]}", "task"},
      {"{\"status_message\":\" \\n \",\"tasks\":[{\"status_code\":40602,\"status_message\":\"\"}],\"message\":\"m\"}", "m"},
      {"{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"bad\",\"message\":\"Invalid API key\",\"request_id\":\"r\"}}",
       "Invalid API key"},
      {"{\"error\":\"No such route\"}", "No such route"},
      {"{\"message\":\"Upstream\\ttimed  out\\r\\n\"}", "Upstream timed out"},
      {"{\"detail\":\"Not Found\"}", "Not Found"},
      {"{\"error\":{\"code\":7}}", "{\"error\":{\"code\":7}}"},
      {"{\"error\":[\"a\"],\"message\":{\"a\":1}}", "{\"error\":[\"a\"],\"message\":{\"a\":1}}"},
      {"{}", "{}"},
      {"", ""},
      {" \n", ""},
      {"upstream connect error\nor  disconnect", "upstream connect error or disconnect"},
      {"limit < 5 and > 2", "limit < 5 and > 2"},
      {"\x1B[31mred\x1B[0m \x07\x7F bell", "[31mred [0m bell"},
      {"gr\xFC\xDF", "gr??"},
      {"gr\xC3\xBC\xC3\x9F \xC2\x9B"
       "1m \xC2\xA0 \xE2\x82\xAC",
       "gr\xC3\xBC\xC3\x9F 1m \xE2\x82\xAC"},
      {"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>Bad</h1></center>\r\n<hr>nginx</body>",
       "502 Bad Gateway Bad nginx"},
      {"  <!DOCTYPE html><HTML><HEAD><STYLE type=\"text/css\">a > b { color: red }</STYLE><script>if (a < b) alert(1)</SCRIPT >"
       "</head><body><!-- <p>not</p> seen -->Error<br/>code&nbsp;521",
       "Error code&nbsp;521"},
      {"<html><script>never ends", ""},
      {"<html><!-- never ends", ""},
      {"<html>text<", "text"},
      {"<<<>>>", ">>"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char message[200] = "untouched";
    struct error error;
    struct page *page = NULL;
    struct page_parser *parser = feed(&endpoint_links, cases[i].body, strlen(cases[i].body), 7);
    if (page_parser_finish(parser, &page, &error) != 0) page = NULL;
    page_parser_message(parser, page, message, sizeof message);
    if (strcmp(message, cases[i].message) != 0) fail_msg("%s: %s", cases[i].body, message);
    page_free(page);
    page_parser_free(parser);
  }
}

/* An endless page costs no more than its start, and a character that its end cuts in two is left out. */
static void test_message_of_long_response(void **state) {
  (void)state;
  for (size_t shift = 0; shift < 4; shift++) {
    struct buffer body = {0};
    buffer_append(&body, "xxxx", shift);
    for (int i = 0; i < 1000; i++) buffer_append_text(&body, i < 400 ? "\xE2\x82\xAC" : "xxxx");
    struct page_parser *parser = feed(&endpoint_links, body.data, body.size, 1000);
    char message[4000];
    page_parser_message(parser, NULL, message, sizeof message);
    struct value value = {.type = VALUE_TEXT, .text = message, .size = strlen(message)};
    assert_true(value_is_plain_text(&value));
    assert_in_range(value.size, 1000, 1024);
    assert_memory_equal(message, body.data, value.size);
    page_parser_message(parser, NULL, message, 1);
    assert_string_equal(message, "");
    message[0] = 'x';
    page_parser_message(parser, NULL, message, 0);
    assert_int_equal(message[0], 'x');
    page_parser_free(parser);
    buffer_release(&body);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sample),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_byte_order_mark),
      cmocka_unit_test(test_depth),
      cmocka_unit_test(test_field_values),
      cmocka_unit_test(test_outside),
      cmocka_unit_test(test_orders),
      cmocka_unit_test(test_places),
      cmocka_unit_test(test_columns_that_are_kept),
      cmocka_unit_test(test_too_many_items),
      cmocka_unit_test(test_status_and_cost),
      cmocka_unit_test(test_crawl_state),
      cmocka_unit_test(test_token),
      cmocka_unit_test(test_a_token_too_long),
      cmocka_unit_test(test_available),
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_message_of_long_response),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
