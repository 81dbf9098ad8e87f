/*
** onpage_columns: one row for each column of each table of the extension, from the descriptors that drive the code.
**
** Tests: tests/e2e/test_eponymous_tables.c.
*/
#include <stdlib.h>

#include "api/endpoint.h"
#include "base/buffer.h"
#include "plan/pushdown.h"
#include "vtab/eponymous_table.h"
#include "vtab/tables.h"

enum {
  COLUMNS_TABLE_NAME,
  COLUMNS_COLUMN_NAME,
  COLUMNS_COLUMN_TYPE,
  COLUMNS_HIDDEN,
  COLUMNS_PUSHDOWN,
  COLUMNS_DESCRIPTION,
  COLUMNS_COUNT
};

/* clang-format off */
static const struct eponymous_column columns[COLUMNS_COUNT] = {
  [COLUMNS_TABLE_NAME] = {.name = "table_name", .type = "TEXT",
    .description = "table of the extension"},
  [COLUMNS_COLUMN_NAME] = {.name = "column_name", .type = "TEXT",
    .description = "its column"},
  [COLUMNS_COLUMN_TYPE] = {.name = "column_type", .type = "TEXT",
    .description = "the column's declared type"},
  [COLUMNS_HIDDEN] = {.name = "hidden", .type = "BOOLEAN",
    .description = "1 when SELECT * leaves the column out"},
  [COLUMNS_PUSHDOWN] = {.name = "pushdown", .type = "TEXT",
    .description = "operators and functions that reach the API when they are used on the column; NULL: none"},
  [COLUMNS_DESCRIPTION] = {.name = "description", .type = "TEXT",
    .description = "what the column holds"},
};
/* clang-format on */

struct columns_cursor {
  size_t table; /* index of the present one */
  int column;   /* index of the next column in it */
  int64_t number;
  /* The present row: */
  const char *table_name;
  const char *name;
  const char *type;
  bool hidden;
  struct buffer pushdown; /* empty: none */
  const char *description;
};

static int start(struct session *session, const char *input, void **started, struct error *error) {
  (void)session;
  (void)input;
  *started = calloc(1, sizeof(struct columns_cursor));
  return *started != NULL ? 0 : error_no_memory(error);
}

static void stop(void *started) {
  struct columns_cursor *cursor = started;
  buffer_release(&cursor->pushdown);
  free(cursor);
}

/* Writes the operators that reach the API, functions with parentheses. */
static void write_pushdown(const struct column *column, struct buffer *text) {
  if (column_is_input(column)) buffer_append_text(text, "=");
  for (int i = 0; i < OPERATOR_COUNT; i++) {
    enum sql_operator op = (enum sql_operator)i;
    if (pushdown_best(column, op) == PRECISION_LOCAL) continue;
    buffer_append_format(text, "%s%s%s", text->size > 0 ? " " : "", operator_text(op), operator_is_function(op) ? "()" : "");
  }
  if (column->filterable == FILTER_ASK && text->size > 0) buffer_append_text(text, " (when available_filters names it)");
}

/* Takes a column of a table over an endpoint. */
static void take_field(struct columns_cursor *cursor, const struct endpoint *endpoint, const struct column *column) {
  cursor->table_name = endpoint->table;
  cursor->name = column->name;
  cursor->type = column_sql_type(column);
  cursor->hidden = column_is_hidden(column);
  cursor->description = column->description;
  write_pushdown(column, &cursor->pushdown);
}

/* Takes a column of an eponymous table. */
static void take_column(struct columns_cursor *cursor, const struct eponymous_table *table,
                        const struct eponymous_column *column) {
  cursor->table_name = table->name;
  cursor->name = column->name;
  cursor->type = column->type;
  cursor->hidden = column->hidden;
  cursor->description = column->description;
  if (column->input) buffer_append_text(&cursor->pushdown, "=");
}

/* Takes the next column of the present table, or of the next one; false after the last one. */
static bool advance(struct columns_cursor *cursor) {
  for (; cursor->table < table_count; cursor->table++, cursor->column = 0) {
    const struct endpoint *endpoint = tables[cursor->table].endpoint;
    const struct eponymous_table *eponymous = tables[cursor->table].eponymous;
    if (cursor->column == (endpoint != NULL ? endpoint->column_count : eponymous->column_count)) continue;
    int column = cursor->column++;
    if (endpoint != NULL)
      take_field(cursor, endpoint, &endpoint->columns[column]);
    else
      take_column(cursor, eponymous, &eponymous->columns[column]);
    return true;
  }
  return false;
}

static int next(void *started, bool *row, int64_t *rowid, struct error *error) {
  struct columns_cursor *cursor = started;
  buffer_release(&cursor->pushdown);
  *row = advance(cursor);
  *rowid = ++cursor->number;
  return cursor->pushdown.failed ? error_no_memory(error) : 0;
}

static struct value cell(const void *started, int column) {
  const struct columns_cursor *cursor = started;
  switch (column) {
    case COLUMNS_TABLE_NAME: return value_of_text(cursor->table_name);
    case COLUMNS_COLUMN_NAME: return value_of_text(cursor->name);
    case COLUMNS_COLUMN_TYPE: return value_of_text(cursor->type);
    case COLUMNS_HIDDEN: return eponymous_count(cursor->hidden);
    case COLUMNS_PUSHDOWN: return value_of_text(cursor->pushdown.data);
    case COLUMNS_DESCRIPTION: return value_of_text(cursor->description);
    default: return value_of_text(NULL);
  }
}

const struct eponymous_table table_columns = {
    .name = "onpage_columns",
    .columns = columns,
    .column_count = COLUMNS_COUNT,
    .start = start,
    .next = next,
    .cell = cell,
    .stop = stop,
};
