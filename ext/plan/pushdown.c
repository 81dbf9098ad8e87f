/*
** The push-down matrix and the meaning of its cells.
**
** A cell (class of column, op) lists the ways in which the term can be said to the API, in order of preference, each with
** its precision and the argument for it beside the function that says it. The first way that fits the value is taken; if none
** does, the term is local. What the API leaves unknown, and each argument has to survive: case in = <> in like; whether <> and
** the not_ operators keep nulls; whether null can be compared; whether `in` takes strings; whether a regex matches anywhere or
** the whole text.
*/
#include "plan/pushdown.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "plan/pattern.h"

const char *api_operator_text(enum api_operator op) {
  static const char *const texts[API_OPERATOR_COUNT] = {
      [API_EQ] = "=",  [API_NE] = "<>", [API_LT] = "<",        [API_LE] = "<=",   [API_GT] = ">",
      [API_GE] = ">=", [API_IN] = "in", [API_REGEX] = "regex", [API_HAS] = "has", [API_NOT_REGEX] = "not_regex",
  };
  return texts[op];
}

void condition_release(struct condition *condition) {
  free(condition->text);
  free(condition->list);
  *condition = (struct condition){0};
}

/* What came of one way of saying a term. */
enum translation_result { TRANSLATED, NOT_EXPRESSIBLE, NEVER_TRUE, TRANSLATION_NO_MEMORY };

/* Says the term: fills operator and operand of the condition. */
typedef enum translation_result way_function(const struct translation *translation, const struct term *term,
                                             struct condition *condition);

/* ---- Booleans ---- */

/*
** Any comparison of a column that holds 1, 0 or NULL is decided by what it makes of 1 and of 0 (NULL satisfies none of them):
** neither → impossible, one → `=` that boolean, both → no condition says "not null". `=` on a boolean has one meaning: there is
** no case, and null is not asked for.
*/
static enum translation_result boolean_comparison(const struct translation *translation, const struct term *term,
                                                  struct condition *condition) {
  (void)translation;
  bool holds[2] = {false, false};
  for (size_t i = 0; i < term->value_count; i++) {
    if (term->op == OPERATOR_IS && term->values[i].type == VALUE_NULL) return NOT_EXPRESSIBLE;
    for (int boolean = 0; boolean < 2; boolean++)
      if (integer_holds(boolean, term->op, &term->values[i])) holds[boolean] = true;
  }
  if (!holds[0] && !holds[1]) return NEVER_TRUE;
  if (holds[0] && holds[1]) return NOT_EXPRESSIBLE;
  condition->op = API_EQ;
  condition->operand = OPERAND_BOOLEAN;
  condition->integer = holds[1];
  return TRANSLATED;
}

/* ---- Integers ---- */

/* Beyond it, a reader of JSON that keeps numbers as doubles sees another number. */
static const int64_t integer_max = (int64_t)1 << 53;

/* What a number means for an integer column. */
enum reach {
  REACH_INTEGER, /* an integer that can be sent */
  REACH_BETWEEN, /* between two of them */
  REACH_FAR,     /* too large to be sent, but an integer column could hold it */
  REACH_BEYOND   /* larger or smaller than any integer */
};

/* *floor_integer is the largest integer that is not above the number. */
static enum reach look_at_number(const struct value *value, int64_t *floor_integer) {
  double real = value->type == VALUE_REAL ? value->real : 0;
  if (real >= 9223372036854775808.0 || real < -9223372036854775808.0) return REACH_BEYOND;
  if (fabs(real) > (double)integer_max) return REACH_FAR;
  *floor_integer = value->type == VALUE_REAL ? (int64_t)floor(value->real) : value->integer;
  if (*floor_integer < -integer_max || *floor_integer > integer_max) return REACH_FAR;
  return value->type == VALUE_REAL && value->real != floor(value->real) ? REACH_BETWEEN : REACH_INTEGER;
}

/* Numbers have one equality and one order, and a null is no number: `=` and the four orders are exact for an integer. A value
** that no integer equals (1.5, 'abc', a blob) is impossible. */
static enum translation_result integer_equal(const struct translation *translation, const struct term *term,
                                             struct condition *condition) {
  (void)translation;
  const struct value *value = &term->values[0];
  if (value->type == VALUE_NULL) return term->op == OPERATOR_IS ? NOT_EXPRESSIBLE : NEVER_TRUE;
  if (!value_is_number(value)) return NEVER_TRUE;
  enum reach reach = look_at_number(value, &condition->integer);
  if (reach == REACH_BETWEEN || reach == REACH_BEYOND) return NEVER_TRUE;
  condition->operand = OPERAND_INTEGER;
  condition->op = API_EQ;
  return reach == REACH_INTEGER ? TRANSLATED : NOT_EXPRESSIBLE;
}

