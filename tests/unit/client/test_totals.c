/* The totals that are remembered: the last one of each key, and the newest keys. */
#include "client/totals.h"

#include <limits.h>

#include "../unit.h"

static void test_keys(void **state) {
  struct totals *totals = totals_new();
  (void)state;
  assert_int_equal(totals_find(totals, "a"), -1);
  totals_note(totals, "a", 5);
  totals_note(totals, "b", 0);
  assert_int_equal(totals_find(totals, "a"), 5);
  assert_int_equal(totals_find(totals, "b"), 0);
  totals_note(totals, "a", 6);
  assert_int_equal(totals_find(totals, "a"), 6);
  totals_clear(totals);
  assert_int_equal(totals_find(totals, "a"), -1);
  totals_note(totals, "a", 7);
  assert_int_equal(totals_find(totals, "a"), 7);
  totals_free(totals);
  totals_free(NULL);
}

/* 64 keys are kept; a further one replaces the oldest, however often that was noted since. */
static void test_oldest_goes(void **state) {
  enum { KEPT = 64 };
  char key[16];
  struct totals *totals = totals_new();
  (void)state;
  for (int i = 0; i < KEPT; i++) {
    snprintf(key, sizeof key, "%d", i);
    totals_note(totals, key, i);
  }
  totals_note(totals, "0", 1000);
  totals_note(totals, "one more", 1);
  assert_int_equal(totals_find(totals, "0"), -1);
  assert_int_equal(totals_find(totals, "one more"), 1);
  for (int i = 1; i < KEPT; i++) {
    snprintf(key, sizeof key, "%d", i);
    assert_int_equal(totals_find(totals, key), i);
  }
  totals_free(totals);
}

static void test_caps(void **state) {
  static const struct {
    long long total;
    bool may_be_cap;
  } cases[] = {{0, false},    {1, false},     {999, false},   {1000, true},  {1001, false},
               {10000, true}, {-1000, false}, {76140, false}, {76000, true}, {LLONG_MAX, false}};
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    if (total_may_be_cap(cases[i].total) != cases[i].may_be_cap) fail_msg("%lld", cases[i].total);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_keys),
      cmocka_unit_test(test_oldest_goes),
      cmocka_unit_test(test_caps),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
