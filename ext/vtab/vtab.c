/*
** The virtual table over an endpoint, in its three forms:
**
**   SELECT … FROM onpage_links WHERE task_id = '…' AND …            without CREATE
**   SELECT … FROM onpage_links('task', 'filters', 'tag')            hidden columns as arguments
**   CREATE VIRTUAL TABLE … USING onpage_links(task_id='…', …)       a crawl bound to a name
**
** xBestIndex (best_index.c) turns constraints into a plan, which SQLite keeps as idxStr; xFilter turns idxStr and the constraints'
** values into a query (arguments.c) and opens a reader of its rows. The methods stand in the order in which SQLite calls them.
*/
#include "vtab/vtab.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buffer.h"
#include "base/excerpt.h"
#include "client/trace.h"
#include "plan/plan.h"
#include "scan/reader.h"
#include "vtab/arguments.h"
#include "vtab/best_index.h"
#include "vtab/module.h"
#include "vtab/overload.h"
#include "vtab/result.h"
#include "vtab/table.h"

SQLITE_EXTENSION_INIT3

struct vtab_cursor {
  sqlite3_vtab_cursor base; /* must be first */
  struct reader reader;     /* closed before xFilter, and when no row is possible */
};

/* ---- Connecting ---- */

static struct module_column column_at(const void *descriptor, int i) {
  const struct column *column = &((const struct endpoint *)descriptor)->columns[i];
  return (struct module_column){.name = column->name, .type = column_sql_type(column), .hidden = column_is_hidden(column)};
}

/* The value of an argument: a string in quotes, which are doubled inside, or a bare word. */
static char *unquote(const char *text) {
  struct buffer value = {0};
  while (ascii_is_space(*text)) text++;
  size_t size = strlen(text);
  while (size > 0 && ascii_is_space(text[size - 1])) size--;
  bool quoted = size >= 2 && (text[0] == '\'' || text[0] == '"') && text[size - 1] == text[0];
  if (!quoted) {
    buffer_append(&value, text, size);
    return buffer_take(&value);
  }
  for (size_t i = 1; i + 1 < size; i++) {
    buffer_append(&value, &text[i], 1);
    if (text[i] == text[0] && text[i + 1] == text[0]) i++;
  }
  return buffer_take(&value);
}

static int unknown_argument(const struct endpoint *endpoint, const char *argument, struct error *error) {
  char shown[100];
  struct buffer expected = {0};
  for (int i = 0; i < endpoint->column_count; i++)
    if (column_is_input(&endpoint->columns[i]))
      buffer_append_format(&expected, "%s%s='…'", expected.size > 0 ? ", " : "", endpoint->columns[i].name);
  excerpt_text(shown, sizeof shown, argument, strlen(argument));
  int result = expected.failed
                   ? error_no_memory(error)
                   : error_set(error, "%s: unknown argument %s; expected %s", endpoint->table, shown, expected.data);
  buffer_release(&expected);
  return result;
}

/* Reads one argument of CREATE VIRTUAL TABLE, `name = value`. */
static int bind_argument(struct table *table, const char *argument, struct error *error) {
  const struct endpoint *endpoint = table->endpoint;
  while (ascii_is_space(*argument)) argument++;
  size_t size = strcspn(argument, " \t\r\n=");
  const char *equals = strchr(argument, '=');
  for (int i = 0; equals != NULL && i < endpoint->column_count; i++) {
    const struct column *column = &endpoint->columns[i];
    bool named = strlen(column->name) == size && sqlite3_strnicmp(argument, column->name, (int)size) == 0;
    if (!named || !column_is_input(column)) continue;
    char **input = &table->inputs[column->input];
    if (*input != NULL) return error_set(error, "%s: %s is given twice", endpoint->table, column->name);
    *input = unquote(equals + 1);
    return *input != NULL ? 0 : error_no_memory(error);
  }
  return unknown_argument(endpoint, argument, error);
}

/* xDisconnect, xDestroy: when the connection closes or the table is dropped. */
static int vtab_disconnect(sqlite3_vtab *vtab) {
  struct table *table = (struct table *)vtab;
  for (int i = 0; i < INPUT_COUNT; i++) free(table->inputs[i]);
  free(table->name);
  inner_sides_free(table->inner_sides);
  session_release(table->session);
  free(table);
  return SQLITE_OK;
}

/* xCreate, xConnect: when a statement first uses the table on this connection, and in CREATE VIRTUAL TABLE. The arguments are the
** names of module, database and table, then those of CREATE. */
static int vtab_connect(sqlite3 *db, void *context, int count, const char *const *arguments, sqlite3_vtab **vtab,
                        char **message) {
  enum { TABLE_NAME = 2, FIRST_ARGUMENT };
  const struct module *module = context;
  const struct endpoint *endpoint = module->descriptor;
  struct error error;
  struct table *table = calloc(1, sizeof *table);
  if (table == NULL) return SQLITE_NOMEM;
  table->session = session_retain(module->session);
  table->endpoint = endpoint;
  table->inner_sides = inner_sides_new(table->session->pool);
  table->name = strdup(arguments[TABLE_NAME]);
  int code = SQLITE_NOMEM;
  if (table->inner_sides != NULL && table->name != NULL)
    code = module_declare(db, endpoint->table, endpoint, endpoint->column_count, column_at, message);
  for (int i = FIRST_ARGUMENT; i < count && code == SQLITE_OK; i++) {
    if (bind_argument(table, arguments[i], &error) == 0) continue;
    code = error.kind == ERROR_NO_MEMORY ? SQLITE_NOMEM : SQLITE_ERROR;
    if (code == SQLITE_ERROR) *message = sqlite3_mprintf("%s", error.message);
  }
  if (code != SQLITE_OK) {
    vtab_disconnect(&table->base);
    return code;
  }
  *vtab = &table->base;
  return SQLITE_OK;
}

