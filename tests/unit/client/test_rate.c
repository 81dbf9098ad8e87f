/* Requests a minute, and waits that the API asked for. */
#include "client/rate.h"

#include "../unit.h"

static int64_t delay(struct rate *rate, int64_t limit, int64_t now_ms) {
  struct error error;
  int64_t delay_ms = -1;
  assert_int_equal(rate_delay(rate, limit, now_ms, &delay_ms, &error), 0);
  return delay_ms;
}

/* The API counts by a clock of its own, hence a little more than a minute. */
static void test_limit(void **state) {
  struct rate rate = {0};
  (void)state;
  assert_int_equal(delay(&rate, 2, 1000), 0);
  rate_note_sent(&rate, 1000);
  assert_int_equal(delay(&rate, 2, 1500), 0);
  rate_note_sent(&rate, 1500);
  assert_in_range(delay(&rate, 2, 2000), 59000 + 200, 59000 + 1000);
  assert_in_range(delay(&rate, 2, 61000), 200, 1000);
  assert_int_equal(delay(&rate, 2, 62000), 0);
  rate_note_sent(&rate, 62000);
  assert_int_equal(delay(&rate, 2, 62500), 0);
  assert_int_equal(delay(&rate, 0, 62500), 0);
  rate_release(&rate);
}

/* Responses come in any order: an earlier one that asks for less doesn't take back what a later one asked for. */
static void test_hold(void **state) {
  struct rate rate = {0};
  (void)state;
  rate_hold(&rate, 30000);
  rate_hold(&rate, 5000);
  assert_int_equal(delay(&rate, 0, 1000), 29000);
  rate_hold(&rate, 40000);
  assert_int_equal(delay(&rate, 0, 1000), 39000);
  rate_forget_hold(&rate);
  assert_int_equal(delay(&rate, 0, 1000), 0);
  rate_release(&rate);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_limit), cmocka_unit_test(test_hold)};
  return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