/* `<>` may keep nulls, which SQLite then drops: a superset. */
static enum translation_result integer_not_equal(const struct translation *translation, const struct term *term,
                                                 struct condition *condition) {
  if (term->values[0].type == VALUE_NULL) return NEVER_TRUE;
  if (integer_equal(translation, term, condition) != TRANSLATED) return NOT_EXPRESSIBLE;
  condition->op = API_NE;
  return TRANSLATED;
}

/* x < 4.5 is x <= 4 for integers, x > 4.5 is x > 4; texts and blobs sort above every number. */
static enum translation_result integer_order(const struct translation *translation, const struct term *term,
                                             struct condition *condition) {
  (void)translation;
  static const struct {
    enum api_operator at, between;
    bool upper; /* the value bounds the column from above */
  } orders[OPERATOR_COUNT] = {
      [OPERATOR_LT] = {API_LT, API_LE, true},
      [OPERATOR_LE] = {API_LE, API_LE, true},
      [OPERATOR_GT] = {API_GT, API_GT, false},
      [OPERATOR_GE] = {API_GE, API_GT, false},
  };
  const struct value *value = &term->values[0];
  if (value->type == VALUE_NULL) return NEVER_TRUE;
  if (!value_is_number(value)) return orders[term->op].upper ? NOT_EXPRESSIBLE : NEVER_TRUE;
  enum reach reach = look_at_number(value, &condition->integer);
  if (reach == REACH_BEYOND) return (value->real > 0) == orders[term->op].upper ? NOT_EXPRESSIBLE : NEVER_TRUE;
  if (reach == REACH_FAR) return NOT_EXPRESSIBLE;
  condition->operand = OPERAND_INTEGER;
  condition->op = reach == REACH_INTEGER ? orders[term->op].at : orders[term->op].between;
  return TRANSLATED;
}

/* Makes room for the members of a list that can match. */
static bool make_list(const struct term *term, struct condition *condition) {
  condition->list = calloc(term->value_count > 0 ? term->value_count : 1, sizeof *condition->list);
  return condition->list != NULL;
}

/* Members that no integer equals match nothing and are left out; what is left is exact, as `=` is. */
static enum translation_result integer_in(const struct translation *translation, const struct term *term,
                                          struct condition *condition) {
  if (!make_list(term, condition)) return TRANSLATION_NO_MEMORY;
  for (size_t i = 0; i < term->value_count; i++) {
    const struct term member = {term->column, OPERATOR_EQ, &term->values[i], 1, false};
    struct condition equal = {0};
    enum translation_result outcome = integer_equal(translation, &member, &equal);
    if (outcome == NEVER_TRUE) continue;
    if (outcome != TRANSLATED) return outcome;
    condition->list[condition->list_size++] = (struct value){.type = VALUE_INTEGER, .integer = equal.integer};
  }
  if (condition->list_size == 0) return NEVER_TRUE;
  condition->op = API_IN;
  condition->operand = OPERAND_INTEGERS;
  return TRANSLATED;
}

/* ---- Text ---- */

/*
** What a value means for = < > on a text column. A blob equals no text. A number is compared as text when it is a literal but
** as a number when it comes from a numeric column, which can't be told apart here: local.
*/
static enum translation_result look_at_text(const struct term *term, const struct value *value) {
  if (value->type == VALUE_NULL) return term->op == OPERATOR_IS ? NOT_EXPRESSIBLE : NEVER_TRUE;
  if (value->type == VALUE_BLOB) return NEVER_TRUE;
  return value_is_as_sent(value) ? TRANSLATED : NOT_EXPRESSIBLE;
}

/* Takes an expression over as the condition's operand, if there is one and the API takes its length (bytes are never fewer than
** characters). */
static enum translation_result say_expression(const struct translation *translation, enum api_operator op, char *expression,
                                              struct condition *condition) {
  if (expression == NULL || strlen(expression) > translation->endpoint->regex_max) {
    free(expression);
    return NOT_EXPRESSIBLE;
  }
  condition->op = op;
  condition->operand = OPERAND_TEXT;
  condition->text = expression;
  return TRANSLATED;
}

static enum translation_result say_text(const struct value *value, struct condition *condition) {
  condition->op = API_EQ;
  condition->operand = OPERAND_TEXT;
  condition->text = malloc(value->size + 1);
  if (condition->text == NULL) return TRANSLATION_NO_MEMORY;
  memcpy(condition->text, value->text, value->size);
  condition->text[value->size] = '\0';
  return TRANSLATED;
}

