/*
** The push-down matrix as a table: for each class of column and each operator, what is sent for which value, as the
** JSON of the request's body; the table must have every cell. And what the planner knows about a cell before its value is known.
*/
#include "plan/pushdown.h"

#include <math.h>

#include "../unit.h"
#include "wire/request.h"

#define TEN(text) text text text text text text text text text text

enum { EXACTLY = 1, NO_IN = 2 }; /* want_exact, no_text_in */

static struct error error;

/* The filters of the request's body for the condition; the caller frees them. */
static char *sent(const struct condition *condition) {
  struct query query = {.endpoint = &endpoint_links, .inputs[INPUT_TASK] = (char *)"t"};
  const struct position position = {.limit = 1};
  static const char head[] = "{\"id\":\"t\",\"limit\":1,\"filters\":";
  char *body;
  assert_int_equal(request_body(&query, condition, 1, &position, &body, &error), 0);
  assert_memory_equal(body, head, sizeof head - 1);
  size_t size = strlen(body) - (sizeof head - 1) - 1;
  memmove(body, body + sizeof head - 1, size);
  body[size] = '\0';
  return body;
}

/* ---- The table ---- */

/* Each class by one of its columns. */
#define BOOL "dofollow"
#define NUMBER "page_to_status_code"
#define STRING "link_to"
#define ARRAY "link_attribute"

enum { VALUES_MAX = 5 };

struct row {
  const char *column;
  enum sql_operator op;
  size_t count;
  struct value values[VALUES_MAX];
  enum precision precision;
  const char *condition; /* SUPERSET and EXACT */
  int flags;
};

#define LOCAL PRECISION_LOCAL, NULL, 0
#define IMPOSSIBLE PRECISION_IMPOSSIBLE, NULL, 0
#define SUPERSET(json) PRECISION_SUPERSET, json, 0
#define EXACT(json) PRECISION_EXACT, json, 0
#define EXACT_IF_WANTED(json) PRECISION_EXACT, json, EXACTLY

/* clang-format off */
/* Braces in a macro's argument need it to be variadic. */
#define V(...) 1, {__VA_ARGS__}
#define LIST(count, ...) count, {__VA_ARGS__}

