/* Text and HTML from a server as one line for a message. */
#include "base/excerpt.h"

#include "../unit.h"

struct excerpt_case {
  const char *text, *line;
};

static void check(size_t (*excerpt)(char *line, size_t size, const char *text, size_t text_size),
                  const struct excerpt_case *cases, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char line[200];
    size_t size = excerpt(line, sizeof line, cases[i].text, strlen(cases[i].text));
    if (strcmp(line, cases[i].line) != 0) fail_msg("%s: %s", cases[i].text, line);
    assert_int_equal(size, strlen(line));
  }
}

static void test_text(void **state) {
  static const struct excerpt_case cases[] = {
      {"", ""},
      {" \n\t ", ""},
      {"upstream connect error\nor  disconnect\r\n", "upstream connect error or disconnect"},
      {"limit < 5 and > 2", "limit < 5 and > 2"},
      {"\x1B[31mred\x1B[0m \x07\x7F bell", "[31mred [0m bell"},
      {"gr\xFC\xDF", "gr??"},
      {"cut\xE2\x82", "cut??"},
      {"gr\xC3\xBC\xC3\x9F \xC2\x9B"
       "1m \xC2\xA0 \xE2\x82\xAC",
       "gr\xC3\xBC\xC3\x9F 1m \xE2\x82\xAC"},
      {"a\xE2\x80\xAE"
       "dcb\xE2\x80\xAC", /* turned round */
       "adcb"},
      {"\xEF\xBB\xBFz\xE2\x80\x8B"
       "ero\xC2\xAD \xE2\x80\x8D width",
       "zero width"},
      {"next\xE2\x80\xA8line\xE2\x80\xA9"
       "end\xE3\x80\x80wide\xE2\x80\xAFnarrow",
       "next line end wide narrow"},
      {"tags\xF3\xA0\x81\xA1\xEF\xB8\x8F!", "tags!"},
      {"\xE2\x80\x93 \xE2\x80\xA6 \xE2\x80\x90 \xC2\xA1",
       "\xE2\x80\x93 \xE2\x80\xA6 \xE2\x80\x90 \xC2\xA1"}, /* their neighbours */
  };
  (void)state;
  check(excerpt_text, cases, LENGTH(cases));
  char line[20];
  assert_int_equal(excerpt_text(line, sizeof line, "a\0b", 3), 3);
  assert_string_equal(line, "a b");
}

static void test_html(void **state) {
  static const struct excerpt_case cases[] = {
      {"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>Bad</h1></center>\r\n<hr>nginx</body>",
       "502 Bad Gateway Bad nginx"},
      {"<HTML><STYLE type=\"text/css\">a > b { color: red }</STYLE><script>if (a < b) alert(1)</SCRIPT ><!-- <p>not</p> seen -->"
       "Error<br/>code&nbsp;521",
       "Error code&nbsp;521"},
      {"a<script>never ends", "a"},
      {"a<style", "a"},
      {"a<!-- never ends", "a"},
      {"a<!-->b", "a b"}, /* as browsers have it */
      {"text<", "text"},
      {"text<p", "text"},
      {"<", ""},
      {">", ">"},
      {"", ""},
  };
  (void)state;
  check(excerpt_html, cases, LENGTH(cases));
}

/* Cut to every size between two characters, nothing written beyond it, no blank at the end. */
static void test_sizes(void **state) {
  static const char text[] = "a \xC3\xBC \xE2\x82\xAC \xF0\x9F\x98\x80 z";
  (void)state;
  for (size_t size = 1; size <= sizeof text + 1; size++) {
    char *line = malloc(size); /* of exactly this size, for the sanitizer to see a step beyond */
    assert_non_null(line);
    struct value value = {.type = VALUE_TEXT, .text = line, .size = excerpt_text(line, size, text, strlen(text))};
    assert_true(value.size < size);
    assert_int_equal(line[value.size], '\0');
    assert_memory_equal(line, text, value.size);
    assert_true(value_is_plain_text(&value));
    assert_true(value.size == 0 || line[value.size - 1] != ' ');
    if (size >= sizeof text) assert_string_equal(line, text);
    free(line);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_text),
      cmocka_unit_test(test_html),
      cmocka_unit_test(test_sizes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
