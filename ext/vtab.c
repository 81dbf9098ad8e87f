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
#include "vtab.h"

#include <sqlite3ext.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "host.h"
#include "lookup.h"
#include "overload.h"
#include "plan.h"
#include "scan.h"

SQLITE_EXTENSION_INIT3

/* Rows of a crawl of which nothing is known. */
static const double guessed_rows = 50000;

struct module {
  struct session *session; /* a reference */
  const struct endpoint *endpoint;
};

enum { BOUND_MAX = 3 };

/* Base class, must be first, here and below. */
struct table {
  sqlite3_vtab base;
  struct session *session; /* a reference */
  const struct endpoint *endpoint;
  int first_input;        /* column of the first input; the others follow it */
  char *bound[BOUND_MAX]; /* values of the inputs given in CREATE; NULL: not given */
  struct lookups *lookups;
  int cursors; /* that are open */
};

struct cursor {
  sqlite3_vtab_cursor base;
  struct scan *scan;     /* where rows come from: this, */
  struct probe *probe;   /* or this; both NULL before xFilter, and when there are no rows */
  struct series *series; /* that the present query belongs to, or NULL */
  bool row;              /* on a row */
};

/* Gives an error to SQLite. */
static int fail(sqlite3_vtab *vtab, const struct error *error) {
  if (error->kind == ERROR_NO_MEMORY) return SQLITE_NOMEM;
  if (error->kind == ERROR_INTERRUPTED) return SQLITE_INTERRUPT;
  sqlite3_free(vtab->zErrMsg);
  vtab->zErrMsg = sqlite3_mprintf("%s", error->message);
  return vtab->zErrMsg != NULL ? SQLITE_ERROR : SQLITE_NOMEM;
}

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
  while (is_blank(*argument)) argument++;
  size_t size = strcspn(argument, " \t\r\n=");
  const char *equals = strchr(argument, '=');
  for (int i = 0; equals != NULL && i < BOUND_MAX; i++) {
    const char *name = endpoint->columns[table->first_input + i].name;
    if (strlen(name) != size || sqlite3_strnicmp(argument, name, (int)size) != 0) continue;
    if (table->bound[i] != NULL) return error_set(error, "%s: %s is given twice", endpoint->table, name);
    table->bound[i] = unquote(equals + 1);
    return table->bound[i] != NULL ? 0 : error_no_memory(error);
  }
  return error_set(error, "%s: %.100s is no argument: it takes task_id='…', filters='[…]' and tag='…'", endpoint->table,
                   argument);
}

static int disconnect(sqlite3_vtab *vtab) {
  struct table *table = (struct table *)vtab;
  for (int i = 0; i < BOUND_MAX; i++) free(table->bound[i]);
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
  table->first_input = endpoint_role(module->endpoint, COLUMN_TASK);
  char *declaration = schema(module->endpoint);
  table->lookups = lookups_new(table->session->client);
  int code = declaration != NULL && table->lookups != NULL ? sqlite3_declare_vtab(db, declaration) : SQLITE_NOMEM;
  free(declaration);
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

/* ---- Planning ---- */

/* How SQLite names what it offers. */
static const struct {
  int constraint;
  enum sql_operator op;
} operators[] = {
    {SQLITE_INDEX_CONSTRAINT_EQ, OPERATOR_EQ},          {SQLITE_INDEX_CONSTRAINT_NE, OPERATOR_NE},
    {SQLITE_INDEX_CONSTRAINT_LT, OPERATOR_LT},          {SQLITE_INDEX_CONSTRAINT_LE, OPERATOR_LE},
    {SQLITE_INDEX_CONSTRAINT_GT, OPERATOR_GT},          {SQLITE_INDEX_CONSTRAINT_GE, OPERATOR_GE},
    {SQLITE_INDEX_CONSTRAINT_IS, OPERATOR_IS},          {SQLITE_INDEX_CONSTRAINT_ISNOT, OPERATOR_IS_NOT},
    {SQLITE_INDEX_CONSTRAINT_ISNULL, OPERATOR_IS_NULL}, {SQLITE_INDEX_CONSTRAINT_ISNOTNULL, OPERATOR_IS_NOT_NULL},
    {SQLITE_INDEX_CONSTRAINT_LIKE, OPERATOR_LIKE},      {SQLITE_INDEX_CONSTRAINT_GLOB, OPERATOR_GLOB},
};

/* Overloaded functions are offered under the numbers that xFindFunction gave them. */
static int function_constraint(enum sql_operator op) {
  return SQLITE_INDEX_CONSTRAINT_FUNCTION + (int)op;
}

static bool known_operator(int constraint, enum sql_operator *op) {
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
    if (operators[i].constraint != constraint) continue;
    *op = operators[i].op;
    return true;
  }
  for (int i = 0; i < OPERATOR_COUNT; i++) {
    if (!operator_is_function((enum sql_operator)i) || function_constraint((enum sql_operator)i) != constraint) continue;
    *op = (enum sql_operator)i;
    return true;
  }
  return false;
}