static const struct row rows[] = {
  /* The results for 1 and for 0 decide a comparison with a boolean. */
  {BOOL, OPERATOR_EQ, V(INT(1)), EXACT("[\"dofollow\",\"=\",true]")},
  {BOOL, OPERATOR_EQ, V(INT(0)), EXACT("[\"dofollow\",\"=\",false]")},
  {BOOL, OPERATOR_EQ, V(REAL(1.0)), EXACT("[\"dofollow\",\"=\",true]")},
  {BOOL, OPERATOR_EQ, V(REAL(-0.0)), EXACT("[\"dofollow\",\"=\",false]")},
  {BOOL, OPERATOR_EQ, V(INT(2)), IMPOSSIBLE},
  {BOOL, OPERATOR_EQ, V(REAL(0.5)), IMPOSSIBLE},
  {BOOL, OPERATOR_EQ, V(TEXT("true")), IMPOSSIBLE},
  {BOOL, OPERATOR_EQ, V(BLOB), IMPOSSIBLE},
  {BOOL, OPERATOR_EQ, V(NONE), IMPOSSIBLE},
  {BOOL, OPERATOR_NE, V(INT(1)), EXACT("[\"dofollow\",\"=\",false]")},
  {BOOL, OPERATOR_NE, V(INT(0)), EXACT("[\"dofollow\",\"=\",true]")},
  {BOOL, OPERATOR_NE, V(INT(2)), LOCAL}, /* "is not null" */
  {BOOL, OPERATOR_NE, V(TEXT("x")), LOCAL},
  {BOOL, OPERATOR_NE, V(NONE), IMPOSSIBLE},
  {BOOL, OPERATOR_LT, V(INT(1)), EXACT("[\"dofollow\",\"=\",false]")},
  {BOOL, OPERATOR_LT, V(INT(0)), IMPOSSIBLE},
  {BOOL, OPERATOR_LT, V(TEXT("x")), LOCAL},
  {BOOL, OPERATOR_LE, V(REAL(0.5)), EXACT("[\"dofollow\",\"=\",false]")},
  {BOOL, OPERATOR_LE, V(INT(1)), LOCAL},
  {BOOL, OPERATOR_GT, V(INT(0)), EXACT("[\"dofollow\",\"=\",true]")},
  {BOOL, OPERATOR_GT, V(BLOB), IMPOSSIBLE},
  {BOOL, OPERATOR_GT, V(REAL(INFINITY)), IMPOSSIBLE},
  {BOOL, OPERATOR_GE, V(REAL(0.5)), EXACT("[\"dofollow\",\"=\",true]")},
  {BOOL, OPERATOR_GE, V(REAL(-1e300)), LOCAL},
  {BOOL, OPERATOR_IN, LIST(3, INT(1), INT(7), NONE), EXACT("[\"dofollow\",\"=\",true]")},
  {BOOL, OPERATOR_IN, LIST(2, INT(0), REAL(0.0)), EXACT("[\"dofollow\",\"=\",false]")},
  {BOOL, OPERATOR_IN, LIST(2, INT(0), INT(1)), LOCAL},
  {BOOL, OPERATOR_IN, LIST(2, NONE, INT(5)), IMPOSSIBLE},
  {BOOL, OPERATOR_IN, 0, {NONE}, IMPOSSIBLE},
  {BOOL, OPERATOR_IS, V(INT(1)), EXACT("[\"dofollow\",\"=\",true]")},
  {BOOL, OPERATOR_IS, V(INT(2)), IMPOSSIBLE},
  {BOOL, OPERATOR_IS, V(NONE), LOCAL},
  {BOOL, OPERATOR_IS_NOT, V(INT(1)), LOCAL},
  {BOOL, OPERATOR_IS_NULL, V(NONE), LOCAL},
  {BOOL, OPERATOR_IS_NOT_NULL, V(NONE), LOCAL},
  {BOOL, OPERATOR_LIKE, V(TEXT("1")), LOCAL},
  {BOOL, OPERATOR_GLOB, V(TEXT("1")), LOCAL},
  {BOOL, OPERATOR_NOT_LIKE, V(TEXT("1")), LOCAL},
  {BOOL, OPERATOR_REGEX, V(TEXT("1")), LOCAL},
  {BOOL, OPERATOR_NOT_REGEX, V(TEXT("1")), LOCAL},
  {BOOL, OPERATOR_HAS, V(TEXT("1")), LOCAL},

  /* Integers: a fraction becomes the next integer; integers that a JSON parser may round aren't sent. */
  {NUMBER, OPERATOR_EQ, V(INT(404)), EXACT("[\"page_to_status_code\",\"=\",404]")},
  {NUMBER, OPERATOR_EQ, V(REAL(404.0)), EXACT("[\"page_to_status_code\",\"=\",404]")},
  {NUMBER, OPERATOR_EQ, V(REAL(-0.0)), EXACT("[\"page_to_status_code\",\"=\",0]")},
  {NUMBER, OPERATOR_EQ, V(INT(TWO_53)), EXACT("[\"page_to_status_code\",\"=\",9007199254740992]")},
  {NUMBER, OPERATOR_EQ, V(INT(-TWO_53)), EXACT("[\"page_to_status_code\",\"=\",-9007199254740992]")},
  {NUMBER, OPERATOR_EQ, V(INT(TWO_53 + 1)), LOCAL},
  {NUMBER, OPERATOR_EQ, V(INT(INT64_MAX)), LOCAL},
  {NUMBER, OPERATOR_EQ, V(INT(INT64_MIN)), LOCAL},
  {NUMBER, OPERATOR_EQ, V(REAL(1e300)), IMPOSSIBLE},
  {NUMBER, OPERATOR_EQ, V(REAL(INFINITY)), IMPOSSIBLE},
  {NUMBER, OPERATOR_EQ, V(REAL(9223372036854774784.0)), LOCAL},
  {NUMBER, OPERATOR_EQ, V(REAL(9223372036854775808.0)), IMPOSSIBLE},
  {NUMBER, OPERATOR_EQ, V(REAL(-9223372036854775808.0)), LOCAL}, /* the smallest integer */
  {NUMBER, OPERATOR_EQ, V(REAL(1.5)), IMPOSSIBLE},
  {NUMBER, OPERATOR_EQ, V(TEXT("abc")), IMPOSSIBLE},
  {NUMBER, OPERATOR_EQ, V(BLOB), IMPOSSIBLE},
  {NUMBER, OPERATOR_EQ, V(NONE), IMPOSSIBLE},
  {NUMBER, OPERATOR_NE, V(INT(200)), SUPERSET("[\"page_to_status_code\",\"<>\",200]")},
  {NUMBER, OPERATOR_NE, V(REAL(200.0)), SUPERSET("[\"page_to_status_code\",\"<>\",200]")},
  {NUMBER, OPERATOR_NE, V(REAL(1.5)), LOCAL},
  {NUMBER, OPERATOR_NE, V(TEXT("abc")), LOCAL},
  {NUMBER, OPERATOR_NE, V(INT(INT64_MAX)), LOCAL},
  {NUMBER, OPERATOR_NE, V(NONE), IMPOSSIBLE},
  {NUMBER, OPERATOR_LT, V(INT(400)), EXACT("[\"page_to_status_code\",\"<\",400]")},
  {NUMBER, OPERATOR_LT, V(REAL(400.5)), EXACT("[\"page_to_status_code\",\"<=\",400]")},
  {NUMBER, OPERATOR_LT, V(REAL(-400.5)), EXACT("[\"page_to_status_code\",\"<=\",-401]")},
  {NUMBER, OPERATOR_LT, V(TEXT("abc")), LOCAL},
  {NUMBER, OPERATOR_LT, V(BLOB), LOCAL},
  {NUMBER, OPERATOR_LT, V(REAL(1e300)), LOCAL}, /* "is not null" */
  {NUMBER, OPERATOR_LT, V(REAL(-1e300)), IMPOSSIBLE},
  {NUMBER, OPERATOR_LT, V(NONE), IMPOSSIBLE},
  {NUMBER, OPERATOR_LE, V(INT(400)), EXACT("[\"page_to_status_code\",\"<=\",400]")},
  {NUMBER, OPERATOR_LE, V(REAL(0.5)), EXACT("[\"page_to_status_code\",\"<=\",0]")},
  {NUMBER, OPERATOR_LE, V(INT(TWO_53 + 1)), LOCAL},
  {NUMBER, OPERATOR_GT, V(INT(400)), EXACT("[\"page_to_status_code\",\">\",400]")},
  {NUMBER, OPERATOR_GT, V(REAL(400.5)), EXACT("[\"page_to_status_code\",\">\",400]")},
  {NUMBER, OPERATOR_GT, V(REAL(-0.5)), EXACT("[\"page_to_status_code\",\">\",-1]")},
  {NUMBER, OPERATOR_GT, V(TEXT("abc")), IMPOSSIBLE},
  {NUMBER, OPERATOR_GT, V(BLOB), IMPOSSIBLE},
  {NUMBER, OPERATOR_GT, V(NONE), IMPOSSIBLE},
  {NUMBER, OPERATOR_GT, V(REAL(-1e300)), LOCAL},
  {NUMBER, OPERATOR_GT, V(REAL(1e300)), IMPOSSIBLE},
  {NUMBER, OPERATOR_GE, V(INT(400)), EXACT("[\"page_to_status_code\",\">=\",400]")},
  {NUMBER, OPERATOR_GE, V(REAL(400.5)), EXACT("[\"page_to_status_code\",\">\",400]")},
  {NUMBER, OPERATOR_GE, V(INT(INT64_MIN)), LOCAL},
  {NUMBER, OPERATOR_IN, LIST(2, INT(404), INT(410)), EXACT("[\"page_to_status_code\",\"in\",[404,410]]")},
  {NUMBER, OPERATOR_IN, LIST(5, INT(404), NONE, REAL(1.5), TEXT("x"), BLOB), EXACT("[\"page_to_status_code\",\"in\",[404]]")},
  {NUMBER, OPERATOR_IN, LIST(2, INT(404), INT(INT64_MAX)), LOCAL},
  {NUMBER, OPERATOR_IN, LIST(2, INT(404), REAL(1e300)), EXACT("[\"page_to_status_code\",\"in\",[404]]")},
  {NUMBER, OPERATOR_IN, LIST(2, NONE, TEXT("x")), IMPOSSIBLE},
  {NUMBER, OPERATOR_IN, 0, {NONE}, IMPOSSIBLE},
  {NUMBER, OPERATOR_IS, V(INT(404)), EXACT("[\"page_to_status_code\",\"=\",404]")},
  {NUMBER, OPERATOR_IS, V(NONE), LOCAL},
  {NUMBER, OPERATOR_IS, V(TEXT("abc")), IMPOSSIBLE},
  {NUMBER, OPERATOR_IS_NOT, V(INT(404)), LOCAL},
  {NUMBER, OPERATOR_IS_NULL, V(NONE), LOCAL},
  {NUMBER, OPERATOR_IS_NOT_NULL, V(NONE), LOCAL},
  {NUMBER, OPERATOR_LIKE, V(TEXT("4%")), LOCAL},
  {NUMBER, OPERATOR_GLOB, V(TEXT("4*")), LOCAL},
  {NUMBER, OPERATOR_NOT_LIKE, V(TEXT("4%")), LOCAL},
  {NUMBER, OPERATOR_REGEX, V(TEXT("4..")), LOCAL},
  {NUMBER, OPERATOR_NOT_REGEX, V(TEXT("4..")), LOCAL},
  {NUMBER, OPERATOR_HAS, V(TEXT("4")), LOCAL},

  /* Texts: only expressions are sure to be case-sensitive. */
  {STRING, OPERATOR_EQ, V(TEXT("https://a.b/\xC3\xA9?q=\"1\"&\\x")),
   SUPERSET("[\"link_to\",\"=\",\"https://a.b/\xC3\xA9?q=\\\"1\\\"&\\\\x\"]")},
  {STRING, OPERATOR_EQ, V(TEXT("a.b")), EXACT_IF_WANTED("[\"link_to\",\"regex\",\"^a\\\\.b$\"]")},
  {STRING, OPERATOR_EQ, V(TEXT("404")), SUPERSET("[\"link_to\",\"=\",\"404\"]")},
  {STRING, OPERATOR_EQ, V(INT(404)), LOCAL}, /* whether it equals '404' depends on its source's affinity */
  {STRING, OPERATOR_EQ, V(REAL(1.5)), LOCAL},
  {STRING, OPERATOR_EQ, V(TEXT("a\0b")), LOCAL},
  {STRING, OPERATOR_EQ, V(TEXT("a\0b")), PRECISION_LOCAL, NULL, EXACTLY},
  {STRING, OPERATOR_EQ, V(TEXT("\xC3")), LOCAL},
  {STRING, OPERATOR_EQ, V(TEXT("\xED\xA0\x80")), LOCAL},
  {STRING, OPERATOR_EQ, V(BLOB), IMPOSSIBLE},
  {STRING, OPERATOR_EQ, V(NONE), IMPOSSIBLE},
  {STRING, OPERATOR_NE, V(TEXT("a.b")), SUPERSET("[\"link_to\",\"not_regex\",\"^a\\\\.b$\"]")},
  {STRING, OPERATOR_NE, V(TEXT("")), SUPERSET("[\"link_to\",\"not_regex\",\"^$\"]")},
  {STRING, OPERATOR_NE, V(BLOB), LOCAL},
  {STRING, OPERATOR_NE, V(INT(1)), LOCAL},
  {STRING, OPERATOR_NE, V(TEXT("a\0b")), LOCAL},
  {STRING, OPERATOR_NE, V(NONE), IMPOSSIBLE},
  {STRING, OPERATOR_LT, V(TEXT("a")), LOCAL},
  {STRING, OPERATOR_LE, V(TEXT("a")), LOCAL},
  {STRING, OPERATOR_GT, V(TEXT("a")), LOCAL},
  {STRING, OPERATOR_GE, V(TEXT("a")), LOCAL},
  {STRING, OPERATOR_IN, LIST(2, TEXT("a"), TEXT("b.c")), SUPERSET("[\"link_to\",\"in\",[\"a\",\"b.c\"]]")},
  {STRING, OPERATOR_IN, LIST(2, TEXT("a"), TEXT("b.c")), EXACT_IF_WANTED("[\"link_to\",\"regex\",\"^(?:a|b\\\\.c)$\"]")},
  {STRING, OPERATOR_IN, LIST(2, TEXT("a"), TEXT("b.c")), PRECISION_EXACT,
   "[\"link_to\",\"regex\",\"^(?:a|b\\\\.c)$\"]", NO_IN},
  {STRING, OPERATOR_IN, LIST(3, NONE, TEXT("a"), BLOB), SUPERSET("[\"link_to\",\"in\",[\"a\"]]")},
  {STRING, OPERATOR_IN, LIST(2, TEXT("a"), INT(5)), LOCAL},
  {STRING, OPERATOR_IN, LIST(2, TEXT("a"), TEXT("\0")), LOCAL},
  {STRING, OPERATOR_IN, LIST(2, NONE, BLOB), IMPOSSIBLE},
  {STRING, OPERATOR_IN, 0, {NONE}, IMPOSSIBLE},
  {STRING, OPERATOR_IS, V(TEXT("a")), SUPERSET("[\"link_to\",\"=\",\"a\"]")},
  {STRING, OPERATOR_IS, V(TEXT("a")), EXACT_IF_WANTED("[\"link_to\",\"regex\",\"^a$\"]")},
  {STRING, OPERATOR_IS, V(NONE), LOCAL},
  {STRING, OPERATOR_IS, V(BLOB), IMPOSSIBLE},
  {STRING, OPERATOR_IS_NOT, V(TEXT("a")), LOCAL},
  {STRING, OPERATOR_IS_NULL, V(NONE), LOCAL},
  {STRING, OPERATOR_IS_NOT_NULL, V(NONE), LOCAL},
  {STRING, OPERATOR_LIKE, V(TEXT("A_%")), SUPERSET("[\"link_to\",\"regex\",\"(?is)^A..*$\"]")},
  {STRING, OPERATOR_LIKE, V(TEXT("a")), SUPERSET("[\"link_to\",\"regex\",\"(?is)^a(?:\\\\x00.*)?$\"]")},
  {STRING, OPERATOR_LIKE, V(INT(5)), LOCAL},
  {STRING, OPERATOR_LIKE, V(BLOB), LOCAL},
  {STRING, OPERATOR_LIKE, V(TEXT("a\0%")), LOCAL},
  {STRING, OPERATOR_LIKE, V(NONE), IMPOSSIBLE},
  {STRING, OPERATOR_GLOB, V(TEXT("[a-c]?*")), SUPERSET("[\"link_to\",\"regex\",\"(?s)^[\\\\x{61}-\\\\x{63}]..*$\"]")},
  {STRING, OPERATOR_GLOB, V(TEXT("a[b")), LOCAL},
  {STRING, OPERATOR_GLOB, V(NONE), IMPOSSIBLE},
  {STRING, OPERATOR_REGEX, V(TEXT("^a.c$")), EXACT("[\"link_to\",\"regex\",\"^(?s:.*)(?:^a.c$)(?s:.*)$\"]")},
  {STRING, OPERATOR_REGEX, V(NONE), IMPOSSIBLE},
  {STRING, OPERATOR_NOT_REGEX, V(TEXT("a")), SUPERSET("[\"link_to\",\"not_regex\",\"^(?s:.*)(?:a)(?s:.*)$\"]")},
  {STRING, OPERATOR_NOT_LIKE, V(TEXT("aB.1")), SUPERSET("[\"link_to\",\"not_regex\",\"(?s)^[aA][bB]\\\\.1$\"]")},
  {STRING, OPERATOR_NOT_LIKE, V(INT(1)), LOCAL},
  {STRING, OPERATOR_HAS, V(TEXT("a")), LOCAL},

  /* Arrays: `has` may match more than the member, never less. */
  {ARRAY, OPERATOR_EQ, V(TEXT("[\"nofollow\"]")), SUPERSET("[\"link_attribute\",\"has\",\"nofollow\"]")},
  {ARRAY, OPERATOR_EQ, V(TEXT("[\"nofollow\",\"ugc\"]")), SUPERSET("[\"link_attribute\",\"has\",\"nofollow\"]")},
  {ARRAY, OPERATOR_EQ, V(TEXT("[]")), LOCAL},
  {ARRAY, OPERATOR_EQ, V(TEXT("[\"\"]")), LOCAL},
  {ARRAY, OPERATOR_EQ, V(TEXT("[\"a\\\"b\"]")), LOCAL},
  {ARRAY, OPERATOR_EQ, V(TEXT("[\"a\"")), LOCAL},
  {ARRAY, OPERATOR_EQ, V(TEXT("[\"a")), LOCAL},
  {ARRAY, OPERATOR_EQ, V(TEXT("[\"")), LOCAL},
  {ARRAY, OPERATOR_EQ, V(TEXT("")), LOCAL},
  {ARRAY, OPERATOR_EQ, V(TEXT("nofollow")), LOCAL},
  {ARRAY, OPERATOR_EQ, V(TEXT("[1,\"a\"]")), LOCAL},
  {ARRAY, OPERATOR_EQ, V(NONE), IMPOSSIBLE},
  {ARRAY, OPERATOR_IS, V(TEXT("[\"nofollow\"]")), SUPERSET("[\"link_attribute\",\"has\",\"nofollow\"]")},
  {ARRAY, OPERATOR_IS, V(NONE), LOCAL},
  {ARRAY, OPERATOR_NE, V(TEXT("[\"nofollow\"]")), LOCAL},
  {ARRAY, OPERATOR_LT, V(TEXT("[")), LOCAL},
  {ARRAY, OPERATOR_LE, V(TEXT("[")), LOCAL},
  {ARRAY, OPERATOR_GT, V(TEXT("[")), LOCAL},
  {ARRAY, OPERATOR_GE, V(TEXT("[")), LOCAL},
  {ARRAY, OPERATOR_IN, V(TEXT("[\"nofollow\"]")), LOCAL},
  {ARRAY, OPERATOR_IS_NOT, V(TEXT("[]")), LOCAL},
  {ARRAY, OPERATOR_IS_NULL, V(NONE), LOCAL},
  {ARRAY, OPERATOR_IS_NOT_NULL, V(NONE), LOCAL},
  {ARRAY, OPERATOR_LIKE, V(TEXT("%nofollow%")), LOCAL},
  {ARRAY, OPERATOR_GLOB, V(TEXT("*nofollow*")), LOCAL},
  {ARRAY, OPERATOR_NOT_LIKE, V(TEXT("%nofollow%")), LOCAL},
  {ARRAY, OPERATOR_REGEX, V(TEXT("nofollow")), LOCAL},
  {ARRAY, OPERATOR_NOT_REGEX, V(TEXT("nofollow")), LOCAL},
  {ARRAY, OPERATOR_HAS, V(TEXT("no\"follow")), SUPERSET("[\"link_attribute\",\"has\",\"no\\\"follow\"]")},
  {ARRAY, OPERATOR_HAS, V(INT(1)), LOCAL},
  {ARRAY, OPERATOR_HAS, V(NONE), IMPOSSIBLE},
};
/* clang-format on */