/* `=` may be blind to case: a superset. An empty text could be taken for null, and is not sent. */
static enum translation_result text_equal(const struct translation *translation, const struct term *term,
                                          struct condition *condition) {
  (void)translation;
  enum translation_result outcome = look_at_text(term, &term->values[0]);
  if (outcome == TRANSLATED && term->values[0].size == 0) return NOT_EXPRESSIBLE;
  return outcome == TRANSLATED ? say_text(&term->values[0], condition) : outcome;
}

/* ^literal$ in RE2 matches that text and no other, anywhere or whole, and no null: exact. (An empty text could be taken for null.)
** Costlier for the API than `=`, so only where exactness saves requests. */
static enum translation_result text_literal(const struct translation *translation, const struct term *term,
                                            struct condition *condition) {
  const struct value *value = &term->values[0];
  enum translation_result outcome = look_at_text(term, value);
  if (outcome != TRANSLATED) return outcome;
  if (value->size == 0) return NOT_EXPRESSIBLE;
  return say_expression(translation, API_REGEX, pattern_literal(value->text, value->size), condition);
}

/* A `<>` that is blind to case would drop rows that SQL keeps; not_regex ^literal$ drops that text only. It may keep nulls. */
static enum translation_result text_not_equal(const struct translation *translation, const struct term *term,
                                              struct condition *condition) {
  const struct value *value = &term->values[0];
  if (value->type == VALUE_NULL) return NEVER_TRUE;
  if (!value_is_as_sent(value)) return NOT_EXPRESSIBLE;
  return say_expression(translation, API_NOT_REGEX, pattern_literal(value->text, value->size), condition);
}

/* Gathers the members that can match. A number among them could equal texts that aren't its own, and an empty text be taken for
** null: local as a whole. */
static enum translation_result gather_texts(const struct term *term, struct condition *condition) {
  if (!make_list(term, condition)) return TRANSLATION_NO_MEMORY;
  for (size_t i = 0; i < term->value_count; i++) {
    enum translation_result outcome = look_at_text(term, &term->values[i]);
    if (outcome == NEVER_TRUE) continue;
    if (outcome != TRANSLATED) return outcome;
    if (term->values[i].size == 0) return NOT_EXPRESSIBLE;
    condition->list[condition->list_size++] = term->values[i];
  }
  if (condition->list_size == 0) return NEVER_TRUE;
  condition->op = API_IN;
  condition->operand = OPERAND_TEXTS;
  return TRANSLATED;
}

/* `in` may be blind to case, as `=` may: a superset. */
static enum translation_result text_in(const struct translation *translation, const struct term *term,
                                       struct condition *condition) {
  enum translation_result outcome = gather_texts(term, condition);
  return outcome == TRANSLATED && translation->no_text_in ? NOT_EXPRESSIBLE : outcome;
}

/* One expression of alternatives: exact, as that of one literal is. Costlier for the API than `in`, so only where exactness saves
** requests, or `in` takes no strings. */
static enum translation_result text_alternatives(const struct translation *translation, const struct term *term,
                                                 struct condition *condition) {
  enum translation_result outcome = gather_texts(term, condition);
  if (outcome != TRANSLATED) return outcome;
  struct buffer expression = {0};
  for (size_t i = 0; i < condition->list_size; i++) {
    buffer_append_text(&expression, i == 0 ? "^(?:" : "|");
    pattern_append_quoted(&expression, condition->list[i].text, condition->list[i].size);
  }
  buffer_append_text(&expression, ")$");
  free(condition->list);
  condition->list = NULL;
  condition->list_size = 0;
  return say_expression(translation, API_REGEX, buffer_take(&expression), condition);
}

/* The pattern of LIKE, GLOB and their kind. A blob is read as text by SQLite, a number as its text: left to it. */
static enum translation_result look_at_pattern(const struct value *value) {
  if (value->type == VALUE_NULL) return NEVER_TRUE;
  return value_is_as_sent(value) ? TRANSLATED : NOT_EXPRESSIBLE;
}

/* Says a pattern as the expression that `express` makes of it. */
static enum translation_result say_pattern(const struct translation *translation, const struct term *term, enum api_operator op,
                                           char *(*express)(const char *pattern, size_t size), struct condition *condition) {
  const struct value *value = &term->values[0];
  enum translation_result outcome = look_at_pattern(value);
  if (outcome != TRANSLATED) return outcome;
  return say_expression(translation, op, express(value->text, value->size), condition);
}

