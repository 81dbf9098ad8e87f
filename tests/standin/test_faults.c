/*
** Faults at the n-th request, many requests at once, stopping in the middle of a wait, and the log. Requests that must be
** under way together are driven by libcurl's multi interface until the log shows them, never by sleeping.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "test_client.h"
#include "test_groups.h"

#define ANY_BODY "{\"id\":\"" TASK "\"}"

enum { LONG_MS = 600000 };

static const char two[] = "{\"page_from\":\"/1\"}\n{\"page_from\":\"/2\"}\n";

static void plant(struct fixture *fixture, size_t nth, struct standin_fault fault) {
  standin_plant(fixture->standin, nth, &fault);
}

static void expect_http(struct fixture *fixture, long http_status, const char *body, const char *header) {
  struct received received;
  exchange(fixture, &(struct sent){.body = ANY_BODY}, &received);
  assert_int_equal(received.result, CURLE_OK);
  assert_int_equal(received.http_status, http_status);
  if (body) assert_string_equal(received.body.data, body);
  if (header && !strstr(received.headers.data, header)) fail_msg("no %s in %s", header, received.headers.data);
  received_release(&received);
}

static void test_responses_instead(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, two);
  plant(fixture, 1, (struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = 503, .retry_after = "7"});
  plant(fixture, 2, (struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = 502, .text = "<html>bad</html>"});
  plant(fixture, 3, (struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = "{\"status_code\":"});
  plant(fixture, 4, (struct standin_fault){.kind = STANDIN_FAULT_ENVELOPE, .code = 40202});
  plant(fixture, 5, (struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 50301});
  expect_http(fixture, 503, NULL, "Retry-After: 7\r\n");
  expect_http(fixture, 502, "<html>bad</html>", "Content-Type: text/html\r\n");
  expect_http(fixture, 200, "{\"status_code\":", NULL);
  expect_envelope_code(fixture, ANY_BODY, 40202);
  expect_task_code(fixture, "", 50301);
  expect_task_code(fixture, "", 20000);
  assert_int_equal(standin_log_get(fixture->standin, 0)->http_status, 503);
  assert_int_equal(standin_log_get(fixture->standin, 0)->code, 0);
  assert_int_equal(standin_log_get(fixture->standin, 3)->code, 40202);
  assert_int_equal(standin_log_get(fixture->standin, 4)->code, 50301);
}

static void test_which_request(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  add_items(fixture, two);
  plant(fixture, 2, (struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 50000, .times = 2});
  expect_task_code(fixture, "", 20000);
  exchange(fixture, &(struct sent){.method = "GET", .path = "/apis/v1/dataforseo/on_page/available_filters"}, &received);
  assert_int_equal(number_at(received.json, "status_code"), 20000); /* not counted */
  received_release(&received);
  expect_task_code(fixture, "", 50000);
  expect_task_code(fixture, "", 50000);
  expect_task_code(fixture, "", 20000);

  plant(fixture, 2, (struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 50001, .times = SIZE_MAX});
  expect_task_code(fixture, "", 20000);
  for (int i = 0; i < 5; i++) expect_task_code(fixture, "", 50001);
  standin_clear_faults(fixture->standin);
  expect_task_code(fixture, "", 20000);
}

static void test_broken_connections(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  add_items(fixture, two);
  plant(fixture, 1, (struct standin_fault){.kind = STANDIN_FAULT_TRUNCATE});
  plant(fixture, 2, (struct standin_fault){.kind = STANDIN_FAULT_RESET});
  plant(fixture, 3, (struct standin_fault){.kind = STANDIN_FAULT_TRUNCATE});
  exchange(fixture, &(struct sent){.body = ANY_BODY, .fresh = true}, &received);
  assert_int_equal(received.result, CURLE_PARTIAL_FILE);
  assert_int_equal(received.http_status, 200);
  assert_true(received.body.length > 100);
  assert_null(received.json);
  received_release(&received);

  exchange(fixture, &(struct sent){.body = ANY_BODY, .fresh = true}, &received);
  assert_true(received.result == CURLE_GOT_NOTHING || received.result == CURLE_RECV_ERROR);
  received_release(&received);

  exchange(fixture, &(struct sent){.body = ANY_BODY, .fresh = true, .gzip = true}, &received);
  assert_int_equal(received.result, CURLE_PARTIAL_FILE);
  received_release(&received);

  expect_task_code(fixture, "", 20000);
  assert_int_equal(standin_log_count(fixture->standin), 4);
  assert_int_equal(standin_log_get(fixture->standin, 0)->items, 2);
  assert_int_equal(standin_log_get(fixture->standin, 1)->http_status, 0);
}