/* What SQLite tells of a constraint only from a certain version on. */
static void look_closer(sqlite3_index_info *info, int i, struct offer *offer) {
#if SQLITE_VERSION_NUMBER >= 3038000
  sqlite3_value *value = NULL;
  if (!host_offers_lists()) return;
  offer->in = sqlite3_vtab_in(info, i, -1) != 0;
  offer->literal = sqlite3_vtab_rhs_value(info, i, &value) == SQLITE_OK && value != NULL;
  offer->literal_text = offer->literal && sqlite3_value_type(value) == SQLITE_TEXT;
#else
  (void)info;
  (void)i;
  (void)offer;
#endif
}

static struct offer make_offer(const struct endpoint *endpoint, sqlite3_index_info *info, int i) {
  struct offer offer = {.kind = OFFER_OTHER, .usable = info->aConstraint[i].usable != 0};
  int constraint = info->aConstraint[i].op;
  int column = info->aConstraint[i].iColumn;
#if SQLITE_VERSION_NUMBER >= 3038000
  if (constraint == SQLITE_INDEX_CONSTRAINT_LIMIT) offer.kind = OFFER_LIMIT;
  if (constraint == SQLITE_INDEX_CONSTRAINT_OFFSET) offer.kind = OFFER_OFFSET;
  if (offer.kind != OFFER_OTHER) return offer;
#endif
  if (column < 0 || column >= endpoint->column_count || !known_operator(constraint, &offer.op)) return offer;
  offer.kind = OFFER_TERM;
  offer.column = column;
  offer.binary = sqlite3_stricmp(sqlite3_vtab_collation(info, i), "BINARY") == 0;
  look_closer(info, i, &offer);
  return offer;
}

/* Tells SQLite what the plan makes of its constraints. */
static void tell_usage(sqlite3_index_info *info, const struct plan_usage *usage) {
  for (int i = 0; i < info->nConstraint; i++) {
    info->aConstraintUsage[i].argvIndex = usage[i].argument;
    info->aConstraintUsage[i].omit = usage[i].omit;
#if SQLITE_VERSION_NUMBER >= 3038000
    if (usage[i].at_once) sqlite3_vtab_in(info, i, 1);
#endif
  }
}

/* Bits of the inputs that CREATE VIRTUAL TABLE has given. */
static uint64_t bound_inputs(const struct table *table) {
  uint64_t bound = 0;
  for (int i = 0; i < BOUND_MAX; i++)
    if (table->bound[i] != NULL) bound |= 1ULL << (table->first_input + i);
  return bound;
}

static int find_function(sqlite3_vtab *vtab, int count, const char *name,
                         void (**function)(sqlite3_context *, int, sqlite3_value **), void **context) {
  (void)vtab;
  enum sql_operator op;
  if (!overload_find(name, count, &op, function)) return 0;
  *context = NULL;
  return function_constraint(op);
}

/* ---- Filtering ---- */

