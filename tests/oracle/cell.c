/*
** Conditions aimed at the push-down matrix: each class of column meets each operator equally often, with values that a wrong cell
** would confuse: those of the items, in another case, of another type, slightly less or more.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"

/* ---- Columns ---- */

/* The classes of columns, by what the API calls them. A class is drawn first: most columns are texts. */
static const struct class {
  const char *fields[12];
  size_t count;
  bool is_text, is_number;
} classes[] = {
    {{"dofollow", "dofollow", "is_broken", "is_link_relation_conflict", "is_valid_hreflang"}, 5, false, true},
    {{"page_to_status_code"}, 1, false, true},
    {{"page_from_scheme", "page_to_scheme", "direction"}, 3, true, false},
    {{"type", "domain_from", "domain_to", "page_from", "page_to", "link_from", "link_to", "text", "image_alt", "image_src",
      "hreflang"},
     11,
     true,
     false},
    {{"link_attribute"}, 1, false, false},
};
enum { CLASS_OF_ARRAYS = 4 };
/* A class is drawn more often if more can go wrong with it. */
static const int class_draws[] = {0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, CLASS_OF_ARRAYS, CLASS_OF_ARRAYS};

bool is_filterable(const struct generator *generator, const char *name) {
  static const char *const documented[] = {"type",      "domain_from", "domain_to", "page_from",        "page_to",
                                           "link_from", "link_to",     "dofollow",  "page_from_scheme", "page_to_scheme",
                                           "direction"};
  const struct world *world = generator->world;
  if (!world->pushdown) return false;
  for (size_t i = 0; i < LENGTH(documented); i++)
    if (!strcmp(name, documented[i])) return true;
  return world->readings.more_fields && !world->readings.available_fails;
}

/* ---- Values ---- */

/* Pairs that differ by case, in Unicode or in some tables of it. */
static const char *const cases[][2] = {{"\xc3\xa9", "\xc3\x89"}, {"\xc5\xbf", "s"},        {"\xe2\x84\xaa", "k"},
                                       {"\xe2\x84\xaa", "K"},    {"\xc4\xb1", "\xc4\xb0"}, {"\xc5\xbf", "S"},
                                       {"\xc3\x9f", "ss"},       {"\xc3\xa9", "e\xcc\x81"}};

/* The text with one of the pairs exchanged where it has one of them. */
static char *exchange(struct generator *generator, const char *text) {
  size_t start = below(generator, LENGTH(cases));
  for (size_t i = 0; i < 2 * LENGTH(cases); i++) {
    const char *const *pair = cases[(start + i / 2) % (LENGTH(cases))];
    const char *from = pair[i % 2], *to = pair[1 - i % 2], *at = strstr(text, from);
    if (at) return sqlite3_mprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  }
  return sqlite3_mprintf("%s", text);
}

static void flip_letters(struct generator *generator, char *text) {
  unsigned rate = chance(generator, 50) ? 100 : 30;
  for (; *text; text++) {
    bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
    if (letter && chance(generator, rate)) *text ^= 0x20;
  }
}

/* Whether the first byte is a character. */
static bool begins_plainly(const struct bound *value) {
  return value->size > 0 && (unsigned char)value->bytes[0] < 0x80;
}

/* A text that a wrong comparison could take for this one. */
static struct node *text_alike(struct generator *generator, const struct bound *value) {
  char *text = NULL;
  char *end = NULL;
  struct bound number = {.type = SQLITE_FLOAT, .real = value->size ? strtod(value->bytes, &end) : 0};
  if (end && *end == '\0' && chance(generator, 60)) { /* the text of a number */
    if (number.real == (double)(long long)number.real && chance(generator, 70))
      number = (struct bound){.type = SQLITE_INTEGER, .integer = (long long)number.real};
    struct node *node = literal_or_parameter(generator, &number);
    return chance(generator, 50) ? node : tree_frame(generator->tree, NODE_PLAIN, "CAST(% AS NUMERIC)", node, NULL);
  }
  switch (below(generator, 7)) {
    case 0:
    case 1: text = exchange(generator, value->bytes); break;
    case 4: text = sqlite3_mprintf("%s", value->bytes + begins_plainly(value)); break; /* its end */
    case 2: text = sqlite3_mprintf("%s ", value->bytes); break;
    case 3: text = sqlite3_mprintf("%.*s", value->size > 0 ? value->size - 1 : 0, value->bytes); break;
    default:
      text = sqlite3_mprintf("%s", value->bytes);
      if (text) flip_letters(generator, text);
  }
  struct bound alike = {.type = chance(generator, 95) ? SQLITE_TEXT : SQLITE_BLOB, .bytes = text, .size = -1};
  alike.size = (int)strlen(text);
  struct node *node = literal_or_parameter(generator, &alike);
  sqlite3_free(text);
  return node;
}

