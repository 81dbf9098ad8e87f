/*
** The stand-in is what every other test trusts, so it is tested by itself, as a plain HTTP client sees it. Here: whom it lets
** in, what it refuses, and what its envelope says. test_groups.h lists the other files.
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

#define BASIC "Basic dGVzdC1sb2dpbjp0ZXN0LXBhc3N3b3Jk"

static void test_credentials(void **state) {
  struct fixture *fixture = *state;
  static const struct {
    const char *path, *authorization;
    long http_status;
    int code;
  } cases[] = {
      {"/apis/v1/dataforseo/on_page/links", "Bearer test-key", 200, 20000},
      {"/v3/on_page/links", BASIC, 200, 20000},
      {"/apis/v1/dataforseo/on_page/links", "", 401, 40100},
      {"/apis/v1/dataforseo/on_page/links", BASIC, 401, 40100},
      {"/apis/v1/dataforseo/on_page/links", "Bearer test-key2", 401, 40100},
      {"/apis/v1/dataforseo/on_page/links", "test-key", 401, 40100},
      {"/v3/on_page/links", "", 401, 40100},
      {"/v3/on_page/links", "Bearer test-key", 401, 40100},
      {"/v3/on_page/links", "Basic dGVzdC1sb2dpbjp3cm9uZw==", 401, 40100},
      {"/v3/on_page/link", BASIC, 404, 40400},
      {"/v3/on_page/links/", BASIC, 404, 40400},
      {"/v3/on_page/available_filters", BASIC, 404, 40400}, /* POST */
      {"/v33/on_page/links", BASIC, 404, 40400},
      {"/", "", 404, 40400},
  };
  add_items(fixture, five_items);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct sent sent = {.path = cases[i].path, .authorization = cases[i].authorization, .body = "{\"id\":\"" TASK "\"}"};
    struct received received;
    exchange(fixture, &sent, &received);
    assert_int_equal(received.http_status, cases[i].http_status);
    assert_int_equal(number_at(received.json, "status_code"), cases[i].code);
    bool priced = strstr(received.headers.data, "X-AISA-Price-USD: ") != NULL;
    assert_int_equal(priced, i == 0);
    received_release(&received);
  }
}

static void test_envelope(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  struct json_object *json =
      ask(fixture, "\"limit\":2,\"offset\":1,\"tag\":\"mine\",\"filters\":[\"page_from\",\"like\",\"/%\"]");
  assert_string_equal(string_at(json, "status_message"), "Ok.");
  assert_int_equal(number_at(json, "tasks_count"), 1);
  assert_int_equal(number_at(json, "tasks_error"), 0);
  assert_string_equal(string_at(json, "tasks.0.id"), TASK);
  assert_int_equal(number_at(json, "tasks.0.result_count"), 1);
  assert_int_equal(number_at(json, "tasks.0.cost"), 0);
  assert_string_equal(json_object_to_json_string_ext(look(json, "tasks.0.path"), JSON_C_TO_STRING_PLAIN),
                      "[\"v3\",\"on_page\",\"links\"]");
  assert_string_equal(string_at(json, "tasks.0.data.id"), TASK);
  assert_string_equal(string_at(json, "tasks.0.data.tag"), "mine");
  assert_string_equal(string_at(json, "tasks.0.data.filters.1"), "like");
  assert_string_equal(string_at(json, PAGE "crawl_progress"), "finished");
  assert_int_equal(number_at(json, PAGE "crawl_status.max_crawl_pages"), 105);
  assert_int_equal(number_at(json, PAGE "crawl_status.pages_in_queue"), 0);
  assert_int_equal(number_at(json, PAGE "crawl_status.pages_crawled"), 5);
  assert_int_equal(number_at(json, PAGE "current_offset"), 1);
  assert_int_equal(number_at(json, PAGE "total_items_count"), 5);
  assert_int_equal(number_at(json, PAGE "items_count"), 2);
  assert_int_equal(json_object_array_length(look(json, PAGE "items")), 2);
  assert_string_equal(string_at(json, PAGE "items.0.page_from"), "/2");
  json_object_put(json);
}