/* Copies a value; on a numeric column, with numeric affinity, which SQLite doesn't apply before xFilter. */
static int copy_value(const struct column *column, sqlite3_value *source, struct value *value) {
  bool numeric = column->class == CLASS_BOOLEAN || column->class == CLASS_INTEGER;
  *value = (struct value){.type = VALUE_NULL};
  switch (numeric ? sqlite3_value_numeric_type(source) : sqlite3_value_type(source)) {
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
  if ((term->value_count & (term->value_count - 1)) == 0) { /* grows at powers of two */
    size_t capacity = term->value_count > 0 ? term->value_count * 2 : 1;
    struct value *values = realloc(term->values, capacity * sizeof *values);
    if (values == NULL) return error_no_memory(error);
    term->values = values;
  }
  if (copy_value(column, source, &term->values[term->value_count]) != 0) return error_no_memory(error);
  term->value_count++;
  return 0;
}

/* Gives a term its value, or all members of its list. */
static int fill_term(const struct column *column, sqlite3_value *argument, struct term *term, struct error *error) {
#if SQLITE_VERSION_NUMBER >= 3038000
  if (term->op == OPERATOR_IN) {
    sqlite3_value *member = NULL;
    int code = sqlite3_vtab_in_first(argument, &member);
    for (; code == SQLITE_OK && member != NULL; code = sqlite3_vtab_in_next(argument, &member))
      if (append_value(column, member, term, error) != 0) return -1;
    if (code == SQLITE_NOMEM) return error_no_memory(error);
    return code == SQLITE_OK || code == SQLITE_DONE ? 0 : error_set(error, "the list of IN can't be read (%d)", code);
  }
#endif
  return append_value(column, argument, term, error);
}

/* A number given as the text of an input is its text, as in any column of type TEXT. */
static int input_text(sqlite3_value *argument, char **text, struct error *error) {
  const char *given = (const char *)sqlite3_value_text(argument);
  size_t size = (size_t)sqlite3_value_bytes(argument);
  if (given == NULL) return error_no_memory(error);
  if (strlen(given) != size) return error_set(error, "the value has a zero byte in it");
  *text = strdup(given);
  return *text != NULL ? 0 : error_no_memory(error);
}

/* Takes the value of an input. The same input given twice, or beside a bound one, has to be the same or no row can be. */
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

static int copy_bound(const struct table *table, char **inputs[BOUND_MAX], struct error *error) {
  for (int i = 0; i < BOUND_MAX; i++) {
    if (table->bound[i] == NULL) continue;
    *inputs[i] = strdup(table->bound[i]);
    if (*inputs[i] == NULL) return error_no_memory(error);
  }
  return 0;
}

static int refuse(const struct endpoint *endpoint, struct error *error) {
  return error_set(error, "%s: task_id is missing: say which crawl, as in SELECT * FROM %s WHERE task_id = '%s'",
                   endpoint->table, endpoint->table, endpoint->example_task);
}

static int check_inputs(const struct query *query, struct error *error) {
  const struct endpoint *endpoint = query->endpoint;
  size_t characters = 0;
  for (const char *c = query->tag != NULL ? query->tag : ""; *c != '\0'; c++)
    if (((unsigned char)*c & 0xC0) != 0x80) characters++;
  if (characters > endpoint->tag_max)
    return error_set(error, "%s: tag is longer than %zu characters", endpoint->table, endpoint->tag_max);
  return query->task_id == NULL || query->task_id[0] == '\0' ? refuse(endpoint, error) : 0;
}

static long long number_of(sqlite3_value *argument) {
  return sqlite3_value_numeric_type(argument) == SQLITE_NULL ? -1 : sqlite3_value_int64(argument);
}

/* Has the scan check an equality that the host may not check. One that the scan doesn't understand keeps NULLs out at least. */
static void check_equality(const struct column *column, struct term *term) {
  if (host_checks_lists() || term->op != OPERATOR_EQ) return;
  if (!pushdown_checkable(column, term->op, term->values[0].type == VALUE_TEXT)) term->op = OPERATOR_IS_NOT_NULL;
  term->checked_here = true;
}

/* Drops the terms that may not restrict the table at all (host.h). One that only the API can evaluate can't be dropped. */
static int drop_leaked(const struct table *table, const struct plan *plan, struct query *query, struct error *error) {
  bool leaks = false;
  for (size_t i = 0; i < query->term_count; i++) leaks = leaks || operator_is_auxiliary(query->terms[i].op);
  if (!leaks || !host_leaks_on_terms() || plan->limit || !host_may_run_outer_join(table->session->db)) return 0;
  size_t kept = 0;
  for (size_t i = 0; i < query->term_count; i++) {
    struct term *term = &query->terms[i];
    if (operator_is_api_only(term->op))
      return error_set(error,
                       "%s: %s() can't be told from a condition of an outer join before SQLite 3.51: use a sub-query or LIKE",
                       table->endpoint->table, operator_text(term->op));
    if (operator_is_auxiliary(term->op))
      term_release(term);
    else
      query->terms[kept++] = *term;
  }
  query->term_count = kept;
  return 0;
}

/* Makes the query of a plan and its values. *impossible: an input can't be what is asked for. */
static int make_query(const struct table *table, const struct plan *plan, sqlite3_value **arguments, struct query *query,
                      bool *impossible, struct error *error) {
  char **inputs[BOUND_MAX] = {&query->task_id, &query->filters, &query->tag};
  *query = (struct query){.endpoint = table->endpoint, .limit = -1, .count = plan->count};
  query->terms = calloc((size_t)plan->term_count + 1, sizeof *query->terms);
  if (query->terms == NULL) return error_no_memory(error);
  if (copy_bound(table, inputs, error) != 0) return -1;
  for (int i = 0; i < plan->term_count; i++) {
    int column = plan->terms[i].column;
    const struct column *described = &table->endpoint->columns[column];
    if (column_is_input(described)) {
      char **input = inputs[column - table->first_input];
      if (take_input(table->endpoint, column, input, arguments[i], impossible, error) != 0) return -1;
      continue;
    }
    struct term *term = &query->terms[query->term_count++];
    *term = (struct term){.column = column, .op = plan->terms[i].op, .checked_here = plan->terms[i].checked_here};
    if (fill_term(described, arguments[i], term, error) != 0) return -1;
    check_equality(described, term);
  }
  if (plan->limit) query->limit = number_of(arguments[plan->term_count]);
  if (plan->offset) query->offset = number_of(arguments[plan->term_count + 1]);
  if (query->offset < 0) query->offset = 0;
  return *impossible ? 0 : check_inputs(query, error);
}

/* ---- Estimating by what earlier answers said ---- */

/* The values of the plan's terms, as far as they are known while planning; false if one isn't. */
static bool known_values(sqlite3_index_info *info, const struct plan *plan, const struct plan_usage *usage,
                         sqlite3_value *values[PLAN_TERMS_MAX]) {
#if SQLITE_VERSION_NUMBER >= 3038000
  int known = 0;
  for (int i = 0; i < info->nConstraint && host_offers_lists(); i++) {
    int argument = usage[i].argument;
    if (argument < 1 || argument > plan->term_count || usage[i].at_once) continue;
    if (sqlite3_vtab_rhs_value(info, i, &values[argument - 1]) == SQLITE_OK && values[argument - 1] != NULL) known++;
  }
  return known == plan->term_count;
#else
  (void)info, (void)plan, (void)usage, (void)values;
  return false;
#endif
}

/* Looks for the totals of the crawl, and of what the plan would ask of it. */
static void look_up_totals(const struct table *table, sqlite3_index_info *info, const struct plan *plan,
                           const struct plan_usage *usage, struct plan_question *question) {
  sqlite3_value *values[PLAN_TERMS_MAX] = {NULL};
  struct query query = {0};
  struct query whole = {0};
  struct error ignored;
  bool impossible = false;
  struct plan terms = *plan;
  terms.limit = false;
  terms.offset = false;
  if (plan->missing || !known_values(info, plan, usage, values)) return;
  if (make_query(table, &terms, values, &query, &impossible, &ignored) == 0 && !impossible) {
    long long kept = scan_known_total(table->session->client, &query);
    if (kept >= 0) question->rows_kept = (double)kept;
    whole.endpoint = table->endpoint;
    whole.limit = -1;
    whole.task_id = query.task_id;
    long long all = scan_known_total(table->session->client, &whole);
    if (all >= 0) question->rows = (double)all;
    whole.task_id = NULL;
  }
  query_release(&whole);
  query_release(&query);
}

static int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
  const struct table *table = (const struct table *)vtab;
  const struct endpoint *endpoint = table->endpoint;
  const struct config *config = table->session->config;
  int count = info->nConstraint;
  struct offer *offers = calloc((size_t)count + 1, sizeof *offers);
  struct plan_usage *usage = calloc((size_t)count + 1, sizeof *usage);
  struct plan plan;
  struct buffer text = {0};
  int code = SQLITE_NOMEM;
  if (offers == NULL || usage == NULL) goto out;
  for (int i = 0; i < count; i++) offers[i] = make_offer(endpoint, info, i);
  struct plan_question question = {
      .offers = offers,
      .offer_count = count,
      .columns_used = info->colUsed,
      .ordered = info->nOrderBy > 0,
      .bound = bound_inputs(table),
      .pushdown = config_number(config, OPTION_PUSHDOWN) != 0,
      .count_pushdown = config_number(config, OPTION_COUNT_PUSHDOWN) != 0,
      .hides_terms = host_hides_terms(info),
      .leaks_on_terms = host_leaks_on_terms(),
      .page_size = (int)config_number(config, OPTION_PAGE_SIZE),
      .rows = guessed_rows,
      .rows_kept = -1,
  };
  plan_make(endpoint, &question, &plan, usage);
  plan_encode(endpoint, &plan, &text);
  if (text.failed) goto out;
  info->idxStr = sqlite3_mprintf("%s", text.data);
  if (info->idxStr == NULL) goto out;
  info->needToFreeIdxStr = 1;
  info->idxNum = (int)(info->colUsed & INT32_MAX); /* for xFilter: what may be asked of the rows */
  look_up_totals(table, info, &plan, usage, &question);
  plan_estimate(endpoint, &question, &plan, &info->estimatedCost, (int64_t *)&info->estimatedRows);
  tell_usage(info, usage);
  code = SQLITE_OK;
out:
  buffer_release(&text);
  free(usage);
  free(offers);
  return code;
}