static int translate(const struct term *term, int flags, enum precision *precision, struct condition *condition) {
  const struct translation translation = {
      .endpoint = &endpoint_links, .want_exact = (flags & EXACTLY) != 0, .no_text_in = (flags & NO_IN) != 0};
  return pushdown_translate(&translation, term, precision, condition, &error);
}

static void test_each_row_sends_its_body(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(rows); i++) {
    const struct row *row = &rows[i];
    const struct term term = {.column = endpoint_column(&endpoint_links, row->column),
                              .op = row->op,
                              .values = (struct value *)row->values,
                              .value_count = row->count};
    struct condition condition;
    enum precision precision;
    assert_int_equal(translate(&term, row->flags, &precision, &condition), 0);
    if (precision != row->precision)
      fail_msg("row %zu, %s %s: precision %d instead of %d", i, row->column, operator_text(row->op), precision, row->precision);
    if (row->condition == NULL) continue;
    assert_ptr_equal(condition.term, &term);
    assert_int_equal(condition.exact, precision == PRECISION_EXACT);
    char *json = sent(&condition);
    assert_string_equal(json, row->condition);
    free(json);
    condition_release(&condition);
  }
}

static void test_the_table_has_every_cell(void **state) {
  bool seen[CLASS_COUNT][OPERATOR_COUNT] = {{false}};
  (void)state;
  for (size_t i = 0; i < LENGTH(rows); i++)
    seen[endpoint_links.columns[endpoint_column(&endpoint_links, rows[i].column)].class][rows[i].op] = true;
  for (int class = 0; class < CLASS_COUNT; class++)
    for (int op = 0; op < OPERATOR_COUNT; op++)
      if (!seen[class][op]) fail_msg("no row for class %d and %s", class, operator_text((enum sql_operator)op));
}

