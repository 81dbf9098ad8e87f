/* Which requests fit beside the responses held, and what is learnt of their sizes. */
#include "client/memory_budget.h"

#include "../unit.h"

enum { MB = 1 << 20 };

/* Ordinary pages fit, as many as may be under way; of large ones fewer, down to none. */
static void test_room(void **state) {
  static const struct {
    size_t held, response;
    int running;
    bool has_room;
  } cases[] = {
      {0, 0, 0, true},        {0, 3 * MB / 2, 29, true}, {10 * MB, 3 * MB / 2, 19, true}, {0, 20 * MB, 0, true},
      {0, 20 * MB, 1, true},  {0, 20 * MB, 2, false},    {20 * MB, 20 * MB, 1, false},    {0, 60 * MB, 0, false},
      {60 * MB, 0, 0, false}, {SIZE_MAX, 0, 0, false},   {0, SIZE_MAX, 29, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct memory_budget memory = {.held = cases[i].held, .expected_next = cases[i].response};
    if (memory_budget_has_room(&memory, cases[i].running) != cases[i].has_room) fail_msg("case %zu", i);
    assert_true(memory_budget_is_full(&memory) == (cases[i].held >= 60 * (size_t)MB));
  }
}

static void test_sizes(void **state) {
  struct memory_budget memory = {0};
  (void)state;
  memory_budget_note(&memory, MB);
  assert_int_equal(memory.expected_next, MB);
  memory_budget_note_least(&memory, 8 * MB);
  memory_budget_note_least(&memory, MB);
  assert_int_equal(memory.expected_next, 8 * MB);
  memory_budget_note(&memory, MB);
  assert_int_equal(memory.expected_next, 7 * MB);
  for (int i = 0; i < 30; i++) memory_budget_note(&memory, MB);
  assert_int_equal(memory.expected_next, MB);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_room),
      cmocka_unit_test(test_sizes),
  };
  return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