static int next(sqlite3_vtab_cursor *base) {
  struct cursor *cursor = (struct cursor *)base;
  struct error error;
  if (cursor->probe != NULL) {
    cursor->row = probe_next(cursor->probe);
    return SQLITE_OK;
  }
  if (scan_next(cursor->scan, &cursor->row, &error) == 0) return SQLITE_OK;
  cursor->row = false;
  return fail(base->pVtab, &error);
}

/* Ends what the cursor was reading. */
static void reset(struct cursor *cursor) {
  lookups_leave(cursor->series, cursor->scan != NULL ? scan_requests(cursor->scan) : 0);
  scan_close(cursor->scan);
  probe_close(cursor->probe);
  cursor->scan = NULL;
  cursor->probe = NULL;
  cursor->series = NULL;
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
  if (plan_decode(table->endpoint, text, &plan, &error) != 0) return fail(base->pVtab, &error);
  if (plan.missing) {
    refuse(table->endpoint, &error);
    return fail(base->pVtab, &error);
  }
  if (plan.term_count + plan.limit + plan.offset != count) {
    error_set(&error, "%s: the plan \"%s\" comes with %d values", table->endpoint->table, text, count);
    return fail(base->pVtab, &error);
  }
  int result = make_query(table, &plan, arguments, &query, &impossible, &error);
  if (result == 0 && !impossible) result = drop_leaked(table, &plan, &query, &error);
  if (result != 0 || impossible) {
    query_release(&query);
    return result != 0 ? fail(base->pVtab, &error) : SQLITE_OK;
  }
  result = lookups_enter(table->lookups, text, (uint64_t)columns, &query, &cursor->series, &cursor->probe, &error);
  if (result != 0 || cursor->probe != NULL)
    query_release(&query);
  else
    result = scan_open(table->session->client, &query, &cursor->scan, &error);
  return result == 0 ? next(base) : fail(base->pVtab, &error);
}