/* A number next to this one, the same in another notation, or one too large for some parsers. */
static struct node *number_alike(struct generator *generator, const struct bound *value) {
  char text[32];
  double real = (double)value->integer;
  struct bound alike = {.type = SQLITE_FLOAT};
  switch (below(generator, 12)) {
    case 0: alike.real = real; break;
    case 7:
    case 8:
    case 1: alike.real = real + 0.5; break;
    case 2: alike.real = real - 0.5; break;
    case 3: alike.real = chance(generator, 50) ? 1e17 : -1e17; break;
    case 4: alike.real = chance(generator, 50) ? 1e300 : -1e300; break;
    case 5: alike = (struct bound){.type = SQLITE_INTEGER, .integer = value->integer + 1}; break;
    case 6: alike = (struct bound){.type = SQLITE_INTEGER, .integer = value->integer - 1}; break;
    default: {
      static const char *const formats[] = {"%lld", " %lld ", "%lld.0", "%lld.5", "%llde0", "%lldx", "x%lld"};
      int size = snprintf(text, sizeof text, PICK(generator, formats), value->integer);
      alike = (struct bound){.type = chance(generator, 90) ? SQLITE_TEXT : SQLITE_BLOB, .bytes = text, .size = size};
    }
  }
  return literal_or_parameter(generator, &alike);
}

/* What a column is compared with. */
static struct node *cell_value(struct generator *generator, const struct class *class, int field) {
  const struct world *world = generator->world;
  struct bound value = world->chosen[field][below(generator, world->chosen_count[field])].value;
  size_t kind = below(generator, 100);
  if (kind >= 96) return tree_parameter(generator->tree, &pool_traps[0]); /* NULL: as a literal, IS would be IS NULL */
  if (kind < (world->lengthy ? 75 : 50)) return literal_or_parameter(generator, &value);
  if (kind < 88 && class->is_number && value.type == SQLITE_INTEGER) return number_alike(generator, &value);
  if (kind < 85 && !class->is_number && value.type == SQLITE_TEXT) return text_alike(generator, &value);
  value = random_value(generator, field);
  return literal_or_parameter(generator, &value);
}

/* ---- Operators ---- */

/* A function that reaches the API, and what it means in SQL. Not to be negated: NULL and false are one here. */
static struct node *function(struct generator *generator, const char *frame, const char *meaning, struct node *column,
                             struct node *argument) {
  bool against_onpage = generator->world->opponent == OPPONENT_ONPAGE;
  struct node *node = tree_frame(generator->tree, NODE_CONDITION, against_onpage ? frame : meaning, column, argument, NULL);
  tree_frame_of_reference(node, meaning);
  return node;
}

