/*
** Which columns a server filters by, and which offsets it accepts. What is learnt from a fallback is tested in test_query.c, by
** the next query.
*/
#include "plan/capabilities.h"

#include "../unit.h"

static int column_of(const char *name) {
  int column = endpoint_column(&endpoint_links, name);
  assert_true(column >= 0);
  return column;
}

static void test_rejected_columns(void **state) {
  (void)state;
  struct capabilities capabilities = {.rejected = 1ULL << column_of("is_broken")};
  assert_true(capabilities_rejected_columns(&capabilities, &endpoint_links) == capabilities.rejected);
  capabilities.available_asked = true;
  capabilities.available = 1ULL << column_of("text");
  uint64_t rejected = capabilities_rejected_columns(&capabilities, &endpoint_links);
  assert_true((rejected & 1ULL << column_of("is_broken")) != 0 && (rejected & 1ULL << column_of("hreflang")) != 0);
  assert_true((rejected & 1ULL << column_of("text")) == 0 && (rejected & 1ULL << column_of("type")) == 0);
}

/* Fields that aren't documented as filters are sent until the query falls back beyond them; some only once they are named. */
static void test_columns_by_fallback(void **state) {
  static const struct {
    const char *column;
    bool available, rejected;
    enum fallback fallback;
    bool takes;
  } cases[] = {
      {"type", false, false, FALLBACK_NONE, true},         {"type", false, false, FALLBACK_FIELDS, true},
      {"type", false, true, FALLBACK_NONE, false},         {"is_broken", false, false, FALLBACK_IN, true},
      {"is_broken", false, false, FALLBACK_FIELDS, false}, {"is_broken", false, true, FALLBACK_NONE, false},
      {"text", false, false, FALLBACK_NONE, false},        {"text", true, false, FALLBACK_IN, true},
      {"text", true, false, FALLBACK_FIELDS, false},       {"text", true, true, FALLBACK_NONE, false},
      {"task_id", true, false, FALLBACK_NONE, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    int column = column_of(cases[i].column);
    const struct capabilities capabilities = {
        .available = cases[i].available ? 1ULL << column : 0,
        .rejected = cases[i].rejected ? 1ULL << column : 0,
    };
    if (capabilities_take_column(&capabilities, &endpoint_links, cases[i].fallback, column) != cases[i].takes)
      fail_msg("case %zu", i);
  }
}

static void test_reach(void **state) {
  static const struct {
    long long refused, taken, row, reach;
  } cases[] = {
      {0, 0, 1999999, 1999999}, {0, 0, 2000001, 2000000},     {30000, 0, 29999, 29999},
      {30000, 0, 30000, 20000}, {30000, 25000, 40000, 25000}, {30000, 35000, 40000, 20000},
      {500, 400, 499, 499},     {500, 400, 500, 400},         {500, 0, 900, 0},
      {20000, 600, 20000, 600},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct capabilities capabilities = {.offset_refused = cases[i].refused, .offset_taken = cases[i].taken};
    assert_int_equal(capabilities_reach(&capabilities, &endpoint_links, cases[i].row), cases[i].reach);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rejected_columns),
      cmocka_unit_test(test_columns_by_fallback),
      cmocka_unit_test(test_reach),
  };
  return cmocka_run_group_tests_name("capabilities", tests, NULL, NULL);
}