/* A text that is too long for an expression is sent in another encoding, or not at all. */
static void test_long_texts(void **state) {
  static const char thousand[] = TEN(TEN(TEN("a")));
  static const struct {
    enum sql_operator op;
    size_t size;
    int flags;
    enum precision precision;
  } cases[] = {
      {OPERATOR_EQ, 998, EXACTLY, PRECISION_EXACT}, /* with ^ and $: 1,000 characters */
      {OPERATOR_EQ, 999, EXACTLY, PRECISION_SUPERSET}, {OPERATOR_NE, 998, 0, PRECISION_SUPERSET},
      {OPERATOR_NE, 999, 0, PRECISION_LOCAL},          {OPERATOR_LIKE, 1000, 0, PRECISION_LOCAL},
      {OPERATOR_REGEX, 1000, 0, PRECISION_LOCAL},      {OPERATOR_IN, 1000, 0, PRECISION_SUPERSET},
      {OPERATOR_IN, 1000, NO_IN, PRECISION_LOCAL},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct value value = {.type = VALUE_TEXT, .text = thousand, .size = cases[i].size};
    const struct term term = {endpoint_column(&endpoint_links, STRING), cases[i].op, &value, 1, false};
    struct condition condition;
    enum precision precision;
    assert_int_equal(translate(&term, cases[i].flags, &precision, &condition), 0);
    assert_int_equal(precision, cases[i].precision);
    if (precision != PRECISION_LOCAL) condition_release(&condition);
  }
}