/* regex() or not_regex() by expressions that SQL can express, too. */
static struct node *expression_condition(struct generator *generator, struct node *column, bool negated) {
  static const struct {
    const char *frame, *meaning;
  } expressions[][2] = {
      {{"regex(%, '^/a')", "% GLOB '/a*'"}, {"not_regex(%, '^/a')", "% NOT GLOB '/a*'"}},
      {{"regex(%, '^h|^/')", "% GLOB '[h/]*'"}, {"not_regex(%, '^h|^/')", "% NOT GLOB '[h/]*'"}},
      {{"regex(%, '^(?i:h)')", "% GLOB '[hH]*'"}, {"not_regex(%, '^(?i:h)')", "% NOT GLOB '[hH]*'"}},
      {{"regex(%, '^[a-z]')", "% GLOB '[a-z]*'"}, {"not_regex(%, '^[a-z]')", "% NOT GLOB '[a-z]*'"}},
      {{"regex(%, '^https?:')", "% GLOB 'http*:*'"}, {"not_regex(%, '^https?:')", "% NOT GLOB 'http*:*'"}},
      {{"regex(%, '^in')", "% GLOB 'in*'"}, {"not_regex(%, '^in')", "% NOT GLOB 'in*'"}},
      {{"regex(%, '^[0-9A-Za-z]')", "% GLOB '[0-9A-Za-z]*'"}, {"not_regex(%, '^[0-9A-Za-z]')", "% NOT GLOB '[0-9A-Za-z]*'"}},
      {{"regex(%, 'a')", "instr(%, 'a') > 0"}, {"not_regex(%, 'a')", "instr(%, 'a') = 0"}},
      {{"regex(%, 'er|nk')", "(instr(%, 'er') > 0 OR instr(%, 'nk') > 0)"},
       {"not_regex(%, 'er|nk')", "(instr(%, 'er') = 0 AND instr(%, 'nk') = 0)"}},
      {{"regex(%, 't')", "instr(%, 't') > 0"}, {"not_regex(%, 't')", "instr(%, 't') = 0"}},
      {{"regex(%, 'nal|way')", "(instr(%, 'nal') > 0 OR instr(%, 'way') > 0)"},
       {"not_regex(%, 'nal|way')", "(instr(%, 'nal') = 0 AND instr(%, 'way') = 0)"}},
      {{"regex(%, '')", "% IS NOT NULL"}, {"not_regex(%, '')", "(% IS NULL AND 0)"}},
      {{"regex(%, NULL)", "(% IS NULL AND 0)"}, {"not_regex(%, NULL)", "(% IS NULL AND 0)"}},
  };
  size_t i = below(generator, LENGTH(expressions));
  return function(generator, expressions[i][negated].frame, expressions[i][negated].meaning, column, column);
}

static struct node *has_condition(struct generator *generator, struct node *column, bool of_array) {
  static const char *const words[] = {"'nofollow'", "'nofollow'", "'ugc'", "'NOFOLLOW'",     "''",
                                      "'a\"b'",     "'\xc3\xa9'", "'no'",  "'\xc3\x89'",     "NULL",
                                      "'a\\'",      "'nofo[\"'",  "5",     "'nofollow,ugc'", "x'6e6f666f6c6c6f77'"};
  const char *word = PICK(generator, words);
  /* Only arrays have members. A blob is read as text. */
  return function(generator, "has(%, %)",
                  of_array ? "EXISTS (SELECT 1 FROM json_each(%) WHERE value = CAST(% AS TEXT))" : "(% = % AND 0)", column,
                  tree_text(generator->tree, "%s", word));
}

static struct node *pattern_of(struct generator *generator, const struct bound *value, bool glob) {
  if (!chance(generator, 35)) return pattern_node(generator, value, glob);
  char *text = exchange(generator, value->bytes);
  struct bound alike = {.type = SQLITE_TEXT, .bytes = text, .size = (int)strlen(text)};
  struct node *node = pattern_node(generator, &alike, glob);
  sqlite3_free(text);
  return node;
}

static struct node *pattern_condition(struct generator *generator, const char *frame, const char *meaning, struct node *column,
                                      int field) {
  static const int numbers[] = {404, 5, 1, 0};
  char text[32];
  const struct world *world = generator->world;
  struct bound value = world->chosen[field][below(generator, world->chosen_count[field])].value;
  if (chance(generator, 30)) value = random_value(generator, field);
  struct node *pattern;
  if (value.type == SQLITE_INTEGER) {
    int size = snprintf(text, sizeof text, "%lld", value.integer);
    value = (struct bound){.type = SQLITE_TEXT, .bytes = text, .size = size};
  }
  if (chance(generator, 6))
    pattern = tree_text(generator->tree, "%d", PICK(generator, numbers));
  else if (value.type == SQLITE_TEXT)
    pattern = pattern_of(generator, &value, strstr(frame, "GLOB") != NULL);
  else /* LIKE of a blob depends on how SQLite was built */
    pattern = tree_text(generator->tree, "NULL");
  return function(generator, frame, meaning, column, pattern);
}

