/* Responses that aren't a JSON object or are nested too deeply, and the best message that can be found in a response. */
#include "fixture_page.h"

#include "base/buffer.h"

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

/* A byte order mark before the response is skipped, in whatever pieces it arrives. */
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

/* --- Messages */

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

/* Of a long page only the start is kept, without a character that is cut in two. */
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
      cmocka_unit_test(test_refused),  cmocka_unit_test(test_byte_order_mark),          cmocka_unit_test(test_depth),
      cmocka_unit_test(test_messages), cmocka_unit_test(test_message_of_long_response),
  };
  return cmocka_run_group_tests_name("page refused", tests, NULL, NULL);
}
