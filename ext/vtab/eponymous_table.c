/*
** A table may have an input, a text that its rows depend on; where SQL doesn't give it, the table's own start() fails with a
** message. Only constraints that give the input are used, and SQLite checks these as well: the tables have few rows.
*/
#include "vtab/eponymous_table.h"

#include <sqlite3ext.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "vtab/module.h"
#include "vtab/result.h"

SQLITE_EXTENSION_INIT3

/* A table with an input costs a request, which weighs as much as some ten thousand rows. Without a value for the input, the cost
** makes SQLite take any other plan that there is. */
static const double request_cost = 10000;
static const double forbidding_cost = 1e15;
/* Rows of a table without input: about as many as there are columns or logged requests. */
enum { ROWS = 100 };

/* Base class, must be first, here and below. */
struct eponymous_vtab {
  sqlite3_vtab base;
  struct session *session; /* a reference */
  const struct eponymous_table *described;
};

struct eponymous_cursor {
  sqlite3_vtab_cursor base;
  bool row; /* on a row */
  int64_t rowid;
  void *cursor; /* the table's own; NULL before xFilter, and when no row is possible */
};

/* ---- Connecting ---- */

static struct module_column column_at(const void *descriptor, int i) {
  const struct eponymous_column *column = &((const struct eponymous_table *)descriptor)->columns[i];
  return (struct module_column){.name = column->name, .type = column->type, .hidden = column->hidden};
}

/* xDisconnect: when the connection closes. */
static int eponymous_disconnect(sqlite3_vtab *base) {
  struct eponymous_vtab *vtab = (struct eponymous_vtab *)base;
  session_release(vtab->session);
  free(vtab);
  return SQLITE_OK;
}

/* xConnect: when a statement first uses the table on this connection. */
static int eponymous_connect(sqlite3 *db, void *context, int count, const char *const *arguments, sqlite3_vtab **base,
                             char **message) {
  (void)count;
  (void)arguments;
  const struct module *module = context;
  const struct eponymous_table *described = module->descriptor;
  int code = module_declare(db, described->name, described, described->column_count, column_at, message);
  if (code != SQLITE_OK) return code;
  struct eponymous_vtab *vtab = calloc(1, sizeof *vtab);
  if (vtab == NULL) return SQLITE_NOMEM;
  vtab->session = session_retain(module->session);
  vtab->described = described;
  *base = &vtab->base;
  return SQLITE_OK;
}

/* ---- Planning ---- */

/* The name of the table's input: its first input column's; NULL for a table without. */
static const char *input_name(const struct eponymous_table *described) {
  for (int i = 0; i < described->column_count; i++)
    if (described->columns[i].input) return described->columns[i].name;
  return NULL;
}

/* The input column that a constraint gives a value for, or NULL. */
static const struct eponymous_column *gives_input(const struct eponymous_table *described,
                                                  const struct sqlite3_index_constraint *constraint) {
  if (constraint->op != SQLITE_INDEX_CONSTRAINT_EQ && constraint->op != SQLITE_INDEX_CONSTRAINT_IS) return NULL;
  if (constraint->iColumn < 0 || constraint->iColumn >= described->column_count) return NULL;
  const struct eponymous_column *column = &described->columns[constraint->iColumn];
  return column->input ? column : NULL;
}

/* Asks for all values that give the input: xFilter compares them. *given is their number, *missing whether there are
** more whose values aren't known in this order of tables. The plan, for EXPLAIN only, is appended to text. */
static void take_input(const struct eponymous_table *described, sqlite3_index_info *info, int *given, bool *missing,
                       struct buffer *text) {
  for (int i = 0; i < info->nConstraint; i++) {
    const struct eponymous_column *column = gives_input(described, &info->aConstraint[i]);
    if (column == NULL) continue;
    if (!info->aConstraint[i].usable) {
      *missing = true;
      continue;
    }
    buffer_append_format(text, "%s%s = ?", *given > 0 ? " AND " : "", column->name);
    info->aConstraintUsage[i].argvIndex = ++*given;
  }
  if (*given == 0) buffer_append_format(text, "no %s", input_name(described));
}

/* xBestIndex: while a statement is prepared, once for each order of tables that SQLite considers. */
static int eponymous_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
  const struct eponymous_table *described = ((const struct eponymous_vtab *)vtab)->described;
  struct buffer text = {0};
  int given = 0;
  bool missing = false;
  info->estimatedCost = ROWS;
  info->estimatedRows = ROWS;
  if (input_name(described) == NULL) return SQLITE_OK;
  take_input(described, info, &given, &missing, &text);
  char *plan = text.failed ? NULL : sqlite3_mprintf("%s", text.data);
  buffer_release(&text);
  if (plan == NULL) return SQLITE_NOMEM;
  info->idxStr = plan;
  info->needToFreeIdxStr = 1;
  info->estimatedCost = given > 0 ? request_cost : forbidding_cost;
  info->estimatedRows = 1;
  return given == 0 && missing ? SQLITE_CONSTRAINT : SQLITE_OK;
}

/* ---- Filtering ---- */

