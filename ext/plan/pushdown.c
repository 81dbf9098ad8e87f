/*
** The push-down matrix and the encoders that it names.
**
** A cell (class of the column, operator) lists the encodings of a term as a condition, in order of preference. Each has a
** precision, and the argument for that precision is above its encoder. The first encoding that can express the value is sent; if
** there is none, the term is local. An argument must hold under every reading of what the API's documents leave open: whether =
** <> in are case-sensitive; whether <> and the not_ operators keep nulls; whether null can be compared; whether `in` takes
** strings; whether a regex matches anywhere in the text or only all of it.
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

enum translation_result {
  TRANSLATED,
  NOT_EXPRESSIBLE, /* not by this encoding; there may be another */
  NEVER_TRUE,      /* no row satisfies the term */
  TRANSLATION_NO_MEMORY
};

/* Fills operator and operand of the condition. */
typedef enum translation_result encoder(const struct translation *translation, const struct term *term,
                                        struct condition *condition);

/* ---- Booleans ---- */

/*
** The column holds 1, 0 or NULL, and NULL satisfies no comparison but IS NULL: so the results for 1 and for 0 decide. None is
** true: no row matches. One: `=` that boolean, which is exact, since booleans have no case and null isn't asked for. Both: every
** row that isn't null matches, and no condition expresses that.
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

/* A JSON parser that keeps numbers as doubles rounds larger ones. */
static const int64_t integer_max = (int64_t)1 << 53;

/* A number compared with an integer column. */
enum reach {
  REACH_INTEGER, /* an integer that can be sent */
  REACH_BETWEEN, /* between two such integers */
  REACH_FAR,     /* too large to be sent, but an integer column could hold it */
  REACH_BEYOND   /* above or below all 64-bit integers */
};

/* *floor_integer is the number rounded down, for REACH_INTEGER and REACH_BETWEEN. */
static enum reach classify_number(const struct value *value, int64_t *floor_integer) {
  double real = value->type == VALUE_REAL ? value->real : 0;
  if (real >= 9223372036854775808.0 || real < -9223372036854775808.0) return REACH_BEYOND;
  if (fabs(real) > (double)integer_max) return REACH_FAR;
  *floor_integer = value->type == VALUE_REAL ? (int64_t)floor(value->real) : value->integer;
  if (*floor_integer < -integer_max || *floor_integer > integer_max) return REACH_FAR;
  return value->type == VALUE_REAL && value->real != floor(value->real) ? REACH_BETWEEN : REACH_INTEGER;
}

/* `=` and the four orders mean the same for integers everywhere, and a null satisfies none of them: exact. No row equals a value
** that isn't an integer (1.5, 'abc', a blob). */
static enum translation_result integer_equal(const struct translation *translation, const struct term *term,
                                             struct condition *condition) {
  (void)translation;
  const struct value *value = &term->values[0];
  if (value->type == VALUE_NULL) return term->op == OPERATOR_IS ? NOT_EXPRESSIBLE : NEVER_TRUE;
  if (!value_is_number(value)) return NEVER_TRUE;
  enum reach reach = classify_number(value, &condition->integer);
  if (reach == REACH_BETWEEN || reach == REACH_BEYOND) return NEVER_TRUE;
  condition->operand = OPERAND_INTEGER;
  condition->op = API_EQ;
  return reach == REACH_INTEGER ? TRANSLATED : NOT_EXPRESSIBLE;
}

/* `<>` may keep nulls, which SQLite drops: a superset. */
static enum translation_result integer_not_equal(const struct translation *translation, const struct term *term,
                                                 struct condition *condition) {
  if (term->values[0].type == VALUE_NULL) return NEVER_TRUE;
  if (integer_equal(translation, term, condition) != TRANSLATED) return NOT_EXPRESSIBLE;
  condition->op = API_NE;
  return TRANSLATED;
}

/* For integers x < 4.5 is x <= 4, and x > 4.5 is x > 4. Texts and blobs sort above all numbers. */
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
  enum reach reach = classify_number(value, &condition->integer);
  if (reach == REACH_BEYOND) return (value->real > 0) == orders[term->op].upper ? NOT_EXPRESSIBLE : NEVER_TRUE;
  if (reach == REACH_FAR) return NOT_EXPRESSIBLE;
  condition->operand = OPERAND_INTEGER;
  condition->op = reach == REACH_INTEGER ? orders[term->op].at : orders[term->op].between;
  return TRANSLATED;
}

/* Allocates a list for all of the term's values. */
static bool make_list(const struct term *term, struct condition *condition) {
  condition->list = calloc(term->value_count > 0 ? term->value_count : 1, sizeof *condition->list);
  return condition->list != NULL;
}