/* ---- Reading ---- */

static int open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **base) {
  struct cursor *cursor = calloc(1, sizeof *cursor);
  if (cursor == NULL) return SQLITE_NOMEM;
  ((struct table *)vtab)->cursors++;
  *base = &cursor->base;
  return SQLITE_OK;
}

static int close(sqlite3_vtab_cursor *base) {
  struct cursor *cursor = (struct cursor *)base;
  struct table *table = (struct table *)base->pVtab;
  reset(cursor);
  free(cursor);
  if (--table->cursors == 0) lookups_rest(table->lookups);
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
  if (result != 0) return fail(base->pVtab, &error);
  switch (value.type) {
    case VALUE_INTEGER: sqlite3_result_int64(context, value.integer); break;
    case VALUE_REAL: sqlite3_result_double(context, value.real); break;
    case VALUE_TEXT:
      /* Copied: SQLite may keep a value, as max() does, longer than the page lives. */
      sqlite3_result_text64(context, value.text, value.size, SQLITE_TRANSIENT, SQLITE_UTF8);
      break;
    case VALUE_NULL:
    case VALUE_BLOB: sqlite3_result_null(context); break;
  }
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
  if (scan_rowid(cursor->scan, &number, &error) != 0) return fail(base->pVtab, &error);
  *id = number;
  return SQLITE_OK;
}

/* ---- Registration ---- */

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
