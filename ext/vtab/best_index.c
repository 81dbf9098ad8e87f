/*
** From sqlite3_index_info to the planner's values (plan.h) and back. What SQLite tells only from a certain version on is left out
** where it is older, or the headers are.
*/
#include "vtab/best_index.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "client/trace.h"
#include "plan/plan.h"
#include "scan/scan.h"
#include "vtab/arguments.h"
#include "vtab/sqlite_compat.h"

SQLITE_EXTENSION_INIT3

/* Rows of a crawl of which nothing is known. */
static const double guessed_rows = 50000;

/* ---- Offers ---- */

/* The operators by the numbers that SQLite offers them under. */
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

int best_index_function(enum sql_operator op) {
  return SQLITE_INDEX_CONSTRAINT_FUNCTION + (int)op;
}

static bool known_operator(int constraint, enum sql_operator *op) {
  for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
    if (operators[i].constraint != constraint) continue;
    *op = operators[i].op;
    return true;
  }
  for (int i = 0; i < OPERATOR_COUNT; i++) {
    if (!operator_is_function((enum sql_operator)i) || best_index_function((enum sql_operator)i) != constraint) continue;
    *op = (enum sql_operator)i;
    return true;
  }
  return false;
}

/* Whether `=` is a list of IN. Not known before 3.38. */
static bool is_list(sqlite3_index_info *info, int i) {
#if SQLITE_VERSION_NUMBER >= 3038000
  return sqlite_offers_lists() && sqlite3_vtab_in(info, i, -1) != 0;
#else
  (void)info;
  (void)i;
  return false;
#endif
}

/* Whether the value of a constraint is known while planning. Not known before 3.38. */
static bool value_is_known(sqlite3_index_info *info, int i) {
#if SQLITE_VERSION_NUMBER >= 3038000
  sqlite3_value *value = NULL;
  return sqlite_offers_lists() && sqlite3_vtab_rhs_value(info, i, &value) == SQLITE_OK && value != NULL;
#else
  (void)info;
  (void)i;
  return false;
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
  offer.in = is_list(info, i);
  offer.known = value_is_known(info, i);
  return offer;
}

/* Whether a text column has a >=, as SQLite adds one to a LIKE with a fixed prefix (arguments.c). */
static bool has_range(const struct endpoint *endpoint, const struct offer *offers, int count) {
  for (int i = 0; i < count; i++)
    if (offers[i].kind == OFFER_TERM && offers[i].op == OPERATOR_GE && !column_is_numeric(&endpoint->columns[offers[i].column]))
      return true;
  return false;
}

/* ---- Planning ---- */

/* Bits of the inputs that CREATE VIRTUAL TABLE has given. */
static uint64_t bound_inputs(const struct table *table) {
  uint64_t bound = 0;
  for (int i = 0; i < INPUT_COUNT; i++)
    if (table->inputs[i] != NULL) bound |= 1ULL << endpoint_input_column(table->endpoint, (enum input)i);
  return bound;
}

/* Offers, options and what is known of the server: all that the plan depends on. */
static struct plan_input make_input(const struct table *table, const sqlite3_index_info *info, const struct offer *offers) {
  const struct config *config = table->session->config;
  const struct capabilities *capabilities = client_capabilities(table->session->client);
  return (struct plan_input){
      .offers = offers,
      .offer_count = info->nConstraint,
      .columns_used = info->colUsed,
      .ordered = info->nOrderBy > 0,
      .bound = bound_inputs(table),
      .pushdown = config_number(config, OPTION_PUSHDOWN) != 0,
      .count_pushdown = config_number(config, OPTION_COUNT_PUSHDOWN) != 0,
      .rejected = capabilities_rejected_columns(capabilities, table->endpoint),
      .in_rejected = capabilities->in_rejected,
      .leaks_on_terms = sqlite_leaks_on_terms(),
      .page_size = (int)config_number(config, OPTION_PAGE_SIZE),
      .rows = guessed_rows,
  };
}

