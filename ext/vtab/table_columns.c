/*
** onpage_columns: one row for each column of each table of the extension, from the descriptors that drive the code.
*/
#include <stdlib.h>

#include "api/endpoint.h"
#include "base/buffer.h"
#include "plan/pushdown.h"
#include "vtab/eponymous_table.h"

static const struct endpoint *const endpoints[] = {&endpoint_links};
enum { ENDPOINT_COUNT = sizeof endpoints / sizeof *endpoints };

const struct eponymous_table *const small_tables[] = {&table_columns, &table_requests, &table_crawl, NULL};

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
static const struct small_column columns[COLUMNS_COUNT] = {
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

/* Goes through the columns of the endpoints, then those of the small tables. */
struct rows {
  size_t table; /* index of the one at hand: an endpoint, or ENDPOINT_COUNT and more for a small table */
  int column;   /* index of the next in it */
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
  *started = calloc(1, sizeof(struct rows));
  return *started != NULL ? 0 : error_no_memory(error);
}

static void stop(void *started) {
  struct rows *rows = started;
  buffer_release(&rows->pushdown);
  free(rows);
}

/* Functions are written as they are called. */
static void write_pushdown(const struct column *column, struct buffer *text) {
  if (column_is_input(column)) buffer_append_text(text, "=");
  for (int i = 0; i < OPERATOR_COUNT; i++) {
    enum sql_operator op = (enum sql_operator)i;
    if (pushdown_best(column, op) == PRECISION_LOCAL) continue;
    buffer_append_format(text, "%s%s%s", text->size > 0 ? " " : "", operator_text(op), operator_is_function(op) ? "()" : "");
  }
  if (column->filterable == FILTER_ASK && text->size > 0) buffer_append_text(text, " (when available_filters names it)");
}

static void describe_column(struct rows *rows, const struct endpoint *endpoint, const struct column *column) {
  rows->table_name = endpoint->table;
  rows->name = column->name;
  rows->type = column_sql_type(column);
  rows->hidden = column_is_hidden(column);
  rows->description = column->description;
  write_pushdown(column, &rows->pushdown);
}

static void describe_small_column(struct rows *rows, const struct eponymous_table *table, const struct small_column *column) {
  rows->table_name = table->name;
  rows->name = column->name;
  rows->type = column->type;
  rows->hidden = column->hidden;
  rows->description = column->description;
  if (column->input) buffer_append_text(&rows->pushdown, "=");
}

/* Takes the next column of the table at hand, or goes on to the next table; false behind the last one. */
static bool advance(struct rows *rows) {
  for (;; rows->table++, rows->column = 0) {
    if (rows->table < ENDPOINT_COUNT) {
      const struct endpoint *endpoint = endpoints[rows->table];
      if (rows->column == endpoint->column_count) continue;
      describe_column(rows, endpoint, &endpoint->columns[rows->column++]);
    } else {
      const struct eponymous_table *table = small_tables[rows->table - ENDPOINT_COUNT];
      if (table == NULL) return false;
      if (rows->column == table->column_count) continue;
      describe_small_column(rows, table, &table->columns[rows->column++]);
    }
    return true;
  }
}

static int next(void *started, bool *row, int64_t *rowid, struct error *error) {
  struct rows *rows = started;
  buffer_release(&rows->pushdown);
  *row = advance(rows);
  *rowid = ++rows->number;
  return rows->pushdown.failed ? error_no_memory(error) : 0;
}

static struct value cell(const void *started, int column) {
  const struct rows *rows = started;
  switch (column) {
    case COLUMNS_TABLE_NAME: return value_of_text(rows->table_name);
    case COLUMNS_COLUMN_NAME: return value_of_text(rows->name);
    case COLUMNS_COLUMN_TYPE: return value_of_text(rows->type);
    case COLUMNS_HIDDEN: return small_count(rows->hidden);
    case COLUMNS_PUSHDOWN: return value_of_text(rows->pushdown.data);
    case COLUMNS_DESCRIPTION: return value_of_text(rows->description);
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
