/*
** SQLite passes values without the column's affinity, except in lists, and reuses their memory after xFilter: all are copied.
*/
#include "vtab/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "api/task_id.h"
#include "vtab/outer_join.h"
#include "vtab/sqlite_compat.h"

SQLITE_EXTENSION_INIT3

/* Copies a value; for a numeric column, with numeric affinity. */
static int copy_value(const struct column *column, sqlite3_value *source, struct value *value) {
  *value = (struct value){.type = VALUE_NULL};
  switch (column_is_numeric(column) ? sqlite3_value_numeric_type(source) : sqlite3_value_type(source)) {
    case SQLITE_INTEGER:
      value->type = VALUE_INTEGER;
      value->integer = sqlite3_value_int64(source);
      return 0;
    case SQLITE_FLOAT:
      value->type = VALUE_REAL;
      value->real = sqlite3_value_double(source);
      return 0;
    case SQLITE_BLOB: value->type = VALUE_BLOB; return 0;
    case SQLITE_TEXT: break;
    default: return 0;
  }
  const unsigned char *text = sqlite3_value_text(source);
  size_t size = (size_t)sqlite3_value_bytes(source);
  char *copy = malloc(size + 1);
  if (text == NULL || copy == NULL) {
    free(copy);
    return -1;
  }
  memcpy(copy, text, size);
  copy[size] = '\0';
  *value = (struct value){.type = VALUE_TEXT, .text = copy, .size = size};
  return 0;
}

static int append_value(const struct column *column, sqlite3_value *source, struct term *term, struct error *error) {
  if ((term->value_count & (term->value_count - 1)) == 0) { /* a power of two: full */
    size_t capacity = term->value_count > 0 ? term->value_count * 2 : 1;
    struct value *values = realloc(term->values, capacity * sizeof *values);
    if (values == NULL) return error_no_memory(error);
    term->values = values;
  }
  struct value value;
  if (copy_value(column, source, &value) != 0) return error_no_memory(error);
  term->values[term->value_count++] = value;
  return 0;
}

/* Copies a term's value, or all members of its list. */
static int fill_term(const struct column *column, sqlite3_value *argument, struct term *term, struct error *error) {
#if SQLITE_VERSION_NUMBER >= 3038000
  if (term->op == OPERATOR_IN) {
    sqlite3_value *member = NULL;
    int code = sqlite3_vtab_in_first(argument, &member);
    for (; code == SQLITE_OK && member != NULL; code = sqlite3_vtab_in_next(argument, &member))
      if (append_value(column, member, term, error) != 0) return -1;
    if (code == SQLITE_NOMEM) return error_no_memory(error);
    if (term->value_count > 0) qsort(term->values, term->value_count, sizeof *term->values, value_order);
    return code == SQLITE_OK || code == SQLITE_DONE ? 0 : error_set(error, "can't read the list of IN: SQLite error %d", code);
  }
#endif
  return append_value(column, argument, term, error);
}

/* The text of an input. A number is taken as its text, as in any column of type TEXT. */
static int input_text(sqlite3_value *argument, char **text, struct error *error) {
  const char *given = (const char *)sqlite3_value_text(argument);
  size_t size = (size_t)sqlite3_value_bytes(argument);
  if (given == NULL) return error_no_memory(error);
  if (strlen(given) != size) return error_set(error, "the value has a zero byte in it");
  *text = strdup(given);
  return *text != NULL ? 0 : error_no_memory(error);
}

/* Takes the value of an input. If it has one already, from another term or from CREATE, a different one makes all rows
** impossible. */
static int take_input(const struct endpoint *endpoint, int column, char **input, sqlite3_value *argument, bool *impossible,
                      struct error *error) {
  char *text = NULL;
  if (sqlite3_value_type(argument) == SQLITE_NULL || sqlite3_value_type(argument) == SQLITE_BLOB) {
    *impossible = true;
    return 0;
  }
  if (input_text(argument, &text, error) != 0) {
    if (error->kind == ERROR_FAILED) error_prefix(error, "%s: %s", endpoint->table, endpoint->columns[column].name);
    return -1;
  }
  if (*input == NULL) {
    *input = text;
    return 0;
  }
  if (strcmp(*input, text) != 0) *impossible = true;
  free(text);
  return 0;
}

static int copy_inputs(const struct table *table, struct query *query, struct error *error) {
  for (int i = 0; i < INPUT_COUNT; i++) {
    if (table->inputs[i] == NULL) continue;
    query->inputs[i] = strdup(table->inputs[i]);
    if (query->inputs[i] == NULL) return error_no_memory(error);
  }
  return 0;
}

static int check_inputs(const struct query *query, struct error *error) {
  const struct endpoint *endpoint = query->endpoint;
  const char *tag = query->inputs[INPUT_TAG] != NULL ? query->inputs[INPUT_TAG] : "";
  size_t characters = 0;
  for (int i = 0; i < INPUT_COUNT; i++) {
    if (query->inputs[i] == NULL) continue;
    const struct value value = value_of_text(query->inputs[i]);
    if (!value_is_plain_text(&value))
      return error_set(error, "%s: %s: the value is not valid UTF-8", endpoint->table,
                       endpoint->columns[endpoint_input_column(endpoint, (enum input)i)].name);
  }
  for (; *tag != '\0'; tag++)
    if (((unsigned char)*tag & 0xC0) != 0x80) characters++;
  if (characters > endpoint->tag_max)
    return error_set(error, "%s: tag is longer than %zu characters", endpoint->table, endpoint->tag_max);
  return task_id_check(endpoint->table, query->inputs[INPUT_TASK], endpoint->example_task, error);
}