static void test_body_forms(void **state) {
  struct fixture *fixture = *state;
  static const char object[] = "{\"id\":\"" TASK "\"}", array[] = "[{\"id\":\"" TASK "\"}]";
  static const struct {
    enum standin_body body;
    enum standin_refusal refusal;
    const char *sent;
    long http_status;
    long long code; /* at the top; -1: no envelope */
  } cases[] = {
      {STANDIN_BODY_OBJECT, STANDIN_REFUSE_40503, object, 200, 20000},
      {STANDIN_BODY_OBJECT, STANDIN_REFUSE_40503, array, 200, 40503},
      {STANDIN_BODY_OBJECT, STANDIN_REFUSE_HTTP_400, array, 400, -1},
      {STANDIN_BODY_OBJECT, STANDIN_REFUSE_HTTP_422, array, 422, -1},
      {STANDIN_BODY_ARRAY, STANDIN_REFUSE_40503, array, 200, 20000},
      {STANDIN_BODY_ARRAY, STANDIN_REFUSE_40503, object, 200, 40503},
      {STANDIN_BODY_ARRAY, STANDIN_REFUSE_HTTP_400, object, 400, -1},
      {STANDIN_BODY_BOTH, STANDIN_REFUSE_40503, object, 200, 20000},
      {STANDIN_BODY_BOTH, STANDIN_REFUSE_40503, array, 200, 20000},
  };
  add_items(fixture, five_items);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct received received;
    read_as(fixture, (struct standin_readings){.body = cases[i].body, .refusal = cases[i].refusal});
    exchange(fixture, &(struct sent){.body = cases[i].sent}, &received);
    assert_int_equal(received.http_status, cases[i].http_status);
    if (cases[i].code < 0)
      assert_null(look(received.json, "status_code"));
    else
      assert_int_equal(number_at(received.json, "status_code"), cases[i].code);
    received_release(&received);
  }
}

static void test_bodies_refused(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.body = STANDIN_BODY_BOTH});
  static const char *const bodies[] = {"{",
                                       "{\"id\":\"" TASK "\"} x",
                                       "{\"id\":\"" TASK "\",}",
                                       "{'id':'" TASK "'}",
                                       "null",
                                       "7",
                                       "\"" TASK "\"",
                                       "[]",
                                       "[null]",
                                       "[[]]",
                                       "[{\"id\":\"" TASK "\"},{\"id\":\"" TASK "\"}]",
                                       "{\"id\":\"\xFF\"}"};
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) expect_envelope_code(fixture, bodies[i], 40503);
  expect_envelope_code(fixture, "", 40502);
  exchange(fixture, &(struct sent){.body = "{\"id\":\"" TASK "\"}", .content_type = "text/plain"}, &received);
  assert_int_equal(number_at(received.json, "status_code"), 40503);
  received_release(&received);
  exchange(fixture, &(struct sent){.body = "{\"id\":\"" TASK "\"}", .content_type = "application/json; charset=utf-8"},
           &received);
  assert_int_equal(number_at(received.json, "status_code"), 20000);
  received_release(&received);
}

static void test_keys(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  static const struct {
    const char *members;
    int code;
  } cases[] = {
      {"\"order_by\":[\"type,asc\"]", 40506},
      {"\"Limit\":1", 40506},
      {"\"\":1", 40506},
      {"\"limit\":1", 20000},
      {"\"limit\":1000", 20000},
      {"\"limit\":0", 40501},
      {"\"limit\":1001", 40501},
      {"\"limit\":-1", 40501},
      {"\"limit\":1.0", 40501},
      {"\"limit\":\"1\"", 40501},
      {"\"limit\":null", 40501},
      {"\"limit\":true", 40501},
      {"\"offset\":0", 20000},
      {"\"offset\":2000000", 20000},
      {"\"offset\":2000001", 40501},
      {"\"offset\":-1", 40501},
      {"\"offset\":\"0\"", 40501},
      {"\"offset\":99999999999999999999", 40501},
      {"\"page_from\":\"/1\"", 20000},
      {"\"page_from\":\"1\"", 40501},
      {"\"page_from\":\"\"", 40501},
      {"\"page_from\":null", 40501},
      {"\"page_to\":\"/\"", 20000},
      {"\"page_to\":\"https://x/\"", 40501},
      {"\"page_to\":[\"/\"]", 40501},
      {"\"tag\":\"\"", 20000},
      {"\"tag\":7", 40501},
      {"\"search_after_token\":\"\"", 40501},
      {"\"search_after_token\":null", 40501},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) expect_task_code(fixture, cases[i].members, cases[i].code);

  struct json_object *json = ask(fixture, "\"limit\":0");
  assert_string_equal(string_at(json, "tasks.0.status_message"), "Invalid Field: 'limit'.");
  assert_int_equal(number_at(json, "tasks.0.data.limit"), 0);
  assert_int_equal(number_at(json, "tasks_error"), 1);
  json_object_put(json);
  json = ask(fixture, "\"order_by\":[]");
  assert_string_equal(string_at(json, "tasks.0.status_message"), "Unknown Fields in POST Data: 'order_by'.");
  json_object_put(json);
  json = post(fixture, "{\"limit\":1}");
  assert_int_equal(number_at(json, "tasks.0.status_code"), 40501);
  json_object_put(json);
  json = post(fixture, "{\"id\":7}");
  assert_int_equal(number_at(json, "tasks.0.status_code"), 40501);
  json_object_put(json);
}

