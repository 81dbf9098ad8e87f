/*
** The glue between SQLite and a scan:
**
**   SELECT … FROM onpage_links WHERE task_id = '…' AND …            without CREATE
**   SELECT … FROM onpage_links('task', 'filters', 'tag')            hidden columns as arguments
**   CREATE VIRTUAL TABLE … USING onpage_links(task_id='…', …)       a crawl bound to a name
**
** xBestIndex turns constraints into offers for the planner and its plan into idxStr; xFilter turns idxStr and values into a
** query; the rest asks the scan.
*/
#include "vtab/vtab.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/excerpt.h"
#include "plan/plan.h"
#include "scan/scan.h"
#include "vtab/arguments.h"
#include "vtab/best_index.h"
#include "vtab/overload.h"
#include "vtab/result.h"
#include "vtab/table.h"

SQLITE_EXTENSION_INIT3

struct module {
  struct session *session; /* a reference */
  const struct endpoint *endpoint;
};

/* Base class, must be first. */
struct cursor {
  sqlite3_vtab_cursor base;
  struct scan *scan;        /* where rows come from: this, */
  struct probe *probe;      /* or this; both NULL before xFilter, and when there are no rows */
  struct inner_side *inner; /* that the present query belongs to, or NULL */
  bool row;                 /* on a row */
};

/* ---- Connecting ---- */

