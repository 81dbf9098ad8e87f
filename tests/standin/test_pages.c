/*
** Pages: offsets, limits and the token chain, the whole SAMPLE, and copies of a file.
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
#include "unpack.h"

/* The token of the response to the members, which the caller frees; NULL: none. */
static char *token_of(struct fixture *fixture, const char *members) {
  struct json_object *json = ask(fixture, members), *token = look(json, PAGE "search_after_token");
  char *copy = token ? strdup(json_object_get_string(token)) : NULL;
  json_object_put(json);
  return copy;
}

static void test_token_bound(void **state) {
  struct fixture *fixture = *state;
  char members[256];
  add_items(fixture, five_items);
  static const char asked[] = "\"limit\":2,\"offset\":1,\"tag\":\"t\",\"filters\":[\"page_from\",\"<>\",\"/3\"]";
  static const struct {
    const char *members;
    int code;
  } cases[] = {
      {asked, 20000},
      {"\"filters\":[\"page_from\",\"<>\",\"/3\"],\"tag\":\"t\",\"offset\":1,\"limit\":2", 20000},
      {"\"limit\":1,\"offset\":1,\"tag\":\"t\",\"filters\":[\"page_from\",\"<>\",\"/3\"]", 40501},
      {"\"limit\":2,\"offset\":3,\"tag\":\"t\",\"filters\":[\"page_from\",\"<>\",\"/3\"]", 40501},
      {"\"limit\":2,\"tag\":\"t\",\"filters\":[\"page_from\",\"<>\",\"/3\"]", 40501},
      {"\"limit\":2,\"offset\":1,\"filters\":[\"page_from\",\"<>\",\"/3\"]", 40501},
      {"\"limit\":2,\"offset\":1,\"tag\":\"u\",\"filters\":[\"page_from\",\"<>\",\"/3\"]", 40501},
      {"\"limit\":2,\"offset\":1,\"tag\":\"t\",\"filters\":[\"page_from\",\"<>\",\"/4\"]", 40501},
      {"\"limit\":2,\"offset\":1,\"tag\":\"t\"", 40501},
      {"\"limit\":2,\"offset\":1,\"tag\":\"t\",\"filters\":[\"page_from\",\"<>\",\"/3\"],\"page_from\":\"/1\"", 40501},
  };
  char *token = token_of(fixture, asked);
  assert_non_null(token);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    snprintf(members, sizeof members, "%s,\"search_after_token\":\"%s\"", cases[i].members, token);
    expect_task_code(fixture, members, cases[i].code);
  }
  token[10] = token[10] == '0' ? '1' : '0';
  snprintf(members, sizeof members, "%s,\"search_after_token\":\"%s\"", asked, token);
  expect_task_code(fixture, members, 40501);
  free(token);

  token = token_of(fixture, "");
  assert_null(token); /* one page holds all */
  token = token_of(fixture, "\"limit\":1");
  add_items(fixture, five_items);
  assert_int_equal(standin_add_task(fixture->standin, "other", STANDIN_FINISHED, five_items, strlen(five_items)), 0);
  snprintf(members, sizeof members, "{\"id\":\"other\",\"limit\":1,\"search_after_token\":\"%s\"}", token);
  struct json_object *json = post(fixture, members);
  assert_int_equal(number_at(json, "tasks.0.status_code"), 40501);
  json_object_put(json);
  free(token);
}

/* Follows the chain from the members on and expects the pages that it gives, as the letters after "/". */
static void expect_chain(struct fixture *fixture, const char *members, const char *const *pages, size_t count) {
  char again[256];
  snprintf(again, sizeof again, "%s", members);
  for (size_t i = 0; i < count; i++) {
    char found[8] = "";
    struct json_object *json = ask(fixture, again), *items = look(json, PAGE "items");
    assert_non_null(items);
    for (size_t j = 0; j < json_object_array_length(items); j++)
      found[j] = string_at(json_object_array_get_idx(items, j), "page_from")[1];
    assert_string_equal(found, pages[i]);
    struct json_object *token = look(json, PAGE "search_after_token");
    assert_true(token || i + 1 == count);
    snprintf(again, sizeof again, "%s,\"search_after_token\":\"%s\"", members, token ? json_object_get_string(token) : "");
    json_object_put(json);
  }
}

