/*
** What terms mean in SQL, where the scan checks them instead of SQLite. test_pushdown_law.c holds the same against a model of
** SQLite's comparisons, for every operator.
*/
#include "plan/term.h"

#include "../unit.h"

static int column_of(const char *name) {
  int column = endpoint_column(&endpoint_links, name);
  assert_true(column >= 0);
  return column;
}

static void test_one_value(void **state) {
  static const struct {
    const char *column;
    enum sql_operator op;
    struct value right, left;
    bool holds;
  } cases[] = {
      {"dofollow", OPERATOR_EQ, INT(1), INT(1), true},
      {"dofollow", OPERATOR_EQ, INT(1), NONE, false},
      {"dofollow", OPERATOR_NE, INT(1), INT(0), true},
      {"dofollow", OPERATOR_NE, INT(1), NONE, false},
      {"page_to_status_code", OPERATOR_LT, REAL(404.5), INT(404), true},
      {"page_to_status_code", OPERATOR_LT, INT(404), INT(404), false},
      {"page_to_status_code", OPERATOR_GE, INT(404), INT(404), true},
      {"page_to_status_code", OPERATOR_LT, TEXT("a"), INT(404), true}, /* texts sort above numbers */
      {"page_to_status_code", OPERATOR_GT, NONE, INT(404), false},
      {"page_to_status_code", OPERATOR_IS_NULL, NONE, NONE, true},
      {"page_to_status_code", OPERATOR_IS_NOT_NULL, NONE, NONE, false},
      {"link_to", OPERATOR_EQ, TEXT("a"), TEXT("a"), true},
      {"link_to", OPERATOR_EQ, TEXT("a"), TEXT("A"), false},
      {"link_to", OPERATOR_EQ, TEXT("a"), TEXT("a\0"), false},
      {"link_to", OPERATOR_NE, TEXT("a"), TEXT("b"), true},
      {"link_to", OPERATOR_NE, TEXT("a"), NONE, false},
      {"link_to", OPERATOR_NE, NONE, TEXT("a"), false},
      {"link_to", OPERATOR_IS, NONE, NONE, true},
      {"link_to", OPERATOR_IS, TEXT("a"), NONE, false},
      {"link_to", OPERATOR_IS_NOT, TEXT("a"), NONE, true},
      {"link_to", OPERATOR_IS_NOT, NONE, NONE, false},
      {"link_to", OPERATOR_IS_NOT, NONE, TEXT("a"), true},
      /* Only the API evaluates the expression; it doesn't match null. */
      {"link_to", OPERATOR_REGEX, TEXT("a"), TEXT("b"), true},
      {"link_to", OPERATOR_NOT_REGEX, TEXT("a"), NONE, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct value right = cases[i].right;
    const struct term term = {column_of(cases[i].column), cases[i].op, &right, 1, false};
    if (term_holds(&endpoint_links, &term, &cases[i].left) != cases[i].holds) fail_msg("case %zu", i);
  }
}

/* A number in a list meets a text column where SQLite compares as numbers. */
static void test_numbers_in_a_list_of_texts(void **state) {
  static const struct {
    struct value value;
    bool holds, undecided;
  } cases[] = {
      {TEXT("404"), true, false},
      {TEXT("a"), true, false},
      {TEXT("405"), false, false},
      {TEXT("b"), false, false},
      {TEXT("404.0"), true, false},
      {TEXT(" 404"), true, false},
      {TEXT("0404"), true, false},
      {TEXT("4.04e2"), true, false},
      {TEXT(".5e0"), true, false},
      {TEXT("-7"), true, false},
      {TEXT("-7.\t"), true, false},
      {TEXT("-07"), true, false},
      {TEXT(""), false, false},
      {TEXT("\0"), false, false},
      {TEXT("404\0"), false, false},
      {NONE, false, false},
      {TEXT("404.1"), false, false},
      {TEXT("404 a"), false, false},
      {TEXT("404e"), false, false},
      {TEXT("."), false, false},
      {TEXT("+"), false, false},
      {TEXT("e2"), false, false},
      {TEXT("404e-"), false, false},
      {TEXT("40400E-02"), true, false},
      {TEXT("2024-01-01"), false, false},
      {TEXT("1e999"), false, false},
      {TEXT("+5e-1"), true, false},
      {TEXT("-.5"), false, false},
      {TEXT("9007199254740993"), true, false},
      {TEXT("9007199254740992"), false, false},
      {TEXT("9007199254740993.0"), false, true},
      {TEXT("404.0000000000000000000000001"), false, true},
      {TEXT("405.0000000000000000000000001"), false, false},
  };
  struct value members[] = {NONE, INT(-7), REAL(0.5), INT(404), INT(TWO_53 + 1), TEXT("a"), BLOB};
  const struct term term = {endpoint_column(&endpoint_links, "link_to"), OPERATOR_IN, members, LENGTH(members), false};
  struct term texts_only = {term.column, OPERATOR_IN, members + 5, 1, false};
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    if (term_holds(&endpoint_links, &term, &cases[i].value) != cases[i].holds ||
        term_is_undecided(&endpoint_links, &term, &cases[i].value) != cases[i].undecided)
      fail_msg("case %zu", i);
    assert_false(term_is_undecided(&endpoint_links, &texts_only, &cases[i].value));
  }
}

static void test_a_copy_owns_its_values(void **state) {
  struct value values[] = {NONE, INT(7), TEXT("a\0b")};
  const struct term term = {column_of("link_to"), OPERATOR_IN, values, LENGTH(values), true};
  struct term copy = {0};
  struct error error;
  (void)state;
  assert_int_equal(term_copy(&term, &copy, &error), 0);
  assert_int_equal(copy.column, term.column);
  assert_int_equal(copy.op, OPERATOR_IN);
  assert_true(copy.checked_here);
  assert_int_equal(copy.value_count, LENGTH(values));
  assert_int_equal(copy.values[1].integer, 7);
  assert_ptr_not_equal(copy.values[2].text, values[2].text);
  assert_true(value_is_text(&copy.values[2], "a\0b", 3));
  term_release(&copy);
  assert_null(copy.values);
}

static void test_refusal_says_what_to_do(void **state) {
  const struct term term = {.column = column_of("link_to"), .op = OPERATOR_IN};
  struct error error;
  (void)state;
  assert_int_equal(term_refuse_undecided(&endpoint_links, &term, &error), -1);
  assert_non_null(strstr(error.message, "link_to IN"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_value),
      cmocka_unit_test(test_numbers_in_a_list_of_texts),
      cmocka_unit_test(test_a_copy_owns_its_values),
      cmocka_unit_test(test_refusal_says_what_to_do),
  };
  return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
