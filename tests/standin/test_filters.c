/*
** What filters mean, and which are rejected. Each item of the small crawl below is known by the letter in its page_from, so
** that a row of a table can say which items a filter keeps.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "test_client.h"
#include "test_groups.h"

/* h is a in every field but the letter; k has no field but the letter. */
static const char crawl[] =
    "{\"page_from\":\"/a\",\"type\":\"anchor\",\"page_to\":\"/t\",\"link_to\":\"https://x.test/Kilo_1\",\"direction\":\"internal\","
    "\"dofollow\":true,\"is_broken\":false,\"page_to_status_code\":200,\"link_attribute\":[\"nofollow\",\"noopener\"],"
    "\"text\":\"Hello\"}\n"
    "{\"page_from\":\"/b\",\"type\":\"anchor\",\"page_to\":\"/t\",\"link_to\":\"https://X.test/\\u212AILO%1\","
    "\"direction\":\"external\",\"dofollow\":false,\"is_broken\":true,\"page_to_status_code\":404,"
    "\"link_attribute\":[\"nofollow\"],\"text\":null}\n"
    "\n"
    "{\"page_from\":\"/c\",\"type\":\"image\",\"page_to\":\"/u\",\"link_to\":\"caf\\u00e9\\nline\",\"direction\":\"internal\","
    "\"dofollow\":true,\"is_broken\":true,\"page_to_status_code\":500.0,\"link_attribute\":null,\"image_alt\":\"\"}\n"
    "{\"page_from\":\"/d\",\"type\":\"alternate\",\"page_to\":null,\"link_to\":null,\"direction\":\"internal\",\"dofollow\":null,"
    "\"is_broken\":null,\"page_to_status_code\":null,\"link_attribute\":[],\"is_valid_hreflang\":true,\"hreflang\":\"en\"}\n"
    "{\"page_from\":\"/h\",\"type\":\"anchor\",\"page_to\":\"/t\",\"link_to\":\"https://x.test/Kilo_1\",\"direction\":\"internal\","
    "\"dofollow\":true,\"is_broken\":false,\"page_to_status_code\":200,\"link_attribute\":[\"nofollow\",\"noopener\"],"
    "\"text\":\"Hello\"}\n"
    "{\"page_from\":\"/k\"}\n";

/* Requests every item that the members select, and expects their letters. */
static void expect_items(struct fixture *fixture, const char *members, const char *letters) {
  char found[32] = "";
  struct json_object *json = ask(fixture, members), *items = look(json, "tasks.0.result.0.items");
  if (!items) fail_msg("%s: %s", members, json_object_to_json_string(json));
  size_t count = json_object_array_length(items);
  assert_int_equal(count, number_at(json, "tasks.0.result.0.total_items_count"));
  for (size_t i = 0; i < count; i++) found[i] = string_at(json_object_array_get_idx(items, i), "page_from")[1];
  if (strcmp(found, letters) != 0) fail_msg("%s: items \"%s\" instead of \"%s\"", members, found, letters);
  json_object_put(json);
}

struct expectation {
  const char *filter; /* value of "filters" */
  const char *letters;
};

static void expect_each(struct fixture *fixture, const struct expectation *expectations, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char members[512];
    snprintf(members, sizeof members, "\"filters\":%s", expectations[i].filter);
    expect_items(fixture, members, expectations[i].letters);
  }
}

#define EXPECT_EACH(fixture, ...)                                                                                              \
  expect_each(fixture, (const struct expectation[]){__VA_ARGS__},                                                              \
              sizeof((const struct expectation[]){__VA_ARGS__}) / sizeof(struct expectation))