static void test_paging(void **state) {
  struct fixture *fixture = *state;
  struct json_object *json;
  add_items(fixture, five_items);
  expect_chain(fixture, "\"limit\":2", (const char *const[]){"12", "34", "5"}, 3);
  expect_chain(fixture, "\"limit\":2,\"offset\":1", (const char *const[]){"23", "45"}, 2);
  expect_chain(fixture, "\"limit\":5", (const char *const[]){"12345"}, 1);

  json = ask(fixture, "\"offset\":1,\"limit\":4");
  assert_true(is_null_at(json, PAGE "search_after_token"));
  json_object_put(json);
  json = ask(fixture, "\"offset\":7");
  assert_int_equal(number_at(json, PAGE "items_count"), 0);
  assert_int_equal(number_at(json, PAGE "total_items_count"), 5);
  assert_int_equal(json_object_array_length(look(json, PAGE "items")), 0);
  json_object_put(json);

  read_as(fixture, (struct standin_readings){.last_token = STANDIN_TOKEN_ABSENT});
  json = ask(fixture, "");
  assert_null(look(json, PAGE "search_after_token"));
  assert_false(is_null_at(json, PAGE "search_after_token"));
  json_object_put(json);

  read_as(fixture, (struct standin_readings){.last_token = STANDIN_TOKEN_PRESENT});
  expect_chain(fixture, "\"limit\":2", (const char *const[]){"12", "34", "5", "", ""}, 5);
}

/* The chain's pages as counts of items, and the end that it comes to. */
static void expect_counts(struct fixture *fixture, const char *members, const size_t *counts, size_t count) {
  char again[256];
  snprintf(again, sizeof again, "%s", members);
  for (size_t i = 0; i < count; i++) {
    struct json_object *json = ask(fixture, again), *token = look(json, PAGE "search_after_token");
    assert_int_equal(number_at(json, PAGE "items_count"), counts[i]);
    assert_int_equal(token != NULL, i + 1 < count);
    snprintf(again, sizeof again, "%s,\"search_after_token\":\"%s\"", members, token ? json_object_get_string(token) : "");
    json_object_put(json);
  }
}

static void test_page_cap(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.page_cap = 2});
  expect_counts(fixture, "\"limit\":4", (const size_t[]){2, 2, 1}, 3);
  expect_counts(fixture, "\"limit\":1,\"offset\":3", (const size_t[]){1, 1}, 2);
}

/* Follows the chain from the members on to its end: the rows, the pages without any, and those shorter than the first. */
static void follow_chain(struct fixture *fixture, const char *members, size_t *rows, size_t *empty, size_t *shorter,
                         size_t limit) {
  char again[256];
  bool more = true;
  *rows = *empty = *shorter = 0;
  snprintf(again, sizeof again, "%s", members);
  for (size_t requests = 0; more; requests++) {
    struct json_object *json = ask(fixture, again), *token = look(json, PAGE "search_after_token");
    size_t count = (size_t)number_at(json, PAGE "items_count");
    assert_true(requests < 1000);
    *rows += count;
    *empty += count == 0;
    *shorter += count < limit;
    more = token != NULL;
    snprintf(again, sizeof again, "%s,\"search_after_token\":\"%s\"", members, more ? json_object_get_string(token) : "");
    json_object_put(json);
  }
}

static void add_numbered(struct fixture *fixture, size_t count) {
  struct standin_text text = {0};
  for (size_t i = 0; i < count; i++) standin_text_print(&text, "{\"page_from\":\"/%zu\"}\n", i);
  assert_int_equal(standin_add_task(fixture->standin, TASK, STANDIN_FINISHED, text.data, text.length), 0);
  standin_text_release(&text);
}

static void test_short_pages(void **state) {
  struct fixture *fixture = *state;
  size_t rows, empty, shorter;
  add_numbered(fixture, 400);
  read_as(fixture, (struct standin_readings){.pages_vary = true});
  follow_chain(fixture, "\"limit\":20", &rows, &empty, &shorter, 20);
  assert_int_equal(rows, 400);
  assert_int_equal(empty, 0);
  assert_true(shorter > 10);
  read_as(fixture, (struct standin_readings){.empty_every = 3, .items_null_when_none = true});
  follow_chain(fixture, "\"limit\":20", &rows, &empty, &shorter, 20);
  assert_int_equal(rows, 400);
  assert_true(empty > 2 && empty < 15);
}

