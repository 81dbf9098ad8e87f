/*
** The planner's glue. What SQLite tells only from a certain version on is left out where the host or the headers are older.
*/
#include "vtab/best_index.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "plan/plan.h"
#include "scan/scan.h"
#include "vtab/arguments.h"
#include "vtab/sqlite_compat.h"

SQLITE_EXTENSION_INIT3

/* Rows of a crawl of which nothing is known. */
static const double guessed_rows = 50000;

/* ---- Offers ---- */

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

/* Whether `=` stands for a list, which SQLite tells only from a certain version on. */
static bool is_list(sqlite3_index_info *info, int i) {
#if SQLITE_VERSION_NUMBER >= 3038000
  return sqlite_offers_lists() && sqlite3_vtab_in(info, i, -1) != 0;
#else
  (void)info;
  (void)i;
  return false;
#endif
}

/* Whether the value of a constraint is known while planning, which SQLite tells only from a certain version on. */
static bool is_literal(sqlite3_index_info *info, int i) {
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
  offer.literal = is_literal(info, i);
  return offer;
}

/* Whether a text column is to be in an order to something, as beside a LIKE with a fixed prefix (arguments.c). */
static bool has_range(const struct endpoint *endpoint, const struct offer *offers, int count) {
  for (int i = 0; i < count; i++)
    if (offers[i].kind == OFFER_TERM && offers[i].op == OPERATOR_GE && !column_is_numeric(&endpoint->columns[offers[i].column]))
      return true;
  return false;
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
  for (int i = 0; i < INPUT_COUNT; i++)
    if (table->inputs[i] != NULL) bound |= 1ULL << endpoint_input(table->endpoint, (enum input)i);
  return bound;
}

/* ---- Estimating ---- */

/* The plan with the terms whose values are known while planning, and these. */
static struct plan known_part(sqlite3_index_info *info, const struct plan *plan, const struct plan_usage *usage,
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

/* Looks for what earlier responses said of the crawl, and of what is left of it by the terms whose values are known. */
static void look_up_totals(const struct table *table, sqlite3_index_info *info, const struct plan *plan,
                           const struct plan_usage *usage, struct plan_input *input) {
  sqlite3_value *values[PLAN_TERMS_MAX] = {NULL};
  struct client *client = table->session->client;
  struct query query = {0};
  struct query whole = {.endpoint = table->endpoint, .limit = -1};
  struct error ignored;
  bool impossible = false;
  if (plan->missing) return;
  const struct plan known = known_part(info, plan, usage, values);
  if (arguments_query(table, &known, values, &query, &impossible, &ignored) == 0 && !impossible) {
    long long constant = scan_known_total(client, &query);
    if (constant >= 0) input->rows_constant = constant > 0 ? (double)constant : 1;
    whole.inputs[INPUT_TASK] = query.inputs[INPUT_TASK];
    long long all = scan_known_total(client, &whole);
    if (all >= 0) input->rows = (double)all;
    whole.inputs[INPUT_TASK] = NULL;
  }
  query_release(&whole);
  query_release(&query);
}

int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info) {
  struct table *table = (struct table *)vtab;
  const struct endpoint *endpoint = table->endpoint;
  const struct config *config = table->session->config;
  const struct capabilities *capabilities = client_capabilities(table->session->client);
  int count = info->nConstraint;
  struct offer *offers = calloc((size_t)count + 1, sizeof *offers);
  struct plan_usage *usage = calloc((size_t)count + 1, sizeof *usage);
  struct plan plan;
  struct buffer text = {0};
  int code = SQLITE_NOMEM;
  if (offers == NULL || usage == NULL) goto out;
  for (int i = 0; i < count; i++) offers[i] = make_offer(endpoint, info, i);
  table->ranged = has_range(endpoint, offers, count);
  struct plan_input input = {
      .offers = offers,
      .offer_count = count,
      .columns_used = info->colUsed,
      .ordered = info->nOrderBy > 0,
      .bound = bound_inputs(table),
      .pushdown = config_number(config, OPTION_PUSHDOWN) != 0,
      .count_pushdown = config_number(config, OPTION_COUNT_PUSHDOWN) != 0,
      .refused = capabilities_refused_columns(capabilities, endpoint),
      .in_refused = capabilities->in_rejected,
      .leaks_on_terms = sqlite_leaks_on_terms(),
      .page_size = (int)config_number(config, OPTION_PAGE_SIZE),
      .rows = guessed_rows,
  };
  plan_make(endpoint, &input, &plan, usage);
  plan_encode(endpoint, &plan, &text);
  if (text.failed) goto out;
  info->idxStr = sqlite3_mprintf("%s", text.data);
  if (info->idxStr == NULL) goto out;
  info->needToFreeIdxStr = 1;
  /* For xFilter: what may be asked of the rows. With pushdown off nothing that the host says is relied on. */
  uint64_t all = (1ULL << endpoint->column_count) - 1;
  info->idxNum = (int)(input.pushdown ? info->colUsed & all : all);
  look_up_totals(table, info, &plan, usage, &input);
  plan_estimate(endpoint, &input, &plan, &info->estimatedCost, (int64_t *)&info->estimatedRows);
  tell_usage(info, usage);
  code = SQLITE_OK;
out:
  buffer_release(&text);
  free(usage);
  free(offers);
  return code;
}