static struct node *list_condition(struct generator *generator, const struct class *class, int field, struct node *column) {
  struct node *list = tree_list(generator->tree, ", ", 1);
  /* Members that are compared as numbers. Before 3.38 SQLite compares them with a virtual table's text columns as text. */
  if (chance(generator, 25) && sqlite3_libversion_number() >= 3038000) {
    struct node *first = cell_value(generator, class, field), *second = cell_value(generator, class, field);
    return tree_frame(generator->tree, NODE_CONDITION, "% IN (SELECT CAST(% AS NUMERIC) UNION ALL SELECT %)", column, first,
                      second, NULL);
  }
  for (size_t i = 1 + below(generator, 3); i > 0; i--) tree_list_add(list, cell_value(generator, class, field));
  return tree_frame(generator->tree, NODE_CONDITION, "% IN (%)", column, list, NULL);
}

/* Texts that the items hold, or ends of them, and nothing else: a list that the API may decide exactly. */
static struct node *text_list(struct generator *generator) {
  const struct world *world = generator->world;
  const struct class *class = &classes[2 + below(generator, 2)];
  int field = dataset_field_of(class->fields[below(generator, class->count)]);
  struct node *list = tree_list(generator->tree, ", ", 1), *column = links_column(generator, &field);
  for (size_t i = 1 + below(generator, 3); i > 0; i--) {
    struct bound value = world->chosen[field][below(generator, world->chosen_count[field])].value;
    if (value.type == SQLITE_TEXT && begins_plainly(&value) && chance(generator, 25)) {
      value.bytes++;
      value.size--;
    }
    tree_list_add(list, literal_or_parameter(generator, &value));
  }
  return column ? tree_frame(generator->tree, NODE_CONDITION, "% IN (%)", column, list, NULL)
                : random_condition(generator, DEPTH_MAX);
}

static struct node *comparison(struct generator *generator, const char *operator, const struct class *class, int field,
                               struct node *column) {
  static const char *const collations[] = {"NOCASE", "RTRIM", "BINARY"};
  struct tree *tree = generator->tree;
  struct node *value = cell_value(generator, class, field);
  if (!generator->task_at_risk && chance(generator, 6))
    value = tree_frame(tree, NODE_PLAIN, "% COLLATE %", value, tree_text(tree, "%s", PICK(generator, collations)), NULL);
  return tree_frame(tree, NODE_CONDITION, "% % %", column, tree_text(tree, "%s", operator), value, NULL);
}

enum form { FORM_COMPARISON, FORM_LIST, FORM_BETWEEN, FORM_NULL_TEST, FORM_PATTERN, FORM_HAS, FORM_REGEX, FORM_NOT_REGEX };