static void test_one_token(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.token_same = true});
  char *first = token_of(fixture, "\"limit\":1"), *second = token_of(fixture, "\"limit\":1"), members[256];
  assert_string_not_equal(first, second); /* each chain has its own */
  snprintf(members, sizeof members, "\"limit\":1,\"search_after_token\":\"%s\"", first);
  for (int i = 2; i <= 5; i++) {
    struct json_object *json = ask(fixture, members), *token = look(json, PAGE "search_after_token");
    assert_int_equal(string_at(json, PAGE "items.0.page_from")[1], '0' + i);
    if (i < 5) assert_string_equal(json_object_get_string(token), first);
    json_object_put(json);
  }
  free(first);
  free(second);
}

static void test_token_life(void **state) {
  struct fixture *fixture = *state;
  char members[256];
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.token_life = 2});
  char *token = token_of(fixture, "\"limit\":1");
  snprintf(members, sizeof members, "\"limit\":1,\"search_after_token\":\"%s\"", token);
  expect_task_code(fixture, members, 20000);
  expect_task_code(fixture, members, 20000);
  expect_task_code(fixture, members, 40501);
  free(token);
}

static void test_offset_most(void **state) {
  struct fixture *fixture = *state;
  char members[256];
  struct received received;
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.offset_most = 2});
  expect_task_code(fixture, "\"offset\":2", 20000);
  expect_task_code(fixture, "\"offset\":3", 40501);
  char *token = token_of(fixture, "\"limit\":1,\"offset\":2");
  snprintf(members, sizeof members, "\"limit\":1,\"offset\":2,\"search_after_token\":\"%s\"", token);
  expect_task_code(fixture, members, 20000);
  free(token);
  read_as(fixture, (struct standin_readings){.offset_most = 2, .offset_refusal = STANDIN_OFFSET_50401});
  expect_task_code(fixture, "\"offset\":3", 50401);
  read_as(fixture, (struct standin_readings){.offset_most = 2, .offset_refusal = STANDIN_OFFSET_HTTP_504});
  exchange(fixture, &(struct sent){.body = "{\"id\":\"" TASK "\",\"offset\":3}"}, &received);
  assert_int_equal(received.http_status, 504);
  received_release(&received);
}

static void test_body_most(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  static const char body[] = "{\"id\":\"" TASK "\",\"offset\":3}";
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.body_most = sizeof body - 1});
  exchange(fixture, &(struct sent){.body = body}, &received);
  assert_int_equal(received.http_status, 200);
  received_release(&received);
  read_as(fixture, (struct standin_readings){.body_most = sizeof body - 2});
  exchange(fixture, &(struct sent){.body = body}, &received);
  assert_int_equal(received.http_status, 413);
  received_release(&received);
}

static void test_head(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.progress = STANDIN_PROGRESS_NULL, .total = STANDIN_TOTAL_NULL});
  struct json_object *json = ask(fixture, "");
  assert_true(is_null_at(json, PAGE "crawl_progress"));
  assert_true(is_null_at(json, PAGE "total_items_count"));
  json_object_put(json);
  read_as(fixture, (struct standin_readings){.progress = STANDIN_PROGRESS_ABSENT, .total = STANDIN_TOTAL_ABSENT});
  json = ask(fixture, "");
  assert_false(is_null_at(json, PAGE "crawl_progress"));
  assert_null(look(json, PAGE "crawl_progress"));
  assert_false(is_null_at(json, PAGE "total_items_count"));
  assert_null(look(json, PAGE "total_items_count"));
  json_object_put(json);
  read_as(fixture, (struct standin_readings){.progress = STANDIN_PROGRESS_OTHER});
  json = ask(fixture, "");
  assert_string_equal(string_at(json, PAGE "crawl_progress"), "paused");
  json_object_put(json);
}

static void test_default_limit(void **state) {
  struct fixture *fixture = *state;
  assert_int_equal(standin_add_file(fixture->standin, TASK, STANDIN_FINISHED, SAMPLE, 1), 0);
  struct json_object *json = ask(fixture, "");
  assert_int_equal(number_at(json, PAGE "items_count"), 100);
  assert_int_equal(number_at(json, PAGE "total_items_count"), 76140);
  json_object_put(json);
  json = ask(fixture, "\"limit\":1,\"filters\":[\"is_broken\",\"=\",true]");
  assert_int_equal(number_at(json, PAGE "total_items_count"), 8222);
  json_object_put(json);
}