/* ---- Cells without a value ---- */

static void test_the_best_is_never_exceeded(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(rows); i++) {
    const struct column *column = &endpoint_links.columns[endpoint_column(&endpoint_links, rows[i].column)];
    if (rows[i].precision != PRECISION_IMPOSSIBLE) assert_true(rows[i].precision <= pushdown_best(column, rows[i].op));
  }
  /* Only fields of an item can be filtered by. */
  for (int c = 0; c < endpoint_links.column_count; c++)
    for (int op = 0; op < OPERATOR_COUNT; op++)
      if (endpoint_links.columns[c].role != COLUMN_FIELD)
        assert_int_equal(pushdown_best(&endpoint_links.columns[c], (enum sql_operator)op), PRECISION_LOCAL);
}

static void test_selectivities_are_fractions(void **state) {
  (void)state;
  for (int c = 0; c < endpoint_links.column_count; c++)
    for (int op = 0; op < OPERATOR_COUNT; op++) {
      double selectivity = pushdown_selectivity(&endpoint_links.columns[c], (enum sql_operator)op);
      assert_true(selectivity > 0 && selectivity <= 1);
    }
}

static void test_members_of_a_list(void **state) {
  struct value list[] = {INT(1), TEXT("a")};
  const struct condition condition = {.list = list, .list_size = LENGTH(list)};
  static const struct {
    struct value value;
    bool member;
  } cases[] = {{INT(1), true}, {INT(2), false}, {TEXT("a"), true}, {TEXT("A"), false}, {TEXT("a\0"), false}, {NONE, false}};
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    assert_int_equal(condition_has_member(&condition, &cases[i].value), cases[i].member);
}