/* What is drawn from, some more often than others. */
static const struct operator {
  enum form form;
  const char *text, *meaning; /* for patterns: of the sides */
} operators[] = {
    {FORM_COMPARISON, "=", NULL},
    {FORM_COMPARISON, "=", NULL},
    {FORM_COMPARISON, "IS", NULL},
    {FORM_COMPARISON, "<>", NULL},
    {FORM_COMPARISON, "IS NOT", NULL},
    {FORM_COMPARISON, "<", NULL},
    {FORM_COMPARISON, "<=", NULL},
    {FORM_COMPARISON, ">", NULL},
    {FORM_COMPARISON, ">=", NULL},
    {FORM_LIST, NULL, NULL},
    {FORM_LIST, NULL, NULL},
    {FORM_LIST, NULL, NULL},
    {FORM_PATTERN, "% LIKE %", "% LIKE %"},
    {FORM_PATTERN, "% LIKE %", "% LIKE %"},
    {FORM_PATTERN, "% LIKE %", "% LIKE %"},
    {FORM_PATTERN, "% GLOB %", "% GLOB %"},
    {FORM_PATTERN, "% GLOB %", "% GLOB %"},
    {FORM_PATTERN, "% GLOB %", "% GLOB %"},
    {FORM_BETWEEN, NULL, NULL},
    {FORM_PATTERN, "not_like(%, %)", "% NOT LIKE %"},
    {FORM_PATTERN, "not_like(%, %)", "% NOT LIKE %"},
    {FORM_PATTERN, "not_like(%, %)", "% NOT LIKE %"},
    {FORM_HAS, NULL, NULL},
    {FORM_REGEX, NULL, NULL},
    {FORM_NOT_REGEX, NULL, NULL},
    {FORM_NULL_TEST, "% IS NULL", NULL},
    {FORM_NULL_TEST, "% IS NULL", NULL},
    {FORM_NULL_TEST, "% IS NOT NULL", NULL},
    {FORM_NULL_TEST, "% IS NOT NULL", NULL},
};
static const struct operator comparisons[] = {
    {FORM_COMPARISON, "=", NULL},  {FORM_COMPARISON, "=", NULL},  {FORM_COMPARISON, "<>", NULL}, {FORM_COMPARISON, "<>", NULL},
    {FORM_COMPARISON, "<>", NULL}, {FORM_COMPARISON, "IS", NULL}, {FORM_COMPARISON, "IS", NULL}, {FORM_COMPARISON, "<", NULL},
    {FORM_COMPARISON, "<=", NULL}, {FORM_COMPARISON, ">", NULL},  {FORM_COMPARISON, ">", NULL},  {FORM_COMPARISON, ">=", NULL},
};
/* What is exact unless the text is too long for an expression. */
static const struct operator equalities[] = {{FORM_COMPARISON, "=", NULL}, {FORM_COMPARISON, "IS", NULL}};

static const struct operator *draw_operator(struct generator *generator, const struct class *class, const char *name,
                                            bool compare) {
  if (generator->world->lengthy && class->is_text && chance(generator, 70)) return &PICK(generator, equalities);
  const struct operator *operator = compare ? &PICK(generator, comparisons) : &PICK(generator, operators);
  /* For a text that can't be read as it was sent, the API's result counts. */
  bool known = generator->world->strangeness == STRANGE_NOT;
  bool evaluable = class->is_text ? known && is_filterable(generator, name) : chance(generator, 2);
  return (operator->form == FORM_REGEX || operator->form == FORM_NOT_REGEX) && !evaluable ? &equalities[0] : operator;
}

struct node *cell_condition(struct generator *generator, bool compare) {
  struct tree *tree = generator->tree;
  if (chance(generator, 8)) return text_list(generator);
  const struct class *class = &classes[PICK(generator, class_draws)];
  const char *name = class->fields[below(generator, class->count)];
  const struct operator *operator = draw_operator(generator, class, name, compare);
  int field = dataset_field_of(name);
  struct node *column = links_column(generator, &field);
  if (!column) return random_condition(generator, DEPTH_MAX);
  switch (operator->form) {
    case FORM_LIST: return list_condition(generator, class, field, column);
    case FORM_NULL_TEST: return tree_frame(tree, NODE_CONDITION, operator->text, column, NULL);
    case FORM_PATTERN: return pattern_condition(generator, operator->text, operator->meaning, column, field);
    case FORM_HAS: return has_condition(generator, column, class == &classes[CLASS_OF_ARRAYS]);
    case FORM_REGEX:
    case FORM_NOT_REGEX: return expression_condition(generator, column, operator->form == FORM_NOT_REGEX);
    case FORM_BETWEEN: {
      struct node *low = cell_value(generator, class, field), *high = cell_value(generator, class, field);
      return tree_frame(tree, NODE_CONDITION, "(% BETWEEN % AND %)", column, low, high, NULL);
    }
    default: return comparison(generator, operator->text, class, field, column);
  }
}
