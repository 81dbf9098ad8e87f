/*
** The law of the push-down matrix: no condition drops a row that SQLite keeps, and an exact one keeps no other. Conditions and
** term_holds are compared with a model of SQLite's comparisons and a model of the API in all its readings, for values that
** include the limits of 64-bit integers and of a double's 53 bits.
**
** In the model of SQLite each value has a rank written by hand, so that it doesn't repeat a mistake of the code.
*/
#include "plan/pushdown.h"

#include <math.h>

#include "../unit.h"

/* Columns of each class that compares. */
#define BOOL "dofollow"
#define NUMBER "page_to_status_code"
#define STRING "link_to"

enum { EXACTLY = 1, NO_IN = 2 }; /* want_exact, no_text_in */

static struct error error;

static int translate(const struct term *term, int flags, enum precision *precision, struct condition *condition) {
  const struct translation translation = {
      .endpoint = &endpoint_links, .want_exact = (flags & EXACTLY) != 0, .no_text_in = (flags & NO_IN) != 0};
  return pushdown_translate(&translation, term, precision, condition, &error);
}

/* ---- Numbers ---- */

/* In SQLite's order; equal values have equal ranks. */
static const struct ranked {
  int rank;
  struct value value;
} ranked[] = {
    {-1, NONE},
    {0, REAL(-INFINITY)},
    {1, REAL(-1e300)},
    {2, INT(INT64_MIN)},
    {2, REAL(-9223372036854775808.0)},
    {3, INT(-TWO_53 - 1)},
    {4, INT(-TWO_53)},
    {4, REAL(-9007199254740992.0)},
    {5, INT(-1)},
    {5, REAL(-1.0)},
    {6, REAL(-0.5)},
    {7, INT(0)},
    {7, REAL(-0.0)},
    {8, REAL(5e-324)},
    {9, INT(1)},
    {9, REAL(1.0)},
    {10, REAL(1.5)},
    {11, INT(2)},
    {12, INT(404)},
    {12, REAL(404.0)},
    {13, REAL(404.5)},
    {14, INT(405)},
    {15, INT(TWO_53 - 1)},
    {16, INT(TWO_53)},
    {16, REAL(9007199254740992.0)},
    {17, INT(TWO_53 + 1)},
    {18, INT(TWO_53 + 2)},
    {18, REAL(9007199254740994.0)},
    {19, REAL(9223372036854774784.0)},
    {20, INT(INT64_MAX)},
    {21, REAL(9223372036854775808.0)},
    {22, REAL(1e300)},
    {23, REAL(INFINITY)},
    {24, TEXT("")},
    {25, TEXT("abc")},
    {26, BLOB},
};

/* `left op right` in SQL. */
static bool sql_holds(int left, enum sql_operator op, int right) {
  if (op == OPERATOR_IS) return left == right;
  if (op == OPERATOR_IS_NOT) return left != right;
  if (left < 0 || right < 0) return false;
  switch (op) {
    case OPERATOR_EQ:
    case OPERATOR_IN: return left == right;
    case OPERATOR_NE: return left != right;
    case OPERATOR_LT: return left < right;
    case OPERATOR_LE: return left <= right;
    case OPERATOR_GT: return left > right;
    case OPERATOR_GE: return left >= right;
    default: fail(); return false;
  }
}

/* Whether the API's condition keeps a number, an integer that JSON parsers don't round; keeps_null: of `<>`. */
static bool api_holds(const struct condition *condition, const struct value *left, bool keeps_null) {
  int64_t number = left->integer;
  if (left->type == VALUE_NULL) return keeps_null && condition->op == API_NE;
  switch (condition->op) {
    case API_EQ: return number == condition->integer;
    case API_NE: return number != condition->integer;
    case API_LT: return number < condition->integer;
    case API_LE: return number <= condition->integer;
    case API_GT: return number > condition->integer;
    case API_GE: return number >= condition->integer;
    case API_IN:
      for (size_t i = 0; i < condition->list_size; i++)
        if (condition->list[i].integer == number) return true;
      return false;
    default: fail(); return false;
  }
}