/* Members that no integer equals are left out, since they match nothing; the others are exact, as `=` is. */
static enum translation_result integer_in(const struct translation *translation, const struct term *term,
                                          struct condition *condition) {
  if (!make_list(term, condition)) return TRANSLATION_NO_MEMORY;
  for (size_t i = 0; i < term->value_count; i++) {
    const struct term member = {term->column, OPERATOR_EQ, &term->values[i], 1, false};
    struct condition equal = {0};
    enum translation_result result = integer_equal(translation, &member, &equal);
    if (result == NEVER_TRUE) continue;
    if (result != TRANSLATED) return result;
    condition->list[condition->list_size++] = (struct value){.type = VALUE_INTEGER, .integer = equal.integer};
  }
  if (condition->list_size == 0) return NEVER_TRUE;
  condition->op = API_IN;
  condition->operand = OPERAND_INTEGERS;
  return TRANSLATED;
}

/* ---- Text ---- */

/*
** Whether a text column can be compared with the value for equality. A blob equals no text. A number is compared as text if it is a
** literal, and as a number if it comes from a numeric column; which of them it is isn't known here, so the term is local.
*/
static enum translation_result check_text(const struct term *term, const struct value *value) {
  if (value->type == VALUE_NULL) return term->op == OPERATOR_IS ? NOT_EXPRESSIBLE : NEVER_TRUE;
  if (value->type == VALUE_BLOB) return NEVER_TRUE;
  return value_is_as_sent(value) ? TRANSLATED : NOT_EXPRESSIBLE;
}