/* xFindFunction: when a statement that calls a function with a column of the table as its first argument is prepared. */
static int vtab_find_function(sqlite3_vtab *vtab, int count, const char *name,
                              void (**function)(sqlite3_context *, int, sqlite3_value **), void **context) {
  (void)vtab;
  enum sql_operator op;
  if (!overload_find(name, count, &op, function)) return 0;
  *context = NULL;
  return best_index_function(op);
}

/* ---- Reading ---- */

/* xOpen: when a statement starts, once for each time that it names the table. */
static int vtab_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **base) {
  struct table *table = (struct table *)vtab;
  struct vtab_cursor *cursor = calloc(1, sizeof *cursor);
  if (cursor == NULL) return SQLITE_NOMEM;
  if (table->cursors++ == 0) inner_sides_expire(table->inner_sides);
  client_enter(table->session->client);
  *base = &cursor->base;
  return SQLITE_OK;
}

/* xFilter: to start reading, and again for each outer row of a join. columns is idxNum, text is idxStr (best_index.c). */
static int vtab_filter(sqlite3_vtab_cursor *base, int columns, const char *text, int count, sqlite3_value **values) {
  struct vtab_cursor *cursor = (struct vtab_cursor *)base;
  struct table *table = (struct table *)base->pVtab;
  struct error error;
  struct plan plan;
  struct query query = {0};
  bool impossible = false;
  reader_close(&cursor->reader);
  if (plan_decode(table->endpoint, text, &plan, &error) != 0) return result_error(base->pVtab, &error);
  if (!plan.input_missing && plan.term_count + plan.limit + plan.offset != count) {
    error_set(&error, "%s: the plan \"%s\" comes with %d values", table->endpoint->table, text, count);
    return result_error(base->pVtab, &error);
  }
  int result = arguments_query(table, &plan, values, &query, &impossible, &error);
  if (result == 0 && !impossible) result = arguments_drop_doubtful(table, &plan, &query, &error);
  if (result != 0 || impossible) {
    query_release(&query);
    return result == 0 ? SQLITE_OK : result_error(base->pVtab, &error);
  }
  trace(table->session->config, "%s: plan: %s", table->endpoint->table, text);
  query.columns = (uint64_t)columns;
  result = reader_open(&cursor->reader, table->session->client, table->inner_sides, text, &query, &error);
  return result == 0 ? SQLITE_OK : result_error(base->pVtab, &error);
}

/* xEof: after xFilter and after each xNext. */
static int vtab_eof(sqlite3_vtab_cursor *base) {
  return !((struct vtab_cursor *)base)->reader.on_row;
}

/* xColumn: for each column of a row that the statement uses. */
static int vtab_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
  struct value value;
  struct error error;
  if (reader_value(&((struct vtab_cursor *)base)->reader, column, &value, &error) != 0)
    return result_error(base->pVtab, &error);
  result_value(context, &value);
  return SQLITE_OK;
}

/* xRowid: where a statement uses rowid, and where SQLite tells rows apart, as it does for OR and for RIGHT JOIN. */
static int vtab_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid) {
  int64_t number;
  struct error error;
  if (reader_rowid(&((struct vtab_cursor *)base)->reader, &number, &error) != 0) return result_error(base->pVtab, &error);
  *rowid = number;
  return SQLITE_OK;
}

/* xNext: to go to the next row. */
static int vtab_next(sqlite3_vtab_cursor *base) {
  struct error error;
  return reader_next(&((struct vtab_cursor *)base)->reader, &error) == 0 ? SQLITE_OK : result_error(base->pVtab, &error);
}

/* xClose: when the statement is reset or finalized. */
static int vtab_close(sqlite3_vtab_cursor *base) {
  struct vtab_cursor *cursor = (struct vtab_cursor *)base;
  struct table *table = (struct table *)base->pVtab;
  reader_close(&cursor->reader);
  free(cursor);
  if (--table->cursors == 0) inner_sides_expire(table->inner_sides);
  client_leave(table->session->client);
  return SQLITE_OK;
}

/* ---- Registration ---- */

static const sqlite3_module methods = {
    .iVersion = 2,
    .xCreate = vtab_connect, /* the same as xConnect: the table is there without CREATE, too */
    .xConnect = vtab_connect,
    .xBestIndex = best_index,
    .xFindFunction = vtab_find_function,
    .xOpen = vtab_open,
    .xFilter = vtab_filter,
    .xEof = vtab_eof,
    .xColumn = vtab_column,
    .xRowid = vtab_rowid,
    .xNext = vtab_next,
    .xClose = vtab_close,
    .xDisconnect = vtab_disconnect,
    .xDestroy = vtab_disconnect,
};

int vtab_register(struct session *session, const struct endpoint *endpoint) {
  return module_register(session, endpoint->table, &methods, endpoint);
}