/* The whole sample through the token chain, compared byte for byte with the file. */
static void test_whole_sample(void **state) {
  struct fixture *fixture = *state;
  struct standin_text file = {0}, seen = {0};
  char body[256] = "{\"id\":\"" TASK "\",\"limit\":1000}";
  size_t requests = 0;
  assert_int_equal(standin_add_file(fixture->standin, TASK, STANDIN_FINISHED, SAMPLE, 1), 0);
  assert_int_equal(standin_unpack(&file, SAMPLE), 0);
  for (bool more = true; more; requests++) {
    struct received received;
    exchange(fixture, &(struct sent){.body = body}, &received);
    const char *items = strstr(received.body.data, "\"items\":[") + strlen("\"items\":[");
    struct json_object *token = look(received.json, PAGE "search_after_token");
    if (requests) standin_text_add_string(&seen, ",");
    standin_text_add(&seen, items, (size_t)(strstr(items, "]}]}]}") - items));
    more = token != NULL;
    snprintf(body, sizeof body, "{\"id\":\"" TASK "\",\"limit\":1000,\"search_after_token\":\"%s\"}",
             more ? json_object_get_string(token) : "");
    received_release(&received);
  }
  assert_int_equal(requests, 77);
  for (size_t i = 0; i + 1 < file.length; i++)
    if (file.data[i] == '\n') file.data[i] = ',';
  if (file.data[file.length - 1] == '\n') file.length--;
  assert_int_equal(seen.length, file.length);
  assert_memory_equal(seen.data, file.data, file.length);
  standin_text_release(&file);
  standin_text_release(&seen);
}

static void test_copies(void **state) {
  struct fixture *fixture = *state;
  assert_int_equal(standin_add_file(fixture->standin, TASK, STANDIN_FINISHED, SAMPLE, 3), 0);
  struct json_object *json = ask(fixture, "\"limit\":1,\"offset\":76141"); /* second row of the second copy */
  struct json_object *original = ask(fixture, "\"limit\":1,\"offset\":1");
  char expected[256];
  static const char *const marked[] = {PAGE "items.0.link_to", PAGE "items.0.page_to"};
  assert_int_equal(number_at(json, PAGE "total_items_count"), 3 * 76140);
  for (size_t i = 0; i < sizeof marked / sizeof *marked; i++) {
    snprintf(expected, sizeof expected, "%s?copy=2", string_at(original, marked[i]));
    assert_string_equal(string_at(json, marked[i]), expected);
  }
  assert_string_equal(string_at(json, PAGE "items.0.link_from"), string_at(original, PAGE "items.0.link_from"));
  json_object_put(original);
  json_object_put(json);

  json = ask(fixture, "\"limit\":1,\"filters\":[[\"link_to\",\"like\",\"%?copy=3\"],\"and\",[\"is_broken\",\"=\",true]]");
  assert_int_equal(number_at(json, PAGE "total_items_count"), 8222);
  json_object_put(json);
  json = ask(fixture, "\"limit\":1,\"filters\":[\"link_to\",\"not_like\",\"%?copy=%\"]");
  assert_int_equal(number_at(json, PAGE "total_items_count"), 76140);
  json_object_put(json);
}

/* Items that aren't NDJSON are refused with a message, and leave what was there; an empty text makes a crawl without items. */
static void test_unusable_items(void **state) {
  struct fixture *fixture = *state;
  static const char *const unusable[] = {"{\"page_from\":\"/1\"}\n{", "[1]\n", "{} {}", "{\"page_from\":\"\\x\"}"};
  add_items(fixture, five_items);
  for (size_t i = 0; i < sizeof unusable / sizeof *unusable; i++)
    assert_int_equal(standin_add_task(fixture->standin, TASK, STANDIN_FINISHED, unusable[i], strlen(unusable[i])), -1);
  assert_int_equal(standin_add_file(fixture->standin, TASK, STANDIN_FINISHED, "/nowhere.ndjson", 1), -1);
  struct json_object *json = ask(fixture, "");
  assert_int_equal(number_at(json, PAGE "total_items_count"), 5);
  json_object_put(json);
  add_items(fixture, "");
  json = ask(fixture, "");
  assert_int_equal(number_at(json, PAGE "total_items_count"), 0);
  json_object_put(json);
}

int run_page_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_token_bound, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_paging, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_page_cap, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_short_pages, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_one_token, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_token_life, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_offset_most, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_body_most, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_head, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_default_limit, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_whole_sample, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_copies, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_unusable_items, fixture_open, fixture_close),
  };
  return cmocka_run_group_tests_name("stand-in pages", tests, NULL, NULL);
}