static void test_misbehaviour(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  add_items(fixture, two);
  plant(fixture, 1, (struct standin_fault){.kind = STANDIN_FAULT_EDIT, .text = "_count\":2", .with = "_count\":20"});
  plant(fixture, 2, (struct standin_fault){.kind = STANDIN_FAULT_REDIRECT, .http_status = 307, .text = "http://x.example/"});
  plant(fixture, 3, (struct standin_fault){.kind = STANDIN_FAULT_FLOOD, .text = "[", .with = "0,", .size = 6});
  plant(fixture, 4, (struct standin_fault){.kind = STANDIN_FAULT_DRIP, .delay_ms = 1});
  exchange(fixture, &(struct sent){.body = ANY_BODY}, &received);
  assert_int_equal(number_at(received.json, "tasks.0.result.0.total_items_count"), 20);
  assert_int_equal(number_at(received.json, "tasks.0.result.0.items_count"), 20);
  assert_int_equal(number_at(received.json, "tasks.0.result_count"), 1);
  received_release(&received);
  expect_http(fixture, 307, "", "Location: http://x.example/\r\n");
  expect_http(fixture, 200, "[0,0,0,", NULL);
  double start = seconds();
  exchange(fixture, &(struct sent){.body = ANY_BODY}, &received);
  assert_true(seconds() - start > (double)received.body.length / 1000 - 0.1);
  assert_int_equal(number_at(received.json, "tasks.0.result.0.items_count"), 2);
  received_release(&received);
}

/* Expects the page's first item and the offset that is echoed. */
static void expect_response(struct fixture *fixture, const char *members, const char *page_from, long long echoed) {
  struct json_object *json = ask(fixture, members);
  assert_string_equal(string_at(json, PAGE "items.0.page_from"), page_from);
  assert_int_equal(number_at(json, "tasks.0.data.offset"), echoed);
  assert_string_equal(string_at(json, "tasks.0.data.function"), "links");
  json_object_put(json);
}

static void test_other_requests(void **state) {
  struct fixture *fixture = *state;
  static const char other[] = "{\"id\":\"" TASK "\",\"limit\":1,\"offset\":1}";
  static const char mine[] = "\"limit\":1,\"offset\":0";
  add_items(fixture, two);
  plant(fixture, 1, (struct standin_fault){.kind = STANDIN_FAULT_ECHO, .text = other});
  plant(fixture, 2, (struct standin_fault){.kind = STANDIN_FAULT_FOREIGN, .text = other});
  plant(fixture, 4, (struct standin_fault){.kind = STANDIN_FAULT_LATE, .text = other});
  expect_response(fixture, mine, "/1", 1);
  expect_response(fixture, mine, "/2", 1);
  expect_response(fixture, mine, "/1", 0);
  expect_response(fixture, mine, "/2", 1);
  expect_response(fixture, "\"limit\":1,\"offset\":1", "/1", 0);
  expect_response(fixture, mine, "/2", 1);
  curl_easy_cleanup(fixture->curl); /* and its connection */
  fixture->curl = curl_easy_init();
  expect_response(fixture, mine, "/1", 0);
}

static void test_stall(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, two);
  plant(fixture, 1, (struct standin_fault){.kind = STANDIN_FAULT_STALL, .delay_ms = 150});
  double start = seconds();
  expect_task_code(fixture, "", 20000);
  assert_true(seconds() - start >= 0.149);
}