/* For terms that only the API evaluates, term_holds is false for null alone. Collation matters where texts are compared. */
static void test_meaning_without_a_comparison(void **state) {
  struct value pattern = TEXT("a");
  const struct value null = NONE, text = TEXT("zzz");
  (void)state;
  for (int op = 0; op < OPERATOR_COUNT; op++) {
    const struct term term = {endpoint_column(&endpoint_links, STRING), (enum sql_operator)op, &pattern, 1, false};
    const struct column *column = &endpoint_links.columns[term.column];
    if (operator_is_api_only(term.op) || op == OPERATOR_IS_NOT_NULL) {
      assert_true(term_holds(&endpoint_links, &term, &text));
      assert_false(term_holds(&endpoint_links, &term, &null));
    }
    assert_int_equal(pushdown_needs_binary(column, term.op), op <= OPERATOR_IS_NOT);
    assert_false(pushdown_needs_binary(&endpoint_links.columns[endpoint_column(&endpoint_links, NUMBER)], term.op));
    if (operator_is_api_only(term.op)) assert_true(operator_is_function(term.op));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_row_sends_its_body),
      cmocka_unit_test(test_the_table_has_every_cell),
      cmocka_unit_test(test_long_texts),
      cmocka_unit_test(test_the_best_is_never_exceeded),
      cmocka_unit_test(test_selectivities_are_fractions),
      cmocka_unit_test(test_members_of_a_list),
      cmocka_unit_test(test_meaning_without_a_comparison),
  };
  return cmocka_run_group_tests_name("pushdown", tests, NULL, NULL);
}
