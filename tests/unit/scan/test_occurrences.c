/*
** Counts by hash: against an array of plain counters, with hashes that are spread, that are alike in their low bits
** (which choose the slot), and that are 0.
*/
#include "scan/occurrences.h"

#include "../unit.h"

static uint64_t random_state;

static uint64_t random_number(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static uint64_t spread(size_t key) {
  return (uint64_t)key * UINT64_C(0x9E3779B97F4A7C15);
}

static uint64_t alike(size_t key) {
  return (uint64_t)key << 40; /* all want slot 0 */
}

static uint64_t neighbours(size_t key) {
  return UINT64_MAX - key; /* run over the table's end */
}

enum { KEYS = 3000 };

static void check(uint64_t (*hash)(size_t), size_t keys, int steps) {
  static uint64_t counts[KEYS];
  struct occurrences *occurrences = occurrences_new();
  assert_non_null(occurrences);
  random_state = 88172645463325252u;
  for (size_t i = 0; i < keys; i++) counts[i] = 0;
  for (int step = 0; step < steps; step++) {
    size_t key = (size_t)(random_number() % keys);
    if (random_number() % 3 == 0) {
      assert_int_equal(occurrences_remove(occurrences, hash(key)), counts[key] > 0);
      if (counts[key] > 0) counts[key]--;
    } else {
      uint64_t before = 12345;
      assert_int_equal(occurrences_add(occurrences, hash(key), step % 2 == 0 ? &before : NULL), 0);
      if (step % 2 == 0) assert_true(before == counts[key]);
      counts[key]++;
    }
  }
  /* Nothing else is in it. */
  for (size_t i = 0; i < keys; i++)
    for (; counts[i] > 0; counts[i]--) assert_true(occurrences_remove(occurrences, hash(i)));
  for (size_t i = 0; i < keys; i++) assert_false(occurrences_remove(occurrences, hash(i)));
  occurrences_free(occurrences);
}

static void test_against_counters(void **state) {
  (void)state;
  check(spread, KEYS, 30000);
  check(spread, 3, 1000);
  check(alike, 300, 5000); /* all in one run: slow, but right */
  check(neighbours, KEYS, 30000);
}

static void test_one_hash(void **state) {
  static const uint64_t hashes[] = {0, 1, UINT64_MAX};
  (void)state;
  for (size_t i = 0; i < LENGTH(hashes); i++) {
    struct occurrences *occurrences = occurrences_new();
    assert_non_null(occurrences);
    assert_false(occurrences_has(occurrences, hashes[i]));
    assert_false(occurrences_remove(occurrences, hashes[i]));
    for (uint64_t n = 0; n < 1000; n++) {
      uint64_t before;
      assert_int_equal(occurrences_add(occurrences, hashes[i], &before), 0);
      assert_true(before == n);
    }
    assert_true(occurrences_has(occurrences, hashes[i]));
    assert_false(occurrences_has(occurrences, hashes[i] ^ 2));
    assert_false(occurrences_remove(occurrences, hashes[i] ^ 2));
    occurrences_free(occurrences);
  }
}

static void test_free_of_nothing(void **state) {
  (void)state;
  occurrences_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_counters),
      cmocka_unit_test(test_one_hash),
      cmocka_unit_test(test_free_of_nothing),
  };
  return cmocka_run_group_tests_name("occurrences", tests, NULL, NULL);
}