static void test_side_by_side(void **state) {
  struct fixture *fixture = *state;
  struct calls calls = {0};
  add_items(fixture, two);
  read_as(fixture, (struct standin_readings){.latency_ms = 500});
  double start = seconds();
  for (int i = 0; i < 20; i++) calls_begin(fixture, &calls, ANY_BODY);
  calls_drive(fixture, &calls, 0);
  double taken = seconds() - start;
  assert_true(taken >= 0.499);
  assert_true(taken < 20 * 0.5); /* one after the other would take as long */
  size_t most = 0;
  for (size_t i = 0; i < 20; i++) {
    const struct standin_request *request = standin_log_get(fixture->standin, i);
    assert_int_equal(request->code, 20000);
    if (request->in_flight > most) most = request->in_flight;
  }
  assert_true(most > 1 && most <= 20);
  calls_end(&calls);
}

/* The thirtieth at once is accepted, the next is refused. */
static void test_too_many(void **state) {
  struct fixture *fixture = *state;
  struct calls calls = {0};
  add_items(fixture, two);
  plant(fixture, 1, (struct standin_fault){.kind = STANDIN_FAULT_STALL, .delay_ms = LONG_MS, .times = 29});
  plant(fixture, 31, (struct standin_fault){.kind = STANDIN_FAULT_STALL, .delay_ms = LONG_MS});
  for (int i = 0; i < 29; i++) calls_begin(fixture, &calls, ANY_BODY);
  calls_drive(fixture, &calls, 29);
  expect_task_code(fixture, "", 20000);
  calls_begin(fixture, &calls, ANY_BODY);
  calls_drive(fixture, &calls, 31);
  expect_envelope_code(fixture, ANY_BODY, 40209);
  assert_int_equal(standin_log_get(fixture->standin, 29)->in_flight, 30);
  assert_int_equal(standin_log_get(fixture->standin, 31)->in_flight, 31);
  calls_end(&calls); /* and the stalled ones are left to the tear-down */
}

/* Stopping must not wait for a stalled response, and ends its connection. */
static void test_stop_is_prompt(void **state) {
  struct fixture *fixture = *state;
  struct calls calls = {0};
  add_items(fixture, two);
  plant(fixture, 1, (struct standin_fault){.kind = STANDIN_FAULT_STALL, .delay_ms = LONG_MS, .times = SIZE_MAX});
  calls_begin(fixture, &calls, ANY_BODY);
  calls_drive(fixture, &calls, 1);
  double start = seconds();
  standin_stop(fixture->standin);
  assert_true(seconds() - start < 5);
  fixture->standin = standin_start(0);
  assert_non_null(fixture->standin);
  int running = 1;
  while (running) {
    curl_multi_perform(calls.multi, &running);
    if (running) curl_multi_poll(calls.multi, NULL, 0, 10, NULL);
  }
  assert_int_equal(calls.received[0].body.length, 0);
  calls_end(&calls);
}

static void test_log(void **state) {
  struct fixture *fixture = *state;
  struct received received;
  add_items(fixture, two);
  exchange(fixture, &(struct sent){.body = ANY_BODY}, &received);
  received_release(&received);
  exchange(fixture, &(struct sent){.body = "{\"id\":\"x\"}"}, &received);
  received_release(&received);
  exchange(fixture, &(struct sent){.body = ANY_BODY, .authorization = "Bearer wrong", .fresh = true}, &received);
  received_release(&received);
  exchange(fixture, &(struct sent){.method = "GET", .path = "/nowhere", .authorization = ""}, &received);
  received_release(&received);

  assert_int_equal(standin_log_count(fixture->standin), 4);
  assert_null(standin_log_get(fixture->standin, 4));
  const struct standin_request *first = standin_log_get(fixture->standin, 0), *second = standin_log_get(fixture->standin, 1),
                               *third = standin_log_get(fixture->standin, 2), *fourth = standin_log_get(fixture->standin, 3);
  assert_string_equal(first->method, "POST");
  assert_string_equal(first->path, "/apis/v1/dataforseo/on_page/links");
  assert_string_equal(first->body, ANY_BODY);
  assert_string_equal(first->authorization, "Bearer test-key");
  assert_string_equal(first->user_agent, "stand-in test");
  assert_int_equal(first->http_status, 200);
  assert_int_equal(first->code, 20000);
  assert_int_equal(first->items, 2);
  assert_int_equal(first->connection, 1);
  assert_int_equal(first->in_flight, 1);
  assert_int_equal(second->code, 40401);
  assert_int_equal(second->items, 0);
  assert_int_equal(second->connection, 1); /* kept alive */
  assert_int_equal(third->http_status, 401);
  assert_int_equal(third->code, 40100);
  assert_int_equal(third->connection, 2);
  assert_int_equal(third->in_flight, 1);
  assert_string_equal(fourth->body, "");
  assert_string_equal(fourth->authorization, "");
  assert_int_equal(fourth->code, 40400);

  standin_log_clear(fixture->standin);
  assert_int_equal(standin_log_count(fixture->standin), 0);
  expect_task_code(fixture, "", 20000);
  assert_int_equal(standin_log_count(fixture->standin), 1);
}