/* (?i) folds at least the letters that LIKE folds, and the host may have put a stricter LIKE in its place: a superset. */
static enum translation_result text_like(const struct translation *translation, const struct term *term,
                                         struct condition *condition) {
  return say_pattern(translation, term, API_REGEX, pattern_like, condition);
}

/* A superset, since the host may have put a stricter GLOB in its place. */
static enum translation_result text_glob(const struct translation *translation, const struct term *term,
                                         struct condition *condition) {
  return say_pattern(translation, term, API_REGEX, pattern_glob, condition);
}

/* Only texts that LIKE surely matches may be dropped: an expression that matches at most those. Nulls may stay: a superset. */
static enum translation_result text_not_like(const struct translation *translation, const struct term *term,
                                             struct condition *condition) {
  return say_pattern(translation, term, API_NOT_REGEX, pattern_like_at_most, condition);
}

/* regex() means "somewhere in the text". The API alone judges what it means. */
static enum translation_result text_regex(const struct translation *translation, const struct term *term,
                                          struct condition *condition) {
  const struct value *value = &term->values[0];
  if (value->type == VALUE_NULL) return NEVER_TRUE;
  if (!value_is_plain_text(value)) return NOT_EXPRESSIBLE;
  char *search = pattern_search(value->text, value->size);
  if (search == NULL) return TRANSLATION_NO_MEMORY; /* nobody but the API can evaluate it */
  return say_expression(translation, term->op == OPERATOR_REGEX ? API_REGEX : API_NOT_REGEX, search, condition);
}

/* ---- Arrays of strings, as JSON text ---- */

/* `has` may be blind to case and looks for one member: a superset of has(). */
static enum translation_result array_has(const struct translation *translation, const struct term *term,
                                         struct condition *condition) {
  (void)translation;
  enum translation_result outcome = look_at_pattern(&term->values[0]);
  if (outcome != TRANSLATED) return outcome;
  outcome = say_text(&term->values[0], condition);
  condition->op = API_HAS;
  return outcome;
}

/* An array that equals ["word",…] has the member word. What doesn't start like that, or has an escape in it, is left alone. */
static enum translation_result array_equal(const struct translation *translation, const struct term *term,
                                           struct condition *condition) {
  (void)translation;
  const struct value *value = &term->values[0];
  enum translation_result outcome = look_at_text(term, value);
  if (outcome != TRANSLATED) return outcome;
  if (value->size < 4 || memcmp(value->text, "[\"", 2) != 0) return NOT_EXPRESSIBLE;
  struct value word = {.type = VALUE_TEXT, .text = value->text + 2};
  while (word.size + 2 < value->size && strchr("\"\\", word.text[word.size]) == NULL) word.size++;
  bool ends = word.size + 3 < value->size && word.text[word.size] == '"' && strchr(",]", word.text[word.size + 1]) != NULL;
  if (word.size == 0 || !ends) return NOT_EXPRESSIBLE;
  outcome = say_text(&word, condition);
  condition->op = API_HAS;
  return outcome;
}

/* ---- The matrix ---- */

struct way {
  way_function *say; /* NULL ends a cell */
  enum precision precision;
  bool costly; /* only where exactness is wanted */
};

enum { WAYS_MAX = 3 };

struct cell {
  struct way ways[WAYS_MAX];
};