static void test_operators(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  EXPECT_EACH(fixture, {"[\"type\",\"=\",\"anchor\"]", "abh"}, {"[\"type\",\"=\",\"Anchor\"]", ""},
              {"[\"type\",\"<>\",\"anchor\"]", "cd"}, {"[\"type\",\"in\",[\"image\",\"alternate\",\"x\"]]", "cd"},
              {"[\"type\",\"not_in\",[\"image\",\"alternate\",\"x\"]]", "abh"}, {"[\"dofollow\",\"=\",true]", "ach"},
              {"[\"dofollow\",\"=\",false]", "b"}, {"[\"dofollow\",\"<>\",true]", "b"}, {"[\"is_broken\",\"=\",true]", "bc"},
              {"[\"is_broken\",\"<>\",true]", "ah"}, {"[\"page_to_status_code\",\"=\",404]", "b"},
              {"[\"page_to_status_code\",\"=\",404.0]", "b"}, {"[\"page_to_status_code\",\"=\",500]", "c"},
              {"[\"page_to_status_code\",\"<>\",404]", "ach"}, {"[\"page_to_status_code\",\"<\",404]", "ah"},
              {"[\"page_to_status_code\",\"<=\",404]", "abh"}, {"[\"page_to_status_code\",\">\",404]", "c"},
              {"[\"page_to_status_code\",\">=\",404]", "bc"}, {"[\"page_to_status_code\",\">\",403.5]", "bc"},
              {"[\"page_to_status_code\",\"in\",[404,500.0,7]]", "bc"}, {"[\"page_to_status_code\",\"not_in\",[404,7]]", "ach"},
              {"[\"link_attribute\",\"has\",\"noopener\"]", "ah"}, {"[\"link_attribute\",\"has\",\"nofollow\"]", "abh"},
              {"[\"link_attribute\",\"has\",\"no\"]", ""});
}

static void test_patterns(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  EXPECT_EACH(fixture, {"[\"link_to\",\"like\",\"https://x%\"]", "ah"}, {"[\"link_to\",\"like\",\"%.test/%\"]", "abh"},
              {"[\"link_to\",\"like\",\"x.test\"]", ""}, {"[\"link_to\",\"like\",\"https://x.test/Kilo_1\"]", "ah"},
              {"[\"link_to\",\"like\",\"https://x.test/Kilo__\"]", ""}, {"[\"link_to\",\"like\",\"https:%x.test%\"]", "ah"},
              {"[\"link_to\",\"like\",\"%\"]", "abch"}, {"[\"link_to\",\"like\",\"caf%line\"]", "c"},
              {"[\"link_to\",\"not_like\",\"https://x%\"]", "bc"}, {"[\"link_to\",\"regex\",\"x.test\"]", "ah"},
              {"[\"link_to\",\"regex\",\"(?i)x.test\"]", "abh"}, {"[\"link_to\",\"regex\",\"^x\"]", ""},
              {"[\"link_to\",\"regex\",\"\\\\d$\"]", "abh"}, {"[\"link_to\",\"regex\",\"^caf.\\nline$\"]", "c"},
              {"[\"link_to\",\"regex\",\"caf..line\"]", ""}, {"[\"link_to\",\"regex\",\"(?s)caf..line\"]", "c"},
              {"[\"link_to\",\"not_regex\",\"x.test\"]", "bc"}, {"[\"link_to\",\"=\",\"caf\\u00e9\\nline\"]", "c"});
}

static void test_joins(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  EXPECT_EACH(
      fixture, {"[[\"type\",\"=\",\"anchor\"],\"and\",[\"dofollow\",\"=\",true]]", "ah"},
      {"[[\"type\",\"=\",\"image\"],\"or\",[\"dofollow\",\"=\",false]]", "bc"}, {"[[[\"type\",\"=\",\"image\"]]]", "c"},
      {"[[\"direction\",\"=\",\"internal\"],\"and\",[[\"type\",\"=\",\"image\"],\"or\",[\"dofollow\",\"=\",true]]]", "ach"},
      {"[[[\"direction\",\"=\",\"internal\"],\"and\",[\"type\",\"=\",\"image\"]],\"or\",[\"dofollow\",\"=\",false]]", "bc"},
      {"[[\"type\",\"=\",\"image\"],\"or\",[\"type\",\"=\",\"alternate\"],\"or\",[\"page_from\",\"=\",\"/k\"]]", "cdk"});
}

static void test_paths(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  expect_items(fixture, "", "abcdhk");
  expect_items(fixture, "\"page_from\":\"/b\"", "b");
  expect_items(fixture, "\"page_from\":\"/B\"", "");
  expect_items(fixture, "\"page_to\":\"/t\"", "ah"); /* b is external */
  expect_items(fixture, "\"page_to\":\"/t\",\"page_from\":\"/h\"", "h");
  expect_items(fixture, "\"page_to\":\"/t\",\"filters\":[\"dofollow\",\"=\",false]", "");
  expect_items(fixture, "\"page_to\":\"/t\",\"filters\":[\"page_from\",\"=\",\"/a\"]", "a");
  read_as(fixture, (struct standin_readings){.ignore_case = true});
  expect_items(fixture, "\"page_from\":\"/B\"", "");
}

