/*
** Terms: operators, copies, and comparisons as SQLite makes them.
*/
#include "plan/term.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

static const struct {
  const char *text;
  bool function;
  bool api_only;
  bool auxiliary;
  double selectivity;
} operators[OPERATOR_COUNT] = {
    [OPERATOR_EQ] = {"=", false, false, false, 0},
    [OPERATOR_NE] = {"<>", false, false, true, 0.9},
    [OPERATOR_LT] = {"<", false, false, false, 0.3},
    [OPERATOR_LE] = {"<=", false, false, false, 0.3},
    [OPERATOR_GT] = {">", false, false, false, 0.3},
    [OPERATOR_GE] = {">=", false, false, false, 0.3},
    [OPERATOR_IN] = {"IN", false, false, false, 0.15},
    [OPERATOR_IS] = {"IS", false, false, false, 0},
    [OPERATOR_IS_NOT] = {"IS NOT", false, false, true, 0.9},
    [OPERATOR_IS_NULL] = {"IS NULL", false, false, false, 0.5},
    [OPERATOR_IS_NOT_NULL] = {"IS NOT NULL", false, false, true, 0.8},
    [OPERATOR_LIKE] = {"LIKE", false, false, true, 0.1},
    [OPERATOR_GLOB] = {"GLOB", false, false, true, 0.1},
    [OPERATOR_NOT_LIKE] = {"not_like", true, false, true, 0.9},
    [OPERATOR_REGEX] = {"regex", true, true, true, 0.1},
    [OPERATOR_NOT_REGEX] = {"not_regex", true, true, true, 0.9},
    [OPERATOR_HAS] = {"has", true, false, true, 0.1},
};

const char *operator_text(enum sql_operator op) {
  return operators[op].text;
}

bool operator_is_function(enum sql_operator op) {
  return operators[op].function;
}

bool operator_is_api_only(enum sql_operator op) {
  return operators[op].api_only;
}

bool operator_is_auxiliary(enum sql_operator op) {
  return operators[op].auxiliary;
}

double operator_selectivity(enum sql_operator op) {
  return operators[op].selectivity;
}

void term_release(struct term *term) {
  for (size_t i = 0; i < term->value_count; i++) free((char *)term->values[i].text);
  free(term->values);
  *term = (struct term){0};
}

int term_copy(const struct term *term, struct term *copy, struct error *error) {
  struct term made = *term;
  made.value_count = 0;
  made.values = calloc(term->value_count + 1, sizeof *made.values);
  if (made.values == NULL) return error_no_memory(error);
  for (; made.value_count < term->value_count; made.value_count++) {
    struct value *value = &made.values[made.value_count];
    *value = term->values[made.value_count];
    if (value->text == NULL) continue;
    char *text = malloc(value->size + 1);
    if (text == NULL) {
      term_release(&made);
      return error_no_memory(error);
    }
    memcpy(text, value->text, value->size);
    text[value->size] = '\0';
    value->text = text;
  }
  *copy = made;
  return 0;
}

/* ---- Comparisons as SQLite makes them ---- */

bool integer_holds(int64_t left, enum sql_operator op, const struct value *right) {
  if (right->type == VALUE_NULL) return op == OPERATOR_IS_NOT;
  int order = value_compare_integer(left, right);
  switch (op) {
    case OPERATOR_EQ:
    case OPERATOR_IN:
    case OPERATOR_IS: return order == 0;
    case OPERATOR_NE:
    case OPERATOR_IS_NOT: return order != 0;
    case OPERATOR_LT: return order < 0;
    case OPERATOR_LE: return order <= 0;
    case OPERATOR_GT: return order > 0;
    case OPERATOR_GE: return order >= 0;
    default: return false;
  }
}

/* Appends the digits at the start of the text to *number; returns what follows them. */
static const char *read_digits(const char *text, double *number) {
  for (; ascii_is_digit(*text); text++) *number = *number * 10 + (*text - '0');
  return text;
}