/* A request under way loses its entry when the log is cleared, and must not write to it. */
static void test_log_cleared_meanwhile(void **state) {
  struct fixture *fixture = *state;
  struct calls calls = {0};
  add_items(fixture, two);
  plant(fixture, 1, (struct standin_fault){.kind = STANDIN_FAULT_STALL, .delay_ms = 100});
  calls_begin(fixture, &calls, ANY_BODY);
  calls_drive(fixture, &calls, 1);
  standin_log_clear(fixture->standin);
  calls_drive(fixture, &calls, 0);
  calls_end(&calls);
  assert_int_equal(standin_log_count(fixture->standin), 0);
}

/* The items that a request reads outlive the task's replacement. */
static void test_replaced_meanwhile(void **state) {
  struct fixture *fixture = *state;
  struct calls calls = {0};
  add_items(fixture, two);
  for (int i = 0; i < 8; i++) calls_begin(fixture, &calls, ANY_BODY);
  int running = 1;
  while (running) {
    curl_multi_perform(calls.multi, &running);
    add_items(fixture, two);
    if (running) curl_multi_poll(calls.multi, NULL, 0, 10, NULL);
  }
  for (size_t i = 0; i < calls.count; i++) {
    char *body = standin_copy(calls.received[i].body.data, calls.received[i].body.length);
    assert_non_null(strstr(body, "\"items_count\":2"));
    free(body);
  }
  calls_end(&calls);
}

static void test_log_file(void **state) {
  struct fixture *fixture = *state;
  char path[] = "/tmp/standin-log-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  add_items(fixture, two);
  assert_int_equal(standin_log_to_file(fixture->standin, path), 0);
  expect_task_code(fixture, "\"tag\":\"caf\xC3\xA9\"", 20000);
  expect_envelope_code(fixture, "\xFF", 40503);
  FILE *stream = fopen(path, "r");
  char line[512];
  assert_non_null(fgets(line, sizeof line, stream));
  struct json_object *json = json_tokener_parse(line);
  assert_string_equal(string_at(json, "method"), "POST");
  assert_string_equal(string_at(json, "path"), "/apis/v1/dataforseo/on_page/links");
  assert_string_equal(string_at(json, "body"), "{\"id\":\"" TASK "\",\"tag\":\"caf\xC3\xA9\"}");
  assert_int_equal(number_at(json, "http_status"), 200);
  assert_int_equal(number_at(json, "code"), 20000);
  assert_int_equal(number_at(json, "items"), 2);
  assert_int_equal(number_at(json, "connection"), 1);
  assert_int_equal(number_at(json, "in_flight"), 1);
  assert_int_equal(number_at(json, "latency_ms"), 0);
  assert_true(number_at(json, "bytes") > 100);
  json_object_put(json);
  assert_non_null(fgets(line, sizeof line, stream));
  json = json_tokener_parse(line);
  assert_string_equal(string_at(json, "body"), "?");
  json_object_put(json);
  assert_null(fgets(line, sizeof line, stream));
  fclose(stream);
  remove(path);
}

int run_fault_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_responses_instead, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_which_request, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_broken_connections, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_misbehaviour, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_other_requests, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_stall, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_side_by_side, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_too_many, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_stop_is_prompt, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_log, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_log_cleared_meanwhile, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_replaced_meanwhile, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_log_file, fixture_open, fixture_close),
  };
  return cmocka_run_group_tests_name("stand-in faults and log", tests, NULL, NULL);
}