static long long number_of(sqlite3_value *argument) {
  return sqlite3_value_numeric_type(argument) == SQLITE_NULL ? -1 : sqlite3_value_int64(argument);
}

/* Has the scan check an equality that SQLite may not check. One that the scan can't decide at least leaves out NULLs. */
static void check_equality(const struct column *column, int type, struct term *term) {
  if (sqlite_checks_lists() || term->op != OPERATOR_EQ || type == SQLITE_NULL || type == SQLITE_BLOB) return;
  if (!pushdown_checkable(column, term->op, type == SQLITE_TEXT)) term->op = OPERATOR_IS_NOT_NULL;
  term->checked_here = true;
}

/*
** Whether the application has replaced SQLite's like() or glob() by a function of its own, which may keep any row. Only for its own
** functions does SQLite add the range that a pattern's prefix makes. So a statement with such a pattern is prepared, and not run:
** its plan says whether the range came (table->ranged). This needs no right that the present statement doesn't have.
*/
static int find_replacement(struct table *table, enum sql_operator op, bool *replaced, struct error *error) {
  const struct endpoint *endpoint = table->endpoint;
  sqlite3_stmt *statement = NULL;
  char *select = sqlite3_mprintf("SELECT 1 FROM \"%w\" WHERE %s %s 'a%s'", table->name,
                                 endpoint->columns[endpoint->partition_columns[0]].name, operator_text(op),
                                 op == OPERATOR_LIKE ? "%" : "*");
  table->ranged = false;
  int code = select != NULL ? sqlite3_prepare_v2(table->session->db, select, -1, &statement, NULL) : SQLITE_NOMEM;
  sqlite3_finalize(statement);
  sqlite3_free(select);
  if (code == SQLITE_NOMEM) return error_no_memory(error);
  *replaced = !table->ranged;
  return 0;
}

/* Whether a term may not restrict the table at all, because it may be in the ON of an outer join. A table whose LIMIT is offered is
** in no outer join. */
static int find_leaks(const struct table *table, const struct plan *plan, const struct query *query, bool *leaks,
                      struct error *error) {
  *leaks = false;
  for (size_t i = 0; i < query->term_count; i++) *leaks = *leaks || operator_is_auxiliary(query->terms[i].op);
  if (!*leaks || !sqlite_leaks_on_terms() || plan->limit) {
    *leaks = false;
    return 0;
  }
  return outer_join_may_run(table->session->db, table->name, leaks, error);
}

int arguments_drop_doubtful(struct table *table, const struct plan *plan, struct query *query, struct error *error) {
  bool leaks;
  size_t kept = 0;
  size_t count = query->term_count;
  if (find_leaks(table, plan, query, &leaks, error) != 0) return -1;
  for (size_t i = 0; i < count; i++) {
    struct term *term = &query->terms[i];
    bool doubtful = leaks && operator_is_auxiliary(term->op);
    bool replaceable = term->op == OPERATOR_LIKE || term->op == OPERATOR_GLOB;
    if (!doubtful && replaceable && find_replacement(table, term->op, &doubtful, error) != 0) return -1;
    if (doubtful && operator_is_api_only(term->op))
      return error_set(error,
                       "%s: before SQLite 3.51, %s() can't be told from a condition of an outer join: use a sub-query or LIKE",
                       table->endpoint->table, operator_text(term->op));
    if (!doubtful) {
      struct term moved = *term;
      *term = (struct term){0};
      query->terms[kept++] = moved;
      continue;
    }
    term_release(term);
    query->limit = -1; /* SQLite will leave rows out */
    query->offset = 0;
  }
  query->term_count = kept;
  return 0;
}

int arguments_query(const struct table *table, const struct plan *plan, sqlite3_value **values, struct query *query,
                    bool *impossible, struct error *error) {
  *query = (struct query){.endpoint = table->endpoint, .limit = -1, .count = plan->count};
  if (plan->input_missing) return task_id_check(table->endpoint->table, NULL, table->endpoint->example_task, error);
  query->terms = calloc((size_t)plan->term_count + 1, sizeof *query->terms);
  if (query->terms == NULL) return error_no_memory(error);
  if (copy_inputs(table, query, error) != 0) return -1;
  for (int i = 0; i < plan->term_count; i++) {
    int column = plan->terms[i].column;
    const struct column *described = &table->endpoint->columns[column];
    if (column_is_input(described)) {
      char **input = &query->inputs[described->input];
      if (take_input(table->endpoint, column, input, values[i], impossible, error) != 0) return -1;
      continue;
    }
    struct term *term = &query->terms[query->term_count++];
    *term = (struct term){.column = column, .op = plan->terms[i].op, .checked_here = plan->terms[i].checked_here};
    if (fill_term(described, values[i], term, error) != 0) return -1;
    check_equality(described, sqlite3_value_type(values[i]), term);
  }
  if (plan->limit) query->limit = number_of(values[plan->term_count]);
  if (plan->offset) query->offset = number_of(values[plan->term_count + 1]);
  if (query->offset < 0) query->offset = 0;
  return *impossible ? 0 : check_inputs(query, error);
}