/* Tells SQLite the plan, which it passes on to xFilter: its text as idxStr, and as idxNum bits of the columns that may be read. */
static int tell_plan(sqlite3_index_info *info, const struct endpoint *endpoint, const struct plan *plan, bool pushdown) {
  struct buffer text = {0};
  plan_encode(endpoint, plan, &text);
  if (!text.failed) info->idxStr = sqlite3_mprintf("%s", text.data);
  buffer_release(&text);
  if (info->idxStr == NULL) return SQLITE_NOMEM;
  info->needToFreeIdxStr = 1;
  /* With pushdown off, nothing that SQLite says of the statement is relied on. */
  uint64_t all = (1ULL << endpoint->column_count) - 1;
  info->idxNum = (int)(pushdown ? info->colUsed & all : all);
  return SQLITE_OK;
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

/* ---- Estimating ---- */

/* A plan of only the terms whose values are known while planning; values are theirs. */
static struct plan known_terms(sqlite3_index_info *info, const struct plan *plan, const struct plan_usage *usage,
                               sqlite3_value *values[PLAN_TERMS_MAX]) {
  struct plan known = {.count = false};
#if SQLITE_VERSION_NUMBER >= 3038000
  for (int i = 0; i < info->nConstraint && sqlite_offers_lists(); i++) {
    int argument = usage[i].argument;
    if (argument < 1 || argument > plan->term_count || !plan->terms[argument - 1].known) continue;
    if (sqlite3_vtab_rhs_value(info, i, &values[known.term_count]) != SQLITE_OK) continue;
    known.terms[known.term_count++] = plan->terms[argument - 1];
  }
#else
  (void)info, (void)plan, (void)usage, (void)values;
#endif
  return known;
}

/* Adds what earlier responses said: rows of the crawl, and of those that the terms with known values leave. */
static void look_up_totals(const struct table *table, sqlite3_index_info *info, const struct plan *plan,
                           const struct plan_usage *usage, struct plan_input *input) {
  sqlite3_value *values[PLAN_TERMS_MAX] = {NULL};
  struct client *client = table->session->client;
  struct query query = {0};
  struct query crawl = {.endpoint = table->endpoint, .limit = -1};
  struct error ignored;
  bool impossible = false;
  if (plan->input_missing) return;
  const struct plan known = known_terms(info, plan, usage, values);
  if (arguments_query(table, &known, values, &query, &impossible, &ignored) == 0 && !impossible) {
    long long rows = scan_known_total(client, &query);
    if (rows >= 0) input->rows_constant = rows > 0 ? (double)rows : 1;
    crawl.inputs[INPUT_TASK] = query.inputs[INPUT_TASK]; /* borrowed */
    rows = scan_known_total(client, &crawl);
    if (rows >= 0) input->rows = (double)rows;
    crawl.inputs[INPUT_TASK] = NULL;
  }
  query_release(&crawl);
  query_release(&query);
}

/* Traces why terms are not sent, as far as that is known before their values are. */
static void trace_local_terms(const struct table *table, sqlite3_index_info *info, const struct plan_input *input) {
  for (int i = 0; i < info->nConstraint; i++) {
    const struct offer *offer = &input->offers[i];
    if (offer->kind != OFFER_TERM) continue;
    const struct column *column = &table->endpoint->columns[offer->column];
    const char *why = NULL;
    if (column_is_input(column)) continue;
    if (!input->pushdown)
      why = "the option pushdown is off";
    else if (pushdown_best(column, offer->op) == PRECISION_LOCAL)
      why = "the API has no such condition";
    else if (input->rejected >> offer->column & 1)
      why = "the API has rejected the column";
    else if (pushdown_needs_binary(column, offer->op) && !offer->binary)
      why = "its collation isn't BINARY";
    if (why != NULL)
      trace(table->session->config, "%s: %s %s ? stays local: %s", table->endpoint->table, column->name,
            operator_text(offer->op), why);
  }
}

int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
  struct table *table = (struct table *)vtab;
  const struct endpoint *endpoint = table->endpoint;
  int count = info->nConstraint;
  struct offer *offers = calloc((size_t)count + 1, sizeof *offers);
  struct plan_usage *usage = calloc((size_t)count + 1, sizeof *usage);
  int code = SQLITE_NOMEM;
  if (offers != NULL && usage != NULL) {
    struct plan plan;
    for (int i = 0; i < count; i++) offers[i] = make_offer(endpoint, info, i);
    table->ranged = has_range(endpoint, offers, count);
    struct plan_input input = make_input(table, info, offers);
    trace_local_terms(table, info, &input);
    plan_make(endpoint, &input, &plan, usage);
    code = tell_plan(info, endpoint, &plan, input.pushdown);
    tell_usage(info, usage);
    look_up_totals(table, info, &plan, usage, &input);
    plan_estimate(endpoint, &input, &plan, &info->estimatedCost, (int64_t *)&info->estimatedRows);
  }
  free(usage);
  free(offers);
  return code;
}