static void test_tag_length(void **state) {
  struct fixture *fixture = *state;
  char tag[2 * 256 + 1] = "", members[600];
  add_items(fixture, five_items);
  for (int i = 0; i < 255; i++) strcat(tag, "\xC3\xA9");
  snprintf(members, sizeof members, "\"tag\":\"%s\"", tag);
  expect_task_code(fixture, members, 20000);
  snprintf(members, sizeof members, "\"tag\":\"%sx\"", tag);
  expect_task_code(fixture, members, 40501);
}

static void test_states(void **state) {
  struct fixture *fixture = *state;
  expect_task_code(fixture, "", 40401);
  add_items(fixture, five_items);
  static const struct {
    enum standin_crawl crawl;
    int code;
  } cases[] = {{STANDIN_QUEUED, 40602},     {STANDIN_HANDED, 40601},   {STANDIN_EXPIRED, 40403},
               {STANDIN_NO_RESULTS, 40102}, {STANDIN_FINISHED, 20000}, {STANDIN_IN_PROGRESS, 20000}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    standin_set_crawl(fixture->standin, TASK, cases[i].crawl);
    expect_task_code(fixture, "", cases[i].code);
  }
  struct json_object *json = ask(fixture, "");
  assert_string_equal(string_at(json, PAGE "crawl_progress"), "in_progress");
  assert_int_equal(number_at(json, PAGE "crawl_status.pages_in_queue"), 7);
  json_object_put(json);
  standin_set_crawl(fixture->standin, TASK, STANDIN_QUEUED);
  expect_task_code(fixture, "\"limit\":0", 40501); /* the request is checked before the task */
  add_items(fixture, "{\"page_from\":\"/9\"}");
  json = ask(fixture, "");
  assert_int_equal(number_at(json, PAGE "total_items_count"), 1);
  json_object_put(json);
}

static void test_available_filters(void **state) {
  struct fixture *fixture = *state;
  struct sent sent = {.method = "GET", .path = "/apis/v1/dataforseo/on_page/available_filters"};
  struct received received;
  exchange(fixture, &sent, &received);
  assert_int_equal(number_at(received.json, "tasks.0.status_code"), 20000);
  struct json_object *links = look(received.json, PAGE "links");
  assert_int_equal(json_object_object_length(links), 13);
  assert_string_equal(string_at(links, "type"), "str");
  assert_string_equal(string_at(links, "dofollow"), "bool");
  assert_string_equal(string_at(links, "page_to_status_code"), "num");
  assert_string_equal(string_at(links, "link_attribute"), "array.str");
  assert_null(look(links, "is_broken"));
  assert_null(look(links, "text"));
  received_release(&received);

  read_as(fixture, (struct standin_readings){.more_fields = true});
  exchange(fixture, &sent, &received);
  links = look(received.json, PAGE "links");
  assert_int_equal(json_object_object_length(links), 19);
  assert_string_equal(string_at(links, "text"), "str");
  assert_string_equal(string_at(links, "is_valid_hreflang"), "bool");
  received_release(&received);

  read_as(fixture, (struct standin_readings){.available_fails = true});
  exchange(fixture, &sent, &received);
  assert_int_equal(number_at(received.json, "status_code"), 50000);
  received_release(&received);
  assert_int_equal(standin_log_count(fixture->standin), 3);
  assert_string_equal(standin_log_get(fixture->standin, 0)->method, "GET");
  assert_string_equal(standin_log_get(fixture->standin, 0)->body, "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_credentials, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_envelope, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_body_forms, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_bodies_refused, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_keys, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_tag_length, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_states, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_available_filters, fixture_open, fixture_close),
  };
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int failed = cmocka_run_group_tests_name("stand-in requests", tests, NULL, NULL);
  failed += run_page_tests() + run_notation_tests() + run_filter_tests() + run_fault_tests() + run_pace_tests();
  failed += run_endpoint_tests() + run_sibling_tests() + run_site_tests();
  curl_global_cleanup();
  return failed ? 1 : 0;
}