/* Whether numeric affinity makes the text a number. *exact is false if the arithmetic was rounded, so that *number may not be the
** nearest double. (strtod depends on the locale.) */
static bool is_number_text(const struct value *value, double *number, bool *exact) {
  static const char blanks[] = " \t\n\v\f\r";
  const char *at = value->text + strspn(value->text, blanks);
  bool negative = *at == '-';
  double exponent = 0;
  double whole = 0;
  if (*at == '+' || negative) at++;
  const char *start = at;
  at = read_digits(at, &whole);
  ptrdiff_t digits = at - start;
  if (*at == '.') {
    const char *fraction = read_digits(at + 1, &whole);
    digits += fraction - at - 1;
    exponent = (double)(at + 1 - fraction);
    at = fraction;
  }
  if (digits > 0 && (*at == 'e' || *at == 'E')) {
    double scale = 0;
    const char *power = at + 1 + (at[1] == '+' || at[1] == '-');
    const char *end = read_digits(power, &scale);
    exponent += at[1] == '-' ? -scale : scale;
    if (end > power) at = end;
  }
  *exact = whole < 0x1p53 && fabs(exponent) <= 22; /* integers and powers of ten that a double holds */
  double scaled = exponent < 0 ? whole / pow(10, -exponent) : whole * pow(10, exponent);
  *number = negative ? -scaled : scaled;
  at += strspn(at, blanks);
  return digits > 0 && at == value->text + value->size;
}

/* Whether the text is an integer as SQLite writes it. */
static bool is_integer_text(const struct value *value, int64_t *integer) {
  char digits[24];
  if (value->size >= sizeof digits) return false;
  *integer = strtoll(value->text, NULL, 10);
  snprintf(digits, sizeof digits, "%lld", (long long)*integer);
  return value_is_text(value, digits, strlen(digits));
}

/* Whether the value is in the term's list. If the list of a text column has numbers, SQLite compares texts that look like numbers
** as numbers. */
static bool is_listed(const struct term *term, const struct value *value) {
  struct value number = {.type = VALUE_INTEGER};
  bool exact = true;
  if (value_is_among(term->values, term->value_count, value)) return value->type != VALUE_NULL;
  if (value->type != VALUE_TEXT || term->value_count == 0 || term->values[0].type >= VALUE_TEXT) return false;
  if (!is_integer_text(value, &number.integer)) {
    number.type = VALUE_REAL;
    if (!is_number_text(value, &number.real, &exact)) return false;
  }
  return exact && value_is_among(term->values, term->value_count, &number);
}

bool term_holds(const struct endpoint *endpoint, const struct term *term, const struct value *value) {
  enum sql_operator op = term->op;
  if (op == OPERATOR_IS_NULL) return value->type == VALUE_NULL;
  if (op == OPERATOR_IS_NOT_NULL || operator_is_api_only(op)) return value->type != VALUE_NULL;
  if (op == OPERATOR_IN) return is_listed(term, value);
  const struct value *right = &term->values[0];
  if (value->type == VALUE_NULL || right->type == VALUE_NULL) {
    bool same = value->type == right->type;
    return (op == OPERATOR_IS && same) || (op == OPERATOR_IS_NOT && !same);
  }
  if (column_is_numeric(&endpoint->columns[term->column])) return integer_holds(value->integer, op, right);
  bool equal = right->type == VALUE_TEXT && value_is_text(value, right->text, right->size);
  return equal != (op == OPERATOR_NE || op == OPERATOR_IS_NOT);
}

bool term_is_undecided(const struct endpoint *endpoint, const struct term *term, const struct value *value) {
  int64_t integer;
  double number;
  bool exact;
  if (term->op != OPERATOR_IN || value->type != VALUE_TEXT || column_is_numeric(&endpoint->columns[term->column])) return false;
  if (is_integer_text(value, &integer) || !is_number_text(value, &number, &exact) || exact) return false;
  for (size_t i = 0; i < term->value_count && term->values[i].type < VALUE_TEXT; i++) {
    const struct value *member = &term->values[i];
    double other = member->type == VALUE_INTEGER ? (double)member->integer : member->real;
    if (value_is_number(member) && !(fabs(other - number) > 1e-9 * fabs(other))) return true;
  }
  return false;
}

int term_refuse_undecided(const struct endpoint *endpoint, const struct term *term, struct error *error) {
  return error_set(error, "%s IN (…) compares a text of many digits with a number: make the numbers of the list texts",
                   endpoint->columns[term->column].name);
}