static char *schema(const struct endpoint *endpoint) {
  struct buffer text = {0};
  buffer_append_text(&text, "CREATE TABLE x(");
  for (int i = 0; i < endpoint->column_count; i++) {
    const struct column *column = &endpoint->columns[i];
    buffer_append_format(&text, "%s%s %s%s", i > 0 ? ", " : "", column->name, column_sql_type(column),
                         column_is_hidden(column) ? " HIDDEN" : "");
  }
  buffer_append_text(&text, ")");
  return buffer_take(&text);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The value of an argument: a quoted string with its quotes doubled inside, or a bare word. */
static char *unquote(const char *text) {
  struct buffer value = {0};
  while (is_blank(*text)) text++;
  size_t size = strlen(text);
  while (size > 0 && is_blank(text[size - 1])) size--;
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

/* Reads one argument of CREATE VIRTUAL TABLE, `name = value`. */
static int bind_argument(struct table *table, const char *argument, struct error *error) {
  const struct endpoint *endpoint = table->endpoint;
  char shown[100];
  while (is_blank(*argument)) argument++;
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
  excerpt_text(shown, sizeof shown, argument, strlen(argument));
  return error_set(error, "%s: %s is not an argument: it takes task_id='…', filters='[…]' and tag='…'", endpoint->table, shown);
}

static int disconnect(sqlite3_vtab *vtab) {
  struct table *table = (struct table *)vtab;
  for (int i = 0; i < INPUT_COUNT; i++) free(table->inputs[i]);
  free(table->name);
  lookups_free(table->lookups);
  session_release(table->session);
  free(table);
  return SQLITE_OK;
}

static int connect(sqlite3 *db, void *context, int count, const char *const *arguments, sqlite3_vtab **vtab, char **message) {
  const struct module *module = context;
  struct error error;
  struct table *table = calloc(1, sizeof *table);
  if (table == NULL) return SQLITE_NOMEM;
  table->session = session_retain(module->session);
  table->endpoint = module->endpoint;
  char *declaration = schema(module->endpoint);
  table->lookups = lookups_new(table->session->room);
  table->name = strdup(arguments[2]);
  int code = declaration != NULL && table->lookups != NULL && table->name != NULL ? sqlite3_declare_vtab(db, declaration)
                                                                                  : SQLITE_NOMEM;
  free(declaration);
  if (code != SQLITE_OK && code != SQLITE_NOMEM)
    *message = sqlite3_mprintf("%s: %s", module->endpoint->table, sqlite3_errmsg(db));
  for (int i = 3; i < count && code == SQLITE_OK; i++) { /* behind the names of module, database and table */
    if (bind_argument(table, arguments[i], &error) == 0) continue;
    code = error.kind == ERROR_NO_MEMORY ? SQLITE_NOMEM : SQLITE_ERROR;
    if (code == SQLITE_ERROR) *message = sqlite3_mprintf("%s", error.message);
  }
  if (code != SQLITE_OK) {
    disconnect(&table->base);
    return code;
  }
  *vtab = &table->base;
  return SQLITE_OK;
}

/* ---- Filtering ---- */

static int next(sqlite3_vtab_cursor *base) {
  struct cursor *cursor = (struct cursor *)base;
  struct error error;
  int result =
      cursor->probe != NULL ? probe_next(cursor->probe, &cursor->row, &error) : scan_next(cursor->scan, &cursor->row, &error);
  if (result == 0) return SQLITE_OK;
  cursor->row = false;
  return result_error(base->pVtab, &error);
}

/* Ends what the cursor was reading. */
static void reset(struct cursor *cursor) {
  probe_close(cursor->probe);
  lookups_leave(cursor->inner, cursor->scan);
  scan_close(cursor->scan);
  cursor->scan = NULL;
  cursor->probe = NULL;
  cursor->inner = NULL;
  cursor->row = false;
}

static int filter(sqlite3_vtab_cursor *base, int columns, const char *text, int count, sqlite3_value **arguments) {
  struct cursor *cursor = (struct cursor *)base;
  struct table *table = (struct table *)base->pVtab;
  struct error error;
  struct plan plan;
  struct query query = {0};
  bool impossible = false;
  reset(cursor);
  if (plan_decode(table->endpoint, text, &plan, &error) != 0) return result_error(base->pVtab, &error);
  if (plan.missing) {
    arguments_refuse(table->endpoint, &error);
    return result_error(base->pVtab, &error);
  }
  if (plan.term_count + plan.limit + plan.offset != count) {
    error_set(&error, "%s: the plan \"%s\" comes with %d values", table->endpoint->table, text, count);
    return result_error(base->pVtab, &error);
  }
  int result = arguments_query(table, &plan, arguments, &query, &impossible, &error);
  if (result == 0 && !impossible) result = arguments_drop_doubtful(table, &plan, &query, &error);
  if (result != 0 || impossible) {
    query_release(&query);
    return result != 0 ? result_error(base->pVtab, &error) : SQLITE_OK;
  }
  query.columns = (uint64_t)columns;
  result = lookups_enter(table->lookups, text, &query, &cursor->inner, &cursor->probe, &error);
  if (result != 0 || cursor->probe != NULL)
    query_release(&query);
  else
    result = scan_open(table->session->client, &query, &cursor->scan, &error);
  return result == 0 ? next(base) : result_error(base->pVtab, &error);
}

/* ---- Reading ---- */

static int open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **base) {
  struct table *table = (struct table *)vtab;
  struct cursor *cursor = calloc(1, sizeof *cursor);
  if (cursor == NULL) return SQLITE_NOMEM;
  if (table->cursors++ == 0) lookups_expire(table->lookups);
  client_enter(table->session->client);
  *base = &cursor->base;
  return SQLITE_OK;
}

static int close(sqlite3_vtab_cursor *base) {
  struct cursor *cursor = (struct cursor *)base;
  struct table *table = (struct table *)base->pVtab;
  reset(cursor);
  free(cursor);
  if (--table->cursors == 0) lookups_expire(table->lookups);
  client_leave(table->session->client);
  return SQLITE_OK;
}

static int eof(sqlite3_vtab_cursor *base) {
  return !((struct cursor *)base)->row;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number) {
  struct cursor *cursor = (struct cursor *)base;
  struct value value;
  struct error error;
  int result = cursor->probe != NULL ? probe_value(cursor->probe, number, &value, &error)
                                     : scan_value(cursor->scan, number, &value, &error);
  if (result != 0) return result_error(base->pVtab, &error);
  result_value(context, &value);
  return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *id) {
  struct cursor *cursor = (struct cursor *)base;
  struct error error;
  int64_t number;
  if (cursor->probe != NULL) {
    *id = probe_rowid(cursor->probe);
    return SQLITE_OK;
  }
  if (scan_rowid(cursor->scan, &number, &error) != 0) return result_error(base->pVtab, &error);
  *id = number;
  return SQLITE_OK;
}

/* ---- Registration ---- */

static int find_function(sqlite3_vtab *vtab, int count, const char *name,
                         void (**function)(sqlite3_context *, int, sqlite3_value **), void **context) {
  (void)vtab;
  enum sql_operator op;
  if (!overload_find(name, count, &op, function)) return 0;
  *context = NULL;
  return best_index_function(op);
}

static const sqlite3_module module_methods = {
    .iVersion = 2,
    .xCreate = connect, /* the same as xConnect: usable without CREATE, too */
    .xConnect = connect,
    .xBestIndex = best_index,
    .xDisconnect = disconnect,
    .xDestroy = disconnect,
    .xOpen = open,
    .xClose = close,
    .xFilter = filter,
    .xNext = next,
    .xEof = eof,
    .xColumn = column,
    .xRowid = rowid,
    .xFindFunction = find_function,
};

static void free_module(void *context) {
  struct module *module = context;
  session_release(module->session);
  free(module);
}

int vtab_register(struct session *session, const struct endpoint *endpoint) {
  struct module *module = malloc(sizeof *module);
  if (module == NULL) return SQLITE_NOMEM;
  *module = (struct module){.session = session_retain(session), .endpoint = endpoint};
  return sqlite3_create_module_v2(session->db, endpoint->table, &module_methods, module, free_module);
}