/* Finds the input among its values: a number gives its text, as in any column of type TEXT. *input belongs to the values.
** *impossible: no row can have what is given, NULL, a blob or two texts that differ. */
static int find_input(const struct eponymous_table *described, int count, sqlite3_value **values, const char **input,
                      bool *impossible, struct error *error) {
  for (int i = 0; i < count; i++) {
    int type = sqlite3_value_type(values[i]);
    if (type == SQLITE_NULL || type == SQLITE_BLOB) {
      *impossible = true;
      continue;
    }
    const char *text = (const char *)sqlite3_value_text(values[i]);
    if (text == NULL) return error_no_memory(error);
    const struct value value = {.type = VALUE_TEXT, .text = text, .size = (size_t)sqlite3_value_bytes(values[i])};
    if (!value_is_plain_text(&value))
      return error_set(error, "%s: %s: the value is not valid UTF-8, or has a zero byte in it", described->name,
                       input_name(described));
    if (*input != NULL && strcmp(*input, text) != 0) *impossible = true;
    *input = text;
  }
  return 0;
}

static void stop(struct eponymous_cursor *cursor) {
  const struct eponymous_table *described = ((const struct eponymous_vtab *)cursor->base.pVtab)->described;
  if (cursor->cursor != NULL) described->stop(cursor->cursor);
  cursor->cursor = NULL;
  cursor->row = false;
}

/* xNext: to go to the next row. */
static int eponymous_next(sqlite3_vtab_cursor *base) {
  struct eponymous_cursor *cursor = (struct eponymous_cursor *)base;
  const struct eponymous_table *described = ((const struct eponymous_vtab *)base->pVtab)->described;
  struct error error;
  if (described->next(cursor->cursor, &cursor->row, &cursor->rowid, &error) == 0) return SQLITE_OK;
  cursor->row = false;
  return result_error(base->pVtab, &error);
}

/* xFilter: to start reading, and again for each outer row of a join. */
static int eponymous_filter(sqlite3_vtab_cursor *base, int number, const char *text, int count, sqlite3_value **values) {
  (void)number;
  (void)text;
  struct eponymous_cursor *cursor = (struct eponymous_cursor *)base;
  const struct eponymous_vtab *vtab = (const struct eponymous_vtab *)base->pVtab;
  const char *input = NULL;
  bool impossible = false;
  struct error error;
  stop(cursor);
  if (find_input(vtab->described, count, values, &input, &impossible, &error) != 0) return result_error(base->pVtab, &error);
  if (impossible) return SQLITE_OK;
  if (vtab->described->start(vtab->session, input, &cursor->cursor, &error) != 0) return result_error(base->pVtab, &error);
  return eponymous_next(base);
}

/* ---- Reading ---- */

/* xOpen: when a statement starts, once for each time that it names the table. */
static int eponymous_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **base) {
  struct eponymous_cursor *cursor = calloc(1, sizeof *cursor);
  if (cursor == NULL) return SQLITE_NOMEM;
  client_enter(((struct eponymous_vtab *)vtab)->session->client);
  *base = &cursor->base;
  return SQLITE_OK;
}

/* xClose: when the statement is reset or finalized. */
static int eponymous_close(sqlite3_vtab_cursor *base) {
  struct eponymous_cursor *cursor = (struct eponymous_cursor *)base;
  client_leave(((struct eponymous_vtab *)base->pVtab)->session->client);
  stop(cursor);
  free(cursor);
  return SQLITE_OK;
}

/* xEof: after xFilter and after each xNext. */
static int eponymous_eof(sqlite3_vtab_cursor *base) {
  return !((struct eponymous_cursor *)base)->row;
}

/* xColumn: for each column of a row that the statement uses. */
static int eponymous_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
  struct eponymous_cursor *cursor = (struct eponymous_cursor *)base;
  struct value value = ((const struct eponymous_vtab *)base->pVtab)->described->cell(cursor->cursor, column);
  result_value(context, &value);
  return SQLITE_OK;
}

/* xRowid: where a statement uses rowid, and where SQLite tells rows apart, as it does for OR and for RIGHT JOIN. */
static int eponymous_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
  *rowid = ((struct eponymous_cursor *)base)->rowid;
  return SQLITE_OK;
}

struct value eponymous_count(int64_t count) {
  if (count < 0) return (struct value){.type = VALUE_NULL};
  return (struct value){.type = VALUE_INTEGER, .integer = count};
}

/* ---- Registration ---- */

static const sqlite3_module methods = {
    .iVersion = 2,
    .xCreate = NULL, /* no CREATE VIRTUAL TABLE */
    .xConnect = eponymous_connect,
    .xBestIndex = eponymous_best_index,
    .xOpen = eponymous_open,
    .xFilter = eponymous_filter,
    .xEof = eponymous_eof,
    .xColumn = eponymous_column,
    .xRowid = eponymous_rowid,
    .xNext = eponymous_next,
    .xClose = eponymous_close,
    .xDisconnect = eponymous_disconnect,
};

int eponymous_table_register(struct session *session, const struct eponymous_table *table) {
  return module_register(session, table->name, &methods, table);
}
