/*
** How long a response takes: latencies that vary, deep offsets, bandwidths. A response may take longer on a busy machine, so the
** upper bounds are those of requests one after the other instead of side by side.
*/
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "latency.h"
#include "test_client.h"
#include "test_groups.h"

#define ANY_BODY "{\"id\":\"" TASK "\"}"

enum { DRAWS = 1999, MEDIAN_MS = 10000 };

static int compare(const void *left, const void *right) {
  unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
  return a < b ? -1 : a > b;
}

static void test_distribution(void **state) {
  static unsigned draws[DRAWS];
  (void)state;
  const struct standin_readings readings = {.latency_ms = MEDIAN_MS, .latency_sigma = 0.5, .latency_seed = 7};
  double sum = 0, squares = 0;
  for (size_t i = 0; i < DRAWS; i++) {
    draws[i] = standin_latency(&readings, i + 1, 0);
    double logarithm = log(draws[i] / (double)MEDIAN_MS);
    sum += logarithm;
    squares += logarithm * logarithm;
  }
  qsort(draws, DRAWS, sizeof *draws, compare);
  assert_in_range(draws[DRAWS / 2], MEDIAN_MS * 95 / 100, MEDIAN_MS * 105 / 100);
  assert_true(fabs(sum / DRAWS) < 0.05);
  assert_true(fabs(sqrt(squares / DRAWS) - 0.5) < 0.03);
  assert_in_range(draws[DRAWS * 84 / 100], (size_t)(MEDIAN_MS * exp(0.45)),
                  (size_t)(MEDIAN_MS * exp(0.55))); /* one deviation */
}

static void test_seed(void **state) {
  (void)state;
  struct standin_readings readings = {.latency_ms = MEDIAN_MS, .latency_sigma = 0.5, .latency_seed = 7};
  const struct standin_readings other = {.latency_ms = MEDIAN_MS, .latency_sigma = 0.5, .latency_seed = 8};
  size_t same = 0;
  for (size_t i = 1; i <= 100; i++) {
    assert_int_equal(standin_latency(&readings, i, 0), standin_latency(&readings, i, 0));
    if (standin_latency(&readings, i, 0) == standin_latency(&other, i, 0)) same++;
  }
  assert_true(same < 5);
  assert_int_equal(standin_latency(&readings, 0, 0), MEDIAN_MS); /* of another endpoint */
  readings.latency_sigma = 0;
  for (size_t i = 1; i <= 100; i++) assert_int_equal(standin_latency(&readings, i, 0), MEDIAN_MS);
}

/* Each request takes as long as the log says, and the next run of the same server goes on in the series. */
static void test_varying(void **state) {
  struct fixture *fixture = *state;
  const struct standin_readings readings = {.latency_ms = 40, .latency_sigma = 1, .latency_seed = 3};
  add_items(fixture, five_items);
  read_as(fixture, readings);
  for (size_t i = 0; i < 6; i++) {
    double start = seconds();
    expect_task_code(fixture, "", 20000);
    unsigned latency_ms = standin_log_get(fixture->standin, i)->latency_ms;
    assert_true(seconds() - start >= latency_ms / 1000.0 - 0.001);
    assert_int_equal(latency_ms, standin_latency(&readings, i + 1, 0));
  }
}

static void test_deep_offsets(void **state) {
  struct fixture *fixture = *state;
  add_items(fixture, five_items);
  read_as(fixture, (struct standin_readings){.latency_ms = 5, .offset_ms = 20});
  struct json_object *json = ask(fixture, "\"limit\":2,\"offset\":0");
  const char *token = string_at(json, PAGE "search_after_token");
  double start = seconds();
  expect_task_code(fixture, "\"offset\":6000", 20000);
  assert_true(seconds() - start >= 0.124);
  expect_task_code(fixture, "\"offset\":500", 20000);
  char members[200];
  snprintf(members, sizeof members, "\"limit\":2,\"offset\":0,\"search_after_token\":\"%s\"", token);
  expect_task_code(fixture, members, 20000);
  static const unsigned expected[] = {5, 125, 15, 5};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    assert_int_equal(standin_log_get(fixture->standin, i)->latency_ms, expected[i]);
  json_object_put(json);
}

/* One item that makes a body of about 50,000 bytes. */
static void add_large_item(struct fixture *fixture) {
  struct standin_text item = {0};
  standin_text_add_string(&item, "{\"page_from\":\"/1\",\"text\":\"");
  for (int i = 0; i < 5000; i++) standin_text_add_string(&item, "0123456789");
  standin_text_add_string(&item, "\"}");
  standin_text_add(&item, "", 1);
  add_items(fixture, item.data);
  standin_text_release(&item);
}

/* How many seconds that many requests at once take, each with a complete response. */
static double time_calls(struct fixture *fixture, size_t count) {
  struct calls calls = {0};
  double start = seconds();
  for (size_t i = 0; i < count; i++) calls_begin(fixture, &calls, ANY_BODY);
  calls_drive(fixture, &calls, 0);
  double taken = seconds() - start;
  for (size_t i = 0; i < count; i++) assert_in_range(calls.received[i].body.length, 50000, 60000);
  calls_end(&calls);
  return taken;
}

static void test_bandwidth(void **state) {
  struct fixture *fixture = *state;
  add_large_item(fixture);
  read_as(fixture, (struct standin_readings){.bandwidth = 500000});
  assert_true(time_calls(fixture, 1) >= 0.09);
  assert_true(time_calls(fixture, 5) >= 0.49); /* they share it */
  assert_in_range(standin_log_get(fixture->standin, 0)->bytes, 50000, 60000);
}

static void test_connection_bandwidth(void **state) {
  struct fixture *fixture = *state;
  add_large_item(fixture);
  read_as(fixture, (struct standin_readings){.connection_bandwidth = 250000});
  assert_true(time_calls(fixture, 1) >= 0.19);
  double taken = time_calls(fixture, 20);
  assert_true(taken >= 0.19);
  assert_true(taken < 20 * 0.2);
  read_as(fixture, (struct standin_readings){.connection_bandwidth = 250000, .bandwidth = 1000000});
  assert_true(time_calls(fixture, 10) >= 0.49); /* the smaller counts */
}

/* Compressed bytes are what goes over the line; what is sent is the same as without a limit. */
static void test_compressed(void **state) {
  struct fixture *fixture = *state;
  struct received free_of_limits, limited;
  add_large_item(fixture);
  exchange(fixture, &(struct sent){.body = ANY_BODY, .gzip = true}, &free_of_limits);
  read_as(fixture, (struct standin_readings){.bandwidth = 20000, .connection_bandwidth = 30000});
  double start = seconds();
  exchange(fixture, &(struct sent){.body = ANY_BODY, .gzip = true}, &limited);
  assert_true(seconds() - start >= (double)limited.body.length / 20000 - 0.01);
  assert_true(limited.body.length < 10000);
  assert_int_equal(limited.body.length, free_of_limits.body.length);
  assert_memory_equal(limited.body.data, free_of_limits.body.data, limited.body.length);
  assert_int_equal(standin_log_get(fixture->standin, 1)->bytes, limited.body.length - 1); /* terminated */
  received_release(&limited);
  received_release(&free_of_limits);
}

int run_pace_tests(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_distribution),
      cmocka_unit_test(test_seed),
      cmocka_unit_test_setup_teardown(test_varying, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_deep_offsets, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_bandwidth, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_connection_bandwidth, fixture_open, fixture_close),
      cmocka_unit_test_setup_teardown(test_compressed, fixture_open, fixture_close),
  };
  return cmocka_run_group_tests_name("stand-in pace", tests, NULL, NULL);
}