static void test_readings_of_case(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  read_as(fixture, (struct standin_readings){.ignore_case = true});
  EXPECT_EACH(fixture, {"[\"type\",\"=\",\"ANCHOR\"]", "abh"}, {"[\"type\",\"<>\",\"ANCHOR\"]", "cd"},
              {"[\"type\",\"in\",[\"Image\",\"ALTERNATE\"]]", "cd"}, {"[\"type\",\"not_in\",[\"Image\"]]", "abdh"},
              {"[\"link_to\",\"like\",\"HTTPS://X.TEST/KILO%\"]", "abh"}, {"[\"link_to\",\"not_like\",\"HTTPS%\"]", "c"},
              {"[\"link_to\",\"=\",\"CAF\\u00c9\\nLINE\"]", "c"}, {"[\"link_to\",\"=\",\"https://x.test/kilo%1\"]", "b"},
              {"[\"link_to\",\"=\",\"https://xxtest/kilo%1\"]", ""}, {"[\"link_to\",\"regex\",\"X.test\"]", "b"},
              {"[\"link_attribute\",\"has\",\"NOFOLLOW\"]", ""});
}

static void test_readings_of_null(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  read_as(fixture, (struct standin_readings){.not_keeps_null = true});
  EXPECT_EACH(fixture, {"[\"type\",\"<>\",\"anchor\"]", "cdk"}, {"[\"dofollow\",\"<>\",true]", "bdk"},
              {"[\"page_to_status_code\",\"<>\",404]", "acdhk"}, {"[\"page_to_status_code\",\"not_in\",[404]]", "acdhk"},
              {"[\"link_to\",\"not_like\",\"https%\"]", "cdk"}, {"[\"link_to\",\"not_regex\",\"https\"]", "cdk"},
              {"[\"type\",\"not_in\",[\"anchor\"]]", "cdk"}, {"[\"type\",\"=\",\"anchor\"]", "abh"},
              {"[\"page_to_status_code\",\"<\",404]", "ah"}, {"[\"link_attribute\",\"has\",\"nofollow\"]", "abh"});
}

static void test_readings_of_patterns(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  read_as(fixture, (struct standin_readings){.like_underscore = true});
  EXPECT_EACH(fixture, {"[\"link_to\",\"like\",\"https://x.test/Kilo__\"]", "ah"},
              {"[\"link_to\",\"like\",\"https://X.test/_ILO_1\"]", "b"}, {"[\"link_to\",\"like\",\"caf__line\"]", "c"},
              {"[\"link_to\",\"like\",\"caf_line\"]", ""});
  read_as(fixture, (struct standin_readings){.regex_whole = true});
  EXPECT_EACH(fixture, {"[\"link_to\",\"regex\",\"x.test\"]", ""}, {"[\"link_to\",\"regex\",\".*x.test.*\"]", "ah"},
              {"[\"link_to\",\"regex\",\"^https://x.test/Kilo_1$\"]", "ah"},
              {"[\"link_to\",\"not_regex\",\"x.test\"]", "abch"});
}

static void expect_rejected(struct fixture *fixture, const char *const *filters, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char members[512];
    snprintf(members, sizeof members, "\"filters\":%s", filters[i]);
    expect_task_code(fixture, members, 40501);
  }
}