/* The law for one precision: whether SQL's and the API's results for a row are allowed together. */
static bool agrees(enum precision precision, bool sql, bool api) {
  return (precision == PRECISION_EXACT && sql == api) || (precision == PRECISION_SUPERSET && (api || !sql)) ||
         (precision == PRECISION_IMPOSSIBLE && !sql) || precision == PRECISION_LOCAL;
}

/* Compares one term with the models, for every value of the column; and term_holds with that of SQLite. */
static void check_number(const char *column, enum sql_operator op, const size_t *members, size_t count) {
  bool boolean = strcmp(column, BOOL) == 0;
  struct value values[4] = {0};
  for (size_t i = 0; i < count; i++) values[i] = ranked[members[i]].value;
  qsort(values, count, sizeof *values, value_order);
  const struct term term = {endpoint_column(&endpoint_links, column), op, values, count, false};
  struct condition condition = {0};
  enum precision precision;
  assert_int_equal(translate(&term, 0, &precision, &condition), 0);
  for (size_t i = 0; i < LENGTH(ranked); i++) {
    const struct value *left = &ranked[i].value;
    bool sql = false;
    if (left->type != VALUE_NULL && left->type != VALUE_INTEGER) continue;
    if (boolean && left->type == VALUE_INTEGER && left->integer != 0 && left->integer != 1) continue;
    for (size_t j = 0; j < count; j++) sql = sql || sql_holds(ranked[i].rank, op, ranked[members[j]].rank);
    if (term_holds(&endpoint_links, &term, left) != sql)
      fail_msg("term_holds(%s, %s) is wrong for %zu against %zu", column, operator_text(op), i, members[0]);
    for (int keeps_null = 0; keeps_null < 2; keeps_null++) {
      bool sends = precision == PRECISION_EXACT || precision == PRECISION_SUPERSET;
      bool api = sends && api_holds(&condition, left, keeps_null != 0);
      if (!agrees(precision, sql, api))
        fail_msg("%s %s: precision %d is wrong for %zu against %zu", column, operator_text(op), precision, i, members[0]);
    }
  }
  condition_release(&condition);
}

static void test_numbers_hold_to_the_law(void **state) {
  static const enum sql_operator operators[] = {OPERATOR_EQ, OPERATOR_NE, OPERATOR_LT, OPERATOR_LE,
                                                OPERATOR_GT, OPERATOR_GE, OPERATOR_IS, OPERATOR_IS_NOT};
  static const char *const columns[] = {BOOL, NUMBER};
  (void)state;
  for (size_t c = 0; c < LENGTH(columns); c++) {
    for (size_t o = 0; o < LENGTH(operators); o++)
      for (size_t i = 0; i < LENGTH(ranked); i++) check_number(columns[c], operators[o], &i, 1);
    /* Lists of two, and of three with the list's middle. */
    for (size_t i = 0; i < LENGTH(ranked); i++)
      for (size_t j = 0; j < LENGTH(ranked); j++) {
        const size_t members[] = {i, j, LENGTH(ranked) / 2};
        check_number(columns[c], OPERATOR_IN, members, 2);
        check_number(columns[c], OPERATOR_IN, members, 3);
      }
  }
}

/* ---- Texts ---- */

static const struct value texts[] = {
    NONE,         TEXT(""),         TEXT("a"),        TEXT("A"),           TEXT("aa"),    TEXT("internal"), TEXT("Internal"),
    TEXT("a.b"),  TEXT("axb"),      TEXT("a|b"),      TEXT("^a$"),         TEXT("a\\b"),  TEXT("(a)"),      TEXT("[a]{2}+*?"),
    TEXT("a\nb"), TEXT("\xC3\xA9"), TEXT("\xC3\x89"), TEXT("a\0internal"), TEXT("a\xFF"), TEXT("404"),
};

static bool texts_equal(const struct value *left, const char *right, size_t size, bool fold) {
  if (left->type != VALUE_TEXT || left->size != size) return false;
  for (size_t i = 0; i < size; i++) {
    unsigned char l = (unsigned char)left->text[i];
    unsigned char r = (unsigned char)right[i];
    if (fold && l >= 'A' && l <= 'Z') l = (unsigned char)(l + 32);
    if (fold && r >= 'A' && r <= 'Z') r = (unsigned char)(r + 32);
    if (l != r) return false;
  }
  return true;
}