/*
** Cells that are not here are local: IS NULL, IS NOT, IS NOT NULL since null may not be comparable; LIKE and GLOB on numbers since
** they look at the number's text; the orders on text since the API has none.
*/
/* clang-format off */
static const struct cell matrix[CLASS_COUNT][OPERATOR_COUNT] = {
  [CLASS_BOOLEAN] = {
    [OPERATOR_EQ] = {{{boolean_comparison, PRECISION_EXACT, false}}},
    [OPERATOR_IS] = {{{boolean_comparison, PRECISION_EXACT, false}}},
    [OPERATOR_IN] = {{{boolean_comparison, PRECISION_EXACT, false}}},
    [OPERATOR_NE] = {{{boolean_comparison, PRECISION_EXACT, false}}},
    [OPERATOR_LT] = {{{boolean_comparison, PRECISION_EXACT, false}}},
    [OPERATOR_LE] = {{{boolean_comparison, PRECISION_EXACT, false}}},
    [OPERATOR_GT] = {{{boolean_comparison, PRECISION_EXACT, false}}},
    [OPERATOR_GE] = {{{boolean_comparison, PRECISION_EXACT, false}}},
  },
  [CLASS_INTEGER] = {
    [OPERATOR_EQ] = {{{integer_equal, PRECISION_EXACT, false}}},
    [OPERATOR_IS] = {{{integer_equal, PRECISION_EXACT, false}}},
    [OPERATOR_IN] = {{{integer_in, PRECISION_EXACT, false}}},
    [OPERATOR_NE] = {{{integer_not_equal, PRECISION_SUPERSET, false}}},
    [OPERATOR_LT] = {{{integer_order, PRECISION_EXACT, false}}},
    [OPERATOR_LE] = {{{integer_order, PRECISION_EXACT, false}}},
    [OPERATOR_GT] = {{{integer_order, PRECISION_EXACT, false}}},
    [OPERATOR_GE] = {{{integer_order, PRECISION_EXACT, false}}},
  },
  [CLASS_TEXT] = {
    [OPERATOR_EQ] = {{{text_literal, PRECISION_EXACT, true}, {text_equal, PRECISION_SUPERSET, false}}},
    [OPERATOR_IS] = {{{text_literal, PRECISION_EXACT, true}, {text_equal, PRECISION_SUPERSET, false}}},
    [OPERATOR_IN] = {{{text_alternatives, PRECISION_EXACT, true}, {text_in, PRECISION_SUPERSET, false},
                      {text_alternatives, PRECISION_EXACT, false}}},
    [OPERATOR_NE] = {{{text_not_equal, PRECISION_SUPERSET, false}}},
    [OPERATOR_LIKE] = {{{text_like, PRECISION_SUPERSET, false}}},
    [OPERATOR_GLOB] = {{{text_glob, PRECISION_SUPERSET, false}}},
    [OPERATOR_NOT_LIKE] = {{{text_not_like, PRECISION_SUPERSET, false}}},
    [OPERATOR_REGEX] = {{{text_regex, PRECISION_EXACT, false}}},
    [OPERATOR_NOT_REGEX] = {{{text_regex, PRECISION_SUPERSET, false}}},
  },
  [CLASS_TEXT_ARRAY] = {
    [OPERATOR_EQ] = {{{array_equal, PRECISION_SUPERSET, false}}},
    [OPERATOR_IS] = {{{array_equal, PRECISION_SUPERSET, false}}},
    [OPERATOR_HAS] = {{{array_has, PRECISION_SUPERSET, false}}},
  },
};
/* clang-format on */

int pushdown_translate(const struct translation *translation, const struct term *term, enum precision *precision,
                       struct condition *condition, struct error *error) {
  const struct column *column = &translation->endpoint->columns[term->column];
  const struct cell *cell = &matrix[column->class][term->op];
  for (int i = 0; i < WAYS_MAX && cell->ways[i].say != NULL; i++) {
    const struct way *way = &cell->ways[i];
    if (way->costly && !translation->want_exact) continue;
    *condition = (struct condition){.column = term->column, .term = term};
    enum translation_result outcome = way->say(translation, term, condition);
    if (outcome == TRANSLATED) {
      *precision = way->precision;
      condition->exact = way->precision == PRECISION_EXACT;
      return 0;
    }
    condition_release(condition);
    if (outcome == TRANSLATION_NO_MEMORY) return error_no_memory(error);
    if (outcome == NEVER_TRUE) {
      *precision = PRECISION_IMPOSSIBLE;
      return 0;
    }
  }
  *precision = PRECISION_LOCAL;
  return 0;
}

bool condition_has_member(const struct condition *condition, const struct value *value) {
  return value_is_among(condition->list, condition->list_size, value);
}

enum precision pushdown_best(const struct column *column, enum sql_operator op) {
  enum precision best = PRECISION_LOCAL;
  if (column->role != COLUMN_FIELD) return best;
  const struct cell *cell = &matrix[column->class][op];
  for (int i = 0; i < WAYS_MAX && cell->ways[i].say != NULL; i++)
    if (cell->ways[i].precision > best) best = cell->ways[i].precision;
  return best;
}

bool pushdown_needs_binary(const struct column *column, enum sql_operator op) {
  return !column_is_numeric(column) && op <= OPERATOR_IS_NOT;
}

bool pushdown_checkable(const struct column *column, enum sql_operator op, bool text_only) {
  if (column->role != COLUMN_FIELD) return false;
  if (operator_is_api_only(op)) return true;
  if (column_is_numeric(column)) return op <= OPERATOR_IS_NOT_NULL;
  return text_only && (op == OPERATOR_EQ || op == OPERATOR_NE || op == OPERATOR_IN || op == OPERATOR_IS);
}

double pushdown_selectivity(const struct column *column, enum sql_operator op) {
  double fraction = operator_selectivity(op);
  return fraction > 0 ? fraction : 1.0 / (column->distinct_values > 0 ? column->distinct_values : 1);
}