/* Takes ownership of the expression. NULL can't be sent, nor can more than regex_max characters, which are at most the bytes. */
static enum translation_result encode_expression(const struct translation *translation, enum api_operator op, char *expression,
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

static enum translation_result encode_text(const struct value *value, struct condition *condition) {
  condition->op = API_EQ;
  condition->operand = OPERAND_TEXT;
  condition->text = malloc(value->size + 1);
  if (condition->text == NULL) return TRANSLATION_NO_MEMORY;
  memcpy(condition->text, value->text, value->size);
  condition->text[value->size] = '\0';
  return TRANSLATED;
}

/* `=` may ignore case: a superset. An empty text isn't sent, since the API may take it for null. */
static enum translation_result text_equal(const struct translation *translation, const struct term *term,
                                          struct condition *condition) {
  (void)translation;
  enum translation_result result = check_text(term, &term->values[0]);
  if (result == TRANSLATED && term->values[0].size == 0) return NOT_EXPRESSIBLE;
  return result == TRANSLATED ? encode_text(&term->values[0], condition) : result;
}

/* The RE2 expression ^literal$ matches precisely that text, anchored or not, and no null: exact. (An empty text may be taken for
** null.) It costs the API more than `=`, so it is used only where exactness saves requests. */
static enum translation_result text_literal(const struct translation *translation, const struct term *term,
                                            struct condition *condition) {
  const struct value *value = &term->values[0];
  enum translation_result result = check_text(term, value);
  if (result != TRANSLATED) return result;
  if (value->size == 0) return NOT_EXPRESSIBLE;
  return encode_expression(translation, API_REGEX, pattern_literal(value->text, value->size), condition);
}

/* A `<>` that ignores case would drop rows that SQL keeps; not_regex ^literal$ drops only that text. It may keep nulls: a
** superset. */
static enum translation_result text_not_equal(const struct translation *translation, const struct term *term,
                                              struct condition *condition) {
  const struct value *value = &term->values[0];
  if (value->type == VALUE_NULL) return NEVER_TRUE;
  if (!value_is_as_sent(value)) return NOT_EXPRESSIBLE;
  return encode_expression(translation, API_NOT_REGEX, pattern_literal(value->text, value->size), condition);
}

/* Collects the members that can match. With a number among them, which may equal texts that are written differently, or an empty
** text, which may be taken for null, the whole term is local. */
static enum translation_result gather_texts(const struct term *term, struct condition *condition) {
  if (!make_list(term, condition)) return TRANSLATION_NO_MEMORY;
  for (size_t i = 0; i < term->value_count; i++) {
    enum translation_result result = check_text(term, &term->values[i]);
    if (result == NEVER_TRUE) continue;
    if (result != TRANSLATED) return result;
    if (term->values[i].size == 0) return NOT_EXPRESSIBLE;
    condition->list[condition->list_size++] = term->values[i];
  }
  if (condition->list_size == 0) return NEVER_TRUE;
  condition->op = API_IN;
  condition->operand = OPERAND_TEXTS;
  return TRANSLATED;
}

/* `in` may ignore case, as `=` may: a superset. */
static enum translation_result text_in(const struct translation *translation, const struct term *term,
                                       struct condition *condition) {
  enum translation_result result = gather_texts(term, condition);
  return result == TRANSLATED && translation->no_text_in ? NOT_EXPRESSIBLE : result;
}

/* An expression of alternatives is exact, as text_literal is. It costs the API more than `in`, so it is used only where exactness
** saves requests, or where `in` doesn't take strings. */
static enum translation_result text_alternatives(const struct translation *translation, const struct term *term,
                                                 struct condition *condition) {
  enum translation_result result = gather_texts(term, condition);
  if (result != TRANSLATED) return result;
  struct buffer expression = {0};
  for (size_t i = 0; i < condition->list_size; i++) {
    buffer_append_text(&expression, i == 0 ? "^(?:" : "|");
    pattern_append_quoted(&expression, condition->list[i].text, condition->list[i].size);
  }
  buffer_append_text(&expression, ")$");
  free(condition->list);
  condition->list = NULL;
  condition->list_size = 0;
  return encode_expression(translation, API_REGEX, buffer_take(&expression), condition);
}

/* Whether the pattern of LIKE, GLOB, not_like or has can be sent. SQLite converts blobs and numbers to text: these are local. */
static enum translation_result check_pattern(const struct value *value) {
  if (value->type == VALUE_NULL) return NEVER_TRUE;
  return value_is_as_sent(value) ? TRANSLATED : NOT_EXPRESSIBLE;
}

/* Sends the pattern as the expression that `express` makes of it. */
static enum translation_result encode_pattern(const struct translation *translation, const struct term *term,
                                              enum api_operator op, char *(*express)(const char *pattern, size_t size),
                                              struct condition *condition) {
  const struct value *value = &term->values[0];
  enum translation_result result = check_pattern(value);
  if (result != TRANSLATED) return result;
  return encode_expression(translation, op, express(value->text, value->size), condition);
}

/* (?i) folds at least the letters that LIKE folds, and the application may have replaced LIKE by a stricter one: a superset. */
static enum translation_result text_like(const struct translation *translation, const struct term *term,
                                         struct condition *condition) {
  return encode_pattern(translation, term, API_REGEX, pattern_like, condition);
}

/* A superset, since the application may have replaced GLOB by a stricter one. */
static enum translation_result text_glob(const struct translation *translation, const struct term *term,
                                         struct condition *condition) {
  return encode_pattern(translation, term, API_REGEX, pattern_glob, condition);
}

/* The expression matches at most what LIKE matches, so that no other text is dropped. Nulls may be kept: a superset. */
static enum translation_result text_not_like(const struct translation *translation, const struct term *term,
                                             struct condition *condition) {
  return encode_pattern(translation, term, API_NOT_REGEX, pattern_like_at_most, condition);
}

/* regex() matches anywhere in the text. Only the API evaluates it, so regex is exact by definition; not_regex may keep nulls. */
static enum translation_result text_regex(const struct translation *translation, const struct term *term,
                                          struct condition *condition) {
  const struct value *value = &term->values[0];
  if (value->type == VALUE_NULL) return NEVER_TRUE;
  if (!value_is_plain_text(value)) return NOT_EXPRESSIBLE;
  char *search = pattern_search(value->text, value->size);
  if (search == NULL) return TRANSLATION_NO_MEMORY; /* not NOT_EXPRESSIBLE: SQLite can't evaluate the term instead */
  return encode_expression(translation, term->op == OPERATOR_REGEX ? API_REGEX : API_NOT_REGEX, search, condition);
}

/* ---- Arrays of strings, as JSON text ---- */

/* `has` may ignore case: a superset of has(). */
static enum translation_result array_has(const struct translation *translation, const struct term *term,
                                         struct condition *condition) {
  (void)translation;
  enum translation_result result = check_pattern(&term->values[0]);
  if (result != TRANSLATED) return result;
  result = encode_text(&term->values[0], condition);
  condition->op = API_HAS;
  return result;
}

/* An array equal to ["word",…] has the member word: a superset. A text that doesn't start like that, or whose first member
** contains an escape, is local. */
static enum translation_result array_equal(const struct translation *translation, const struct term *term,
                                           struct condition *condition) {
  (void)translation;
  const struct value *value = &term->values[0];
  enum translation_result result = check_text(term, value);
  if (result != TRANSLATED) return result;
  if (value->size < 4 || memcmp(value->text, "[\"", 2) != 0) return NOT_EXPRESSIBLE;
  struct value word = {.type = VALUE_TEXT, .text = value->text + 2};
  while (word.size + 2 < value->size && strchr("\"\\", word.text[word.size]) == NULL) word.size++;
  bool ends = word.size + 3 < value->size && word.text[word.size] == '"' && strchr(",]", word.text[word.size + 1]) != NULL;
  if (word.size == 0 || !ends) return NOT_EXPRESSIBLE;
  result = encode_text(&word, condition);
  condition->op = API_HAS;
  return result;
}

/* ---- The matrix ---- */

struct encoding {
  encoder *encode; /* NULL ends a cell */
  enum precision precision;
  bool costly; /* used only where an exact condition is worth more than a cheap one */
};

enum { ENCODINGS_MAX = 3 };

/*
** Cells that are left out are local: IS NULL, IS NOT and IS NOT NULL since the API may be unable to compare null; LIKE and GLOB
** on numbers since they match the number's text; the orders on text since the API has none.
*/
/* clang-format off */
#define EXACT(encoder) {encoder, PRECISION_EXACT, false}
#define EXACT_COSTLY(encoder) {encoder, PRECISION_EXACT, true}
#define SUPERSET(encoder) {encoder, PRECISION_SUPERSET, false}
static const struct encoding matrix[CLASS_COUNT][OPERATOR_COUNT][ENCODINGS_MAX] = {
  [CLASS_BOOLEAN] = {
    [OPERATOR_EQ] = {EXACT(boolean_comparison)},
    [OPERATOR_IS] = {EXACT(boolean_comparison)},
    [OPERATOR_IN] = {EXACT(boolean_comparison)},
    [OPERATOR_NE] = {EXACT(boolean_comparison)},
    [OPERATOR_LT] = {EXACT(boolean_comparison)},
    [OPERATOR_LE] = {EXACT(boolean_comparison)},
    [OPERATOR_GT] = {EXACT(boolean_comparison)},
    [OPERATOR_GE] = {EXACT(boolean_comparison)},
  },
  [CLASS_INTEGER] = {
    [OPERATOR_EQ] = {EXACT(integer_equal)},
    [OPERATOR_IS] = {EXACT(integer_equal)},
    [OPERATOR_IN] = {EXACT(integer_in)},
    [OPERATOR_NE] = {SUPERSET(integer_not_equal)},
    [OPERATOR_LT] = {EXACT(integer_order)},
    [OPERATOR_LE] = {EXACT(integer_order)},
    [OPERATOR_GT] = {EXACT(integer_order)},
    [OPERATOR_GE] = {EXACT(integer_order)},
  },
  [CLASS_TEXT] = {
    [OPERATOR_EQ] = {EXACT_COSTLY(text_literal), SUPERSET(text_equal)},
    [OPERATOR_IS] = {EXACT_COSTLY(text_literal), SUPERSET(text_equal)},
    [OPERATOR_IN] = {EXACT_COSTLY(text_alternatives), SUPERSET(text_in), EXACT(text_alternatives)},
    [OPERATOR_NE] = {SUPERSET(text_not_equal)},
    [OPERATOR_LIKE] = {SUPERSET(text_like)},
    [OPERATOR_GLOB] = {SUPERSET(text_glob)},
    [OPERATOR_NOT_LIKE] = {SUPERSET(text_not_like)},
    [OPERATOR_REGEX] = {EXACT(text_regex)},
    [OPERATOR_NOT_REGEX] = {SUPERSET(text_regex)},
  },
  [CLASS_TEXT_ARRAY] = {
    [OPERATOR_EQ] = {SUPERSET(array_equal)},
    [OPERATOR_IS] = {SUPERSET(array_equal)},
    [OPERATOR_HAS] = {SUPERSET(array_has)},
  },
};
/* clang-format on */

int pushdown_translate(const struct translation *translation, const struct term *term, enum precision *precision,
                       struct condition *condition, struct error *error) {
  const struct column *column = &translation->endpoint->columns[term->column];
  const struct encoding *cell = matrix[column->class][term->op];
  for (int i = 0; i < ENCODINGS_MAX && cell[i].encode != NULL; i++) {
    const struct encoding *encoding = &cell[i];
    if (encoding->costly && !translation->want_exact) continue;
    *condition = (struct condition){.column = term->column, .term = term};
    enum translation_result result = encoding->encode(translation, term, condition);
    if (result == TRANSLATED) {
      *precision = encoding->precision;
      condition->exact = encoding->precision == PRECISION_EXACT;
      return 0;
    }
    condition_release(condition);
    if (result == TRANSLATION_NO_MEMORY) return error_no_memory(error);
    if (result == NEVER_TRUE) {
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
  const struct encoding *cell = matrix[column->class][op];
  for (int i = 0; i < ENCODINGS_MAX && cell[i].encode != NULL; i++)
    if (cell[i].precision > best) best = cell[i].precision;
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
  double selectivity = operator_selectivity(op);
  return selectivity > 0 ? selectivity : 1.0 / (column->distinct_values > 0 ? column->distinct_values : 1);
}