/* Whether ^literal$ or ^(?:literal|literal)$ matches the text: each is unescaped and compared. */
static bool literals_match(const char *expression, const struct value *left) {
  bool group = strncmp(expression, "^(?:", 4) == 0;
  const char *rest = expression + (group ? 4 : 1);
  const char *end = expression + strlen(expression) - (group ? 2 : 1);
  char literal[64];
  size_t size = 0;
  bool found = false;
  assert_string_equal(end, group ? ")$" : "$");
  for (; rest <= end; rest++) {
    if (rest == end || *rest == '|') {
      found = found || texts_equal(left, literal, size, false);
      size = 0;
      continue;
    }
    if (*rest == '\\') rest++;
    assert_true(size < sizeof literal);
    literal[size++] = *rest;
  }
  return found;
}

/* readings: 1 if comparisons ignore case, 2 if the not_ operators keep nulls */
static bool api_text_holds(const struct condition *condition, const struct value *left, int readings) {
  bool fold = (readings & 1) != 0;
  switch (condition->op) {
    case API_EQ: return texts_equal(left, condition->text, strlen(condition->text), fold);
    case API_REGEX: return left->type == VALUE_TEXT && literals_match(condition->text, left);
    case API_NOT_REGEX: return left->type == VALUE_NULL ? (readings & 2) != 0 : !literals_match(condition->text, left);
    case API_IN:
      for (size_t i = 0; i < condition->list_size; i++)
        if (texts_equal(left, condition->list[i].text, condition->list[i].size, fold)) return true;
      return false;
    default: fail(); return false;
  }
}

static bool sql_text_holds(const struct value *left, enum sql_operator op, const struct value *right) {
  bool nulls = left->type == VALUE_NULL || right->type == VALUE_NULL;
  bool equal = left->type == right->type && (nulls || texts_equal(left, right->text, right->size, false));
  if (op == OPERATOR_IS) return equal;
  if (op == OPERATOR_IS_NOT) return !equal;
  return !nulls && equal == (op != OPERATOR_NE);
}

static void check_text(const char *column, enum sql_operator op, const struct value *values, size_t count, int flags) {
  const struct term term = {endpoint_column(&endpoint_links, column), op, (struct value *)values, count, false};
  bool text_only = true;
  struct condition condition = {0};
  enum precision precision;
  assert_int_equal(translate(&term, flags, &precision, &condition), 0);
  for (size_t i = 0; i < count; i++) text_only = text_only && values[i].type == VALUE_TEXT;
  for (size_t i = 0; i < LENGTH(texts); i++) {
    bool sql = false;
    for (size_t j = 0; j < count; j++) sql = sql || sql_text_holds(&texts[i], op, &values[j]);
    if (pushdown_checkable(&endpoint_links.columns[term.column], op, text_only))
      assert_int_equal(term_holds(&endpoint_links, &term, &texts[i]), sql);
    for (int readings = 0; readings < 4; readings++) {
      bool sends = precision == PRECISION_EXACT || precision == PRECISION_SUPERSET;
      if (!agrees(precision, sql, sends && api_text_holds(&condition, &texts[i], readings)))
        fail_msg("%s %s, flags %d: precision %d is wrong for text %zu", column, operator_text(op), flags, precision, i);
    }
  }
  condition_release(&condition);
}

static void test_texts_hold_to_the_law(void **state) {
  static const enum sql_operator operators[] = {OPERATOR_EQ, OPERATOR_NE, OPERATOR_IS, OPERATOR_IS_NOT};
  (void)state;
  for (size_t i = 0; i < LENGTH(texts); i++)
    for (int flags = 0; flags < 4; flags++) {
      for (size_t o = 0; o < LENGTH(operators); o++) check_text(STRING, operators[o], &texts[i], 1, flags);
      for (size_t j = 0; j < LENGTH(texts); j++) {
        struct value members[] = {texts[i], texts[j]};
        qsort(members, 2, sizeof *members, value_order);
        check_text(STRING, OPERATOR_IN, members, 2, flags);
      }
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_numbers_hold_to_the_law),
      cmocka_unit_test(test_texts_hold_to_the_law),
  };
  return cmocka_run_group_tests_name("pushdown law", tests, NULL, NULL);
}
