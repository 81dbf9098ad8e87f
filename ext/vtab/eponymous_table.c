/*
** The glue between SQLite and the descriptor of a small table.
**
** A table may have an input, a text that its rows depend on; where SQL doesn't give it, the table's own start() says so. All
** constraints but those that give the input are left to SQLite, which checks these as well: the tables have few rows.
*/
#include "vtab/eponymous_table.h"

#include <sqlite3ext.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "vtab/result.h"

SQLITE_EXTENSION_INIT3

/* A table with an input costs a request, which weighs as much as some ten thousand rows. Without the input it is dearer than
** any other way, so that SQLite takes it only when there is no other. */
static const double request_cost = 10000;
static const double forbidding_cost = 1e15;
/* Rows of a table without input: about as many as there are columns or logged requests. */
enum { ROWS = 100 };

struct module {
  struct session *session; /* a reference */
  const struct eponymous_table *described;
};

/* Base class, must be first, here and below. */
struct table {
  sqlite3_vtab base;
  struct session *session; /* a reference */
  const struct eponymous_table *described;
};

struct cursor {
  sqlite3_vtab_cursor base;
  void *rows; /* the table's; NULL before xFilter, and when there is nothing to read */
  bool row;   /* on a row */
  int64_t rowid;
};

/* ---- Connecting ---- */

static char *schema(const struct eponymous_table *described) {
  struct buffer text = {0};
  buffer_append_text(&text, "CREATE TABLE x(");
  for (int i = 0; i < described->column_count; i++) {
    const struct small_column *column = &described->columns[i];
    buffer_append_format(&text, "%s%s %s%s", i > 0 ? ", " : "", column->name, column->type, column->hidden ? " HIDDEN" : "");
  }
  buffer_append_text(&text, ")");
  return buffer_take(&text);
}

static int disconnect(sqlite3_vtab *vtab) {
  struct table *table = (struct table *)vtab;
  session_release(table->session);
  free(table);
  return SQLITE_OK;
}

static int connect(sqlite3 *db, void *context, int count, const char *const *arguments, sqlite3_vtab **vtab, char **message) {
  (void)count;
  (void)arguments;
  const struct module *module = context;
  char *declaration = schema(module->described);
  int code = declaration != NULL ? sqlite3_declare_vtab(db, declaration) : SQLITE_NOMEM;
  free(declaration);
  if (code != SQLITE_OK && code != SQLITE_NOMEM)
    *message = sqlite3_mprintf("%s: %s", module->described->name, sqlite3_errmsg(db));
  if (code != SQLITE_OK) return code;
  struct table *table = calloc(1, sizeof *table);
  if (table == NULL) return SQLITE_NOMEM;
  table->session = session_retain(module->session);
  table->described = module->described;
  *vtab = &table->base;
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
static const struct small_column *gives_input(const struct eponymous_table *described,
                                              const struct sqlite3_index_constraint *constraint) {
  if (constraint->op != SQLITE_INDEX_CONSTRAINT_EQ && constraint->op != SQLITE_INDEX_CONSTRAINT_IS) return NULL;
  if (constraint->iColumn < 0 || constraint->iColumn >= described->column_count) return NULL;
  const struct small_column *column = &described->columns[constraint->iColumn];
  return column->input ? column : NULL;
}

/* Takes the values that give the input, all there are: xFilter compares them. *given is their number, *missing whether there are
** more whose values aren't known in this order of tables. The plan, for EXPLAIN only, is appended to text. */
static void take_input(const struct eponymous_table *described, sqlite3_index_info *info, int *given, bool *missing,
                       struct buffer *text) {
  for (int i = 0; i < info->nConstraint; i++) {
    const struct small_column *column = gives_input(described, &info->aConstraint[i]);
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

static int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
  const struct eponymous_table *described = ((const struct table *)vtab)->described;
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

/* Finds the input among its values: a number's text is as good, as in any column of type TEXT. *input belongs to the values.
** Values that differ, NULL and blobs are no input at all: no row can have them. */
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

static void stop(struct cursor *cursor) {
  const struct eponymous_table *described = ((const struct table *)cursor->base.pVtab)->described;
  if (cursor->rows != NULL) described->stop(cursor->rows);
  cursor->rows = NULL;
  cursor->row = false;
}

static int next(sqlite3_vtab_cursor *base) {
  struct cursor *cursor = (struct cursor *)base;
  const struct eponymous_table *described = ((const struct table *)base->pVtab)->described;
  struct error error;
  if (described->next(cursor->rows, &cursor->row, &cursor->rowid, &error) == 0) return SQLITE_OK;
  cursor->row = false;
  return result_error(base->pVtab, &error);
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *text, int count, sqlite3_value **values) {
  (void)number;
  (void)text;
  struct cursor *cursor = (struct cursor *)base;
  const struct table *table = (const struct table *)base->pVtab;
  const char *input = NULL;
  bool impossible = false;
  struct error error;
  stop(cursor);
  if (find_input(table->described, count, values, &input, &impossible, &error) != 0) return result_error(base->pVtab, &error);
  if (impossible) return SQLITE_OK;
  if (table->described->start(table->session, input, &cursor->rows, &error) != 0) return result_error(base->pVtab, &error);
  return next(base);
}

/* ---- Reading ---- */

static int open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **base) {
  struct cursor *cursor = calloc(1, sizeof *cursor);
  if (cursor == NULL) return SQLITE_NOMEM;
  client_enter(((struct table *)vtab)->session->client);
  *base = &cursor->base;
  return SQLITE_OK;
}

static int close(sqlite3_vtab_cursor *base) {
  struct cursor *cursor = (struct cursor *)base;
  client_leave(((struct table *)base->pVtab)->session->client);
  stop(cursor);
  free(cursor);
  return SQLITE_OK;
}

static int eof(sqlite3_vtab_cursor *base) {
  return !((struct cursor *)base)->row;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number) {
  struct cursor *cursor = (struct cursor *)base;
  struct value value = ((const struct table *)base->pVtab)->described->cell(cursor->rows, number);
  result_value(context, &value);
  return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *id) {
  *id = ((struct cursor *)base)->rowid;
  return SQLITE_OK;
}

struct value small_count(int64_t count) {
  if (count < 0) return (struct value){.type = VALUE_NULL};
  return (struct value){.type = VALUE_INTEGER, .integer = count};
}

/* ---- Registration ---- */

static const sqlite3_module module_methods = {
    .iVersion = 2,
    .xCreate = NULL, /* no CREATE VIRTUAL TABLE */
    .xConnect = connect,
    .xBestIndex = best_index,
    .xDisconnect = disconnect,
    .xOpen = open,
    .xClose = close,
    .xFilter = filter,
    .xNext = next,
    .xEof = eof,
    .xColumn = column,
    .xRowid = rowid,
};

static void free_module(void *context) {
  struct module *module = context;
  session_release(module->session);
  free(module);
}

int small_table_register(struct session *session, const struct eponymous_table *table) {
  struct module *module = malloc(sizeof *module);
  if (module == NULL) return SQLITE_NOMEM;
  *module = (struct module){.session = session_retain(session), .described = table};
  return sqlite3_create_module_v2(session->db, table->name, &module_methods, module, free_module);
}