#define EXPECT_REJECTED(fixture, ...)                                                                                          \
  expect_rejected(fixture, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void test_rejected(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  EXPECT_REJECTED(fixture, "null", "{}", "\"type\"", "[]", "[[]]", "[1]", "[\"type\"]", "[\"type\",\"=\"]",
                  "[\"type\",\"=\",\"a\",\"b\"]", "[null,\"=\",\"a\"]", "[\"type\",1,\"a\"]", "[\"Type\",\"=\",\"a\"]",
                  "[\"nofollow\",\"=\",true]", "[\"type\",\"==\",\"a\"]", "[\"type\",\"LIKE\",\"a\"]",
                  "[\"type\",\"ilike\",\"a\"]", "[\"type\",\"<\",\"a\"]", "[\"type\",\"has\",\"a\"]",
                  "[\"dofollow\",\"<\",true]", "[\"dofollow\",\"in\",[true]]", "[\"dofollow\",\"like\",\"t%\"]",
                  "[\"page_to_status_code\",\"like\",\"4%\"]", "[\"page_to_status_code\",\"regex\",\"4\"]",
                  "[\"link_attribute\",\"=\",\"nofollow\"]", "[\"link_attribute\",\"in\",[\"nofollow\"]]");
  EXPECT_REJECTED(fixture, "[\"type\",\"=\",null]", "[\"type\",\"=\",1]", "[\"type\",\"=\",[\"a\"]]", "[\"dofollow\",\"=\",1]",
                  "[\"dofollow\",\"=\",\"true\"]", "[\"dofollow\",\"=\",null]", "[\"page_to_status_code\",\"=\",\"404\"]",
                  "[\"page_to_status_code\",\"=\",true]", "[\"page_to_status_code\",\"=\",null]", "[\"type\",\"in\",\"a\"]",
                  "[\"type\",\"in\",[]]", "[\"type\",\"in\",[\"a\",1]]", "[\"type\",\"in\",[\"a\",null]]",
                  "[\"page_to_status_code\",\"in\",[404,\"500\"]]", "[\"link_attribute\",\"has\",[\"a\"]]",
                  "[\"link_attribute\",\"has\",null]", "[\"link_to\",\"regex\",\"(\"]", "[\"link_to\",\"regex\",\"(?=a)\"]",
                  "[\"link_to\",\"not_regex\",\"a\\\\1\"]", "[\"link_to\",\"like\",1]");
  EXPECT_REJECTED(fixture, "[[\"type\",\"=\",\"a\"],\"and\"]", "[[\"type\",\"=\",\"a\"],[\"type\",\"=\",\"b\"]]",
                  "[[\"type\",\"=\",\"a\"],[\"type\",\"=\",\"b\"],[\"type\",\"=\",\"c\"]]",
                  "[[\"type\",\"=\",\"a\"],\"AND\",[\"type\",\"=\",\"b\"]]",
                  "[[\"type\",\"=\",\"a\"],\"xor\",[\"type\",\"=\",\"b\"]]",
                  "[\"and\",[\"type\",\"=\",\"a\"],[\"type\",\"=\",\"b\"]]",
                  "[[\"type\",\"=\",\"a\"],\"and\",[\"type\",\"=\",\"b\"],\"or\",[\"type\",\"=\",\"c\"]]",
                  "[[\"type\",\"=\",\"a\"],\"and\",[\"x\",\"=\",\"b\"]]");
}

/* That many conditions, all but the last in one flat list and the last nested in a list of its own. */
static void expect_conditions(struct fixture *fixture, size_t count, int code) {
  struct standin_text members = {0};
  standin_text_print(&members, "\"filters\":[");
  for (size_t i = 1; i < count; i++) standin_text_print(&members, "[\"page_to_status_code\",\"<>\",%zu],\"and\",", i);
  standin_text_print(&members, "[[\"type\",\"=\",\"anchor\"]]]%c", 0);
  expect_task_code(fixture, members.data, code);
  standin_text_release(&members);
}

static void expect_regex_of(struct fixture *fixture, size_t characters, const char *character, int code) {
  struct standin_text members = {0};
  standin_text_print(&members, "\"filters\":[\"link_to\",\"regex\",\"");
  for (size_t i = 0; i < characters; i++) standin_text_add_string(&members, character);
  standin_text_print(&members, "\"]%c", 0);
  expect_task_code(fixture, members.data, code);
  standin_text_release(&members);
}

static void test_bounds(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  expect_conditions(fixture, 8, 20000);
  expect_conditions(fixture, 9, 40501);
  expect_regex_of(fixture, 1000, "a", 20000);
  expect_regex_of(fixture, 1001, "a", 40501);
  expect_regex_of(fixture, 1000, "\xC3\xA9", 20000);
  read_as(fixture, (struct standin_readings){.in_max = 2});
  expect_task_code(fixture, "\"filters\":[\"page_to_status_code\",\"in\",[1,2]]", 20000);
  expect_task_code(fixture, "\"filters\":[\"page_to_status_code\",\"in\",[1,2,3]]", 40501);
  expect_task_code(fixture, "\"filters\":[\"type\",\"not_in\",[\"a\",\"b\",\"c\"]]", 40501);
}

static void test_readings_of_fields(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  EXPECT_REJECTED(fixture, "[\"text\",\"=\",\"Hello\"]", "[\"image_alt\",\"=\",\"a\"]", "[\"image_src\",\"=\",\"a\"]",
                  "[\"hreflang\",\"=\",\"en\"]", "[\"is_valid_hreflang\",\"=\",true]",
                  "[\"is_link_relation_conflict\",\"=\",true]");
  read_as(fixture, (struct standin_readings){.is_broken_rejected = true, .string_in_rejected = true, .more_fields = true});
  EXPECT_REJECTED(fixture, "[\"is_broken\",\"=\",true]", "[\"type\",\"in\",[\"anchor\"]]",
                  "[\"type\",\"not_in\",[\"anchor\"]]");
  EXPECT_EACH(fixture, {"[\"text\",\"=\",\"Hello\"]", "ah"}, {"[\"text\",\"like\",\"H%\"]", "ah"},
              {"[\"image_alt\",\"=\",\"\"]", "c"}, {"[\"hreflang\",\"regex\",\"^e\"]", "d"},
              {"[\"is_valid_hreflang\",\"=\",true]", "d"}, {"[\"is_link_relation_conflict\",\"=\",true]", ""},
              {"[\"page_to_status_code\",\"in\",[404]]", "b"});
}

/* The kept responses of earlier filters must not outlive the readings or the items they were found with. */
/* Half a surrogate pair is a character of its own and not U+FFFD; numbers and booleans in words are what they say. */
static void test_odd_values(void **state) {
  struct fixture *fixture = *state;
  add_items(
      fixture,
      "{\"page_from\":\"/a\",\"link_to\":\"x\\ud800\",\"link_attribute\":[\"u\\udfff\"],\"dofollow\":\"true\"}\n"
      "{\"page_from\":\"/b\",\"link_to\":\"x\\ufffd\",\"link_attribute\":[\"u\\ufffd\"],\"page_to_status_code\":\"404\"}\n"
      "{\"page_from\":\"/c\",\"link_to\":7,\"dofollow\":{},\"page_to_status_code\":\"gone\"}\n");
  EXPECT_EACH(fixture, {"[\"link_to\",\"=\",\"x\\ufffd\"]", "b"}, {"[\"link_to\",\"in\",[\"x\\ufffd\",\"7\"]]", "b"},
              {"[\"link_to\",\"like\",\"x\\ufffd\"]", "b"}, {"[\"link_to\",\"regex\",\"^x.$\"]", "ab"},
              {"[\"link_to\",\"regex\",\"^x\\ufffd$\"]", "b"}, {"[\"link_to\",\"not_regex\",\"^x\\ufffd$\"]", "a"},
              {"[\"link_attribute\",\"has\",\"u\\ufffd\"]", "b"}, {"[\"page_to_status_code\",\"=\",404]", "b"},
              {"[\"dofollow\",\"=\",true]", "a"});
}

static void test_kept_responses(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, crawl);
  EXPECT_EACH(fixture, {"[\"type\",\"=\",\"ANCHOR\"]", ""}, {"[\"type\",\"<>\",\"anchor\"]", "cd"});
  read_as(fixture, (struct standin_readings){.ignore_case = true, .not_keeps_null = true});
  EXPECT_EACH(fixture, {"[\"type\",\"=\",\"ANCHOR\"]", "abh"}, {"[\"type\",\"<>\",\"anchor\"]", "cdk"});
  add_items(fixture, "{\"page_from\":\"/z\",\"type\":\"anchor\"}");
  EXPECT_EACH(fixture, {"[\"type\",\"=\",\"ANCHOR\"]", "z"}, {"[\"type\",\"<>\",\"anchor\"]", ""});
  for (int i = 0; i < 40; i++) { /* more filters than are kept */
    char members[128];
    snprintf(members, sizeof members, "\"filters\":[\"page_to_status_code\",\"=\",%d]", i);
    expect_items(fixture, members, "");
  }
  expect_items(fixture, "\"filters\":[\"type\",\"=\",\"ANCHOR\"]", "z");
}

int run_filter_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_operators, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_patterns, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_joins, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_paths, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_readings_of_case, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_readings_of_null, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_readings_of_patterns, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_rejected, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_bounds, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_readings_of_fields, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_odd_values, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_kept_responses, fixture_open, fixture_close),
  };
  return cmocka_run_group_tests_name("stand-in filters", tests, NULL, NULL);
}
