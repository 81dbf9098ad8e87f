/*
** The planner: offers → plan, plan ↔ idxStr, cost.
*/
#include "plan/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In rows: a request takes at least a tenth of a second, a row a fraction of a microsecond. */
static const double request_cost = 500000;
/* For a plan without a task: more than any nested loops cost, so that SQLite chooses it only if there is no other. */
static const double forbidding_cost = 1e100;

/* ---- Choosing terms ---- */

/* The input, and the plan while it is made. */
struct planning {
  const struct endpoint *endpoint;
  const struct plan_input *input;
  struct plan *plan;
  struct plan_usage *usage;
  bool all_sent;  /* every offer is a term that can be sent */
  bool all_exact; /* … and has an exact encoding */
  bool leaks;     /* a term that is sent may not restrict the table */
};

static void take(struct planning *planning, int offer, enum sql_operator op) {
  struct plan *plan = planning->plan;
  const struct offer *taken = &planning->input->offers[offer];
  plan->terms[plan->term_count++] = (struct plan_term){.column = taken->column, .op = op, .known = taken->known};
  planning->usage[offer].argument = plan->term_count;
}

static bool has_room(const struct planning *planning) {
  return planning->plan->term_count < PLAN_TERMS_MAX;
}

/* An input is given by = or IS. */
static bool gives_input(const struct planning *planning, const struct offer *offer) {
  return offer->kind == OFFER_TERM && (offer->op == OPERATOR_EQ || offer->op == OPERATOR_IS) &&
         column_is_input(&planning->endpoint->columns[offer->column]);
}

/*
** Takes all values of inputs; if an input has two, they are compared when the scan starts. An input whose value isn't usable in
** this order of tables can't be left to SQLite's check, unless the table has a value bound to it: the rows would be those of
** another crawl. Such a plan is marked as missing, at a cost that makes SQLite prefer any other. (SQLITE_CONSTRAINT isn't enough:
** if it is returned when SQLite asks without IN terms, SQLite doesn't consider the plan with them, and a join fails with "no
** query solution".)
*/
static void take_inputs(struct planning *planning) {
  const struct plan_input *input = planning->input;
  uint64_t given = input->bound;
  uint64_t wanted = 1ULL << endpoint_input_column(planning->endpoint, INPUT_TASK);
  for (int i = 0; i < input->offer_count; i++) {
    const struct offer *offer = &input->offers[i];
    if (!gives_input(planning, offer)) continue;
    uint64_t bit = 1ULL << offer->column;
    wanted |= bit;
    if (!offer->usable || !has_room(planning)) continue;
    take(planning, i, OPERATOR_EQ);
    if (offer->in) planning->plan->input_repeated = true;
    given |= bit;
  }
  planning->plan->input_missing = (wanted & ~given) != 0;
}

/* The operator that the scan will have: IN if the list is taken whole. */
static enum sql_operator offered_operator(const struct offer *offer) {
  return offer->in && offer->op == OPERATOR_EQ ? OPERATOR_IN : offer->op;
}

/* Whether the matrix has an encoding for such a term; it may still turn out not to fit the value. */
static bool is_sendable(const struct column *column, enum sql_operator op, const struct offer *offer) {
  bool is_comparable = offer->binary || !pushdown_needs_binary(column, op);
  return is_comparable && pushdown_best(column, op) != PRECISION_LOCAL;
}

/* Leaves an offer to SQLite. */
static void leave(struct planning *planning) {
  planning->all_sent = false;
  planning->all_exact = false;
}

/* Takes a term on a field of the item, or leaves it. */
static void take_field(struct planning *planning, int index) {
  const struct plan_input *input = planning->input;
  const struct offer *offer = &input->offers[index];
  const struct column *column = &planning->endpoint->columns[offer->column];
  enum sql_operator op = offered_operator(offer);
  /* SQLite also asks for a plan without any IN terms. If their lists need other tables, and no other term does, it stops after
  ** that, and finds no plan with a task that comes from IN: such a task has to be the only list. */
  bool second_list = op == OPERATOR_IN && planning->plan->input_repeated;
  bool rejected = (input->rejected & 1ULL << offer->column) != 0 ||
                  (input->in_rejected && op == OPERATOR_IN && column->class == CLASS_INTEGER);
  bool wanted = input->pushdown && is_sendable(column, op, offer) && !second_list && !rejected;
  if (!offer->usable || !wanted || !has_room(planning)) {
    leave(planning);
    return;
  }
  take(planning, index, op);
  planning->usage[index].at_once = op == OPERATOR_IN;
  if (pushdown_best(column, op) != PRECISION_EXACT) planning->all_exact = false;
  if (input->leaks_on_terms && operator_is_auxiliary(op)) planning->leaks = true;
}

static void take_fields(struct planning *planning) {
  const struct plan_input *input = planning->input;
  planning->all_sent = true;
  planning->all_exact = true;
  for (int i = 0; i < input->offer_count; i++) {
    const struct offer *offer = &input->offers[i];
    if (offer->kind == OFFER_LIMIT || offer->kind == OFFER_OFFSET || gives_input(planning, offer)) continue;
    if (offer->kind == OFFER_TERM && planning->endpoint->columns[offer->column].role == COLUMN_FIELD)
      take_field(planning, i);
    else
      leave(planning);
  }
}

/* ---- Counting ---- */

/* Whether the scan can check the term instead of SQLite; a list on a text column only until a number in it meets a similar text. */
static bool can_check(const struct planning *planning, const struct plan_term *term) {
  return pushdown_checkable(&planning->endpoint->columns[term->column], term->op, term->op == OPERATOR_IN);
}

/* Whether SQLite can do without the column's value: a term fixes it, or the scan checks the term. */
static bool is_settled(const struct planning *planning, int column) {
  for (int i = 0; i < planning->plan->term_count; i++) {
    const struct plan_term *term = &planning->plan->terms[i];
    if (term->column != column) continue;
    if (term->op == OPERATOR_EQ || term->op == OPERATOR_IS || can_check(planning, term)) return true;
  }
  return false;
}

/*
** Rows need not be fetched if the statement reads only columns that terms settle. If it reads the value of a settled column after
** all (`SELECT page_to_status_code … WHERE page_to_status_code > 400`), the scan fetches the rows then, one request later.
*/
static bool only_counts(const struct planning *planning) {
  const struct endpoint *endpoint = planning->endpoint;
  if (!planning->all_exact || planning->leaks || !planning->input->count_pushdown) return false;
  for (int i = 0; i < endpoint->column_count; i++) {
    if ((planning->input->columns_used & 1ULL << i) == 0) continue;
    enum column_role role = endpoint->columns[i].role;
    if (role == COLUMN_ITEM || (role == COLUMN_FIELD && !is_settled(planning, i))) return false;
  }
  return true;
}

/* Where rows are counted or skipped, SQLite must not check terms, or the rows would have to be read: the scan does. */
static void check_here(struct planning *planning) {
  const struct plan_input *input = planning->input;
  bool unread = planning->plan->count || (planning->plan->offset && planning->all_exact);
  for (int i = 0; i < input->offer_count; i++) {
    int argument = planning->usage[i].argument;
    const struct offer *offer = &input->offers[i];
    if (argument == 0 || offer->kind != OFFER_TERM || gives_input(planning, offer)) continue;
    struct plan_term *term = &planning->plan->terms[argument - 1];
    if ((unread && can_check(planning, term)) || operator_is_api_only(term->op)) {
      term->checked_here = true;
      planning->usage[i].omit = true;
    }
  }
}

/* ---- LIMIT and OFFSET ---- */

/*
** LIMIT and OFFSET are hints: for the size of the first request, and for rows that needn't be fetched since SQLite will skip
** them. They are of use only if SQLite neither sorts, nor filters by terms that aren't sent (up to 3.46 it offers them even
** then), nor calls xFilter again for another member of a list. They are never taken from SQLite, which cuts and skips: before
** 3.46 it offers those of a compound (`SELECT … UNION ALL SELECT … OFFSET 3`) to each of its arms, and a table can't tell them
** from its own.
*/
static void take_limits(struct planning *planning) {
  const struct plan_input *input = planning->input;
  struct plan *plan = planning->plan;
  int limit = -1;
  int offset = -1;
  for (int i = 0; i < input->offer_count; i++) {
    const struct offer *offer = &input->offers[i];
    if (!offer->usable) continue;
    if (offer->kind == OFFER_LIMIT) limit = i;
    if (offer->kind == OFFER_OFFSET) offset = i;
  }
  if (limit < 0 || input->ordered || planning->plan->input_repeated || !planning->all_sent) return;
  plan->limit = true;
  planning->usage[limit].argument = plan->term_count + 1;
  if (offset < 0) return;
  plan->offset = true;
  planning->usage[offset].argument = plan->term_count + 2;
}

void plan_make(const struct endpoint *endpoint, const struct plan_input *input, struct plan *plan, struct plan_usage *usage) {
  *plan = (struct plan){0};
  struct planning planning = {.endpoint = endpoint, .input = input, .plan = plan, .usage = usage};
  take_inputs(&planning);
  take_fields(&planning);
  plan->count = only_counts(&planning);
  take_limits(&planning);
  check_here(&planning);
}

/* ---- Cost ---- */

static bool has_task(const struct endpoint *endpoint, const struct plan *plan) {
  int task = endpoint_input_column(endpoint, INPUT_TASK);
  for (int i = 0; i < plan->term_count; i++)
    if (plan->terms[i].column == task) return true;
  return false;
}

/* A term that keeps a larger fraction of the rows isn't a lookup. */
static const double lookup_selectivity = 0.5;
/* The rows of a lookup by a term that keeps at most this fraction fit on a page. */
static const double page_selectivity = 0.01;
/*
** The inner side of a join costs the lesser of all its lookups and twice the reading of it whole (inner_sides.h). SQLite can only
** multiply the cost of one lookup by the number of outer rows, which it assumes to be a million for a table without statistics.
** Lookups never cost much more than reading it whole, which may cost a hundred times as much as lookups for a
** table of two rows. So a plan that could use lookups in another order of tables is made so expensive (forgone_factor), and a
** lookup so cheap (lookup_share), that SQLite chooses such a plan only from some ten million outer rows on. The gap leaves room
** for the cost of sorting and the like, which SQLite estimates from the same number of rows.
*/
static const double forgone_factor = 1e7;
static const double constant_share = 1.0 / 256;
static const double lookup_share = 1.0 / 128;

/* Estimate of the fraction of rows that a term keeps. */
static double selectivity_of(const struct endpoint *endpoint, const struct plan_input *input, int column,
                             enum sql_operator op) {
  if ((input->rejected & 1ULL << column) != 0) return 1;
  return pushdown_selectivity(&endpoint->columns[column], op);
}

/* Whether an offer that isn't usable in this order of tables would be a lookup in another. */
static bool forgoes(const struct endpoint *endpoint, const struct plan_input *input) {
  for (int i = 0; i < input->offer_count; i++) {
    const struct offer *offer = &input->offers[i];
    if (offer->kind != OFFER_TERM || offer->usable || offer->in || !input->pushdown) continue;
    const struct column *column = &endpoint->columns[offer->column];
    if (is_sendable(column, offer->op, offer) &&
        selectivity_of(endpoint, input, offer->column, offer->op) <= lookup_selectivity)
      return true;
  }
  return false;
}

static bool all_are_usable(const struct plan_input *input) {
  for (int i = 0; i < input->offer_count; i++)
    if (!input->offers[i].usable) return false;
  return true;
}

/*
** Whether a term is a lookup: its value may come from another table, and it keeps few rows. SQLite doesn't tell which values come
** from other tables. A known value doesn't; if all offers are usable, any other value may. If some aren't, the value may as well
** be bound to a parameter: then it does no harm to take a term that finds a page at most for a lookup.
*/
static bool looks_up(const struct plan_term *term, double selectivity, bool all_usable) {
  return !term->known && selectivity <= (all_usable ? lookup_selectivity : page_selectivity);
}

static double cost_of_reading(const struct plan_input *input, double rows) {
  return ceil(rows / input->page_size) * request_cost + rows;
}

void plan_estimate(const struct endpoint *endpoint, const struct plan_input *input, const struct plan *plan, double *cost,
                   int64_t *rows) {
  double constant = input->rows;
  double kept = 1;
  bool all_usable = all_are_usable(input);
  bool lookup = false;
  for (int i = 0; i < plan->term_count; i++) {
    const struct plan_term *term = &plan->terms[i];
    if (endpoint->columns[term->column].role != COLUMN_FIELD) continue;
    double selectivity = selectivity_of(endpoint, input, term->column, term->op);
    bool varies = looks_up(term, selectivity, all_usable);
    if (varies) lookup = true;
    if (varies) kept *= selectivity;
    if (!varies && !(term->known && input->rows_constant > 0)) constant *= selectivity;
  }
  /* When SQLite plans the arms of an OR separately, it may lose a sub-query that gives the task: the arms' terms must not make
  ** such a plan cheaper. */
  if (plan->input_repeated) constant = input->rows;
  if (plan->input_repeated && !lookup) kept = 1;
  if (constant < 1) constant = 1;
  kept *= constant;
  if (kept < 1) kept = 1;
  double reading = cost_of_reading(input, constant);
  bool is_page = input->rows_constant > 0 && input->rows_constant <= input->page_size;
  *cost = plan->count ? request_cost + kept : cost_of_reading(input, kept);
  if (lookup && !is_page) *cost = reading * constant_share + *cost * lookup_share;
  if (!lookup && !is_page && forgoes(endpoint, input)) *cost *= forgone_factor;
  if (plan->input_missing) *cost = forbidding_cost;
  *rows = (int64_t)kept;
}

/* ---- idxStr ----
**
**   plan   = [ "count of " ] ( task | term ) { " AND " term } [ " LIMIT ?" ] [ " OFFSET ?" ]
**   task   = "no task_id"           (an input is missing: xFilter refuses the plan)
**          | "the bound task_id"    (it comes from CREATE VIRTUAL TABLE, not from a term)
**   term   = [ "only " ] column " " operator " ?"      ("only": SQLite doesn't check it again)
**
** The k-th ? is argv[k-1]. Column names have no blanks, operators may.
*/
static const char count_text[] = "count of ";
static const char no_task_text[] = "no task_id";
static const char bound_task_text[] = "the bound task_id";
static const char and_text[] = " AND ";
static const char only_text[] = "only ";
static const char limit_text[] = " LIMIT ?";
static const char offset_text[] = " OFFSET ?";

void plan_encode(const struct endpoint *endpoint, const struct plan *plan, struct buffer *text) {
  if (plan->count) buffer_append_text(text, count_text);
  const char *joint = "";
  if (plan->input_missing || !has_task(endpoint, plan)) {
    buffer_append_text(text, plan->input_missing ? no_task_text : bound_task_text);
    joint = and_text;
  }
  for (int i = 0; i < plan->term_count; i++) {
    const struct plan_term *term = &plan->terms[i];
    buffer_append_format(text, "%s%s%s %s ?", joint, term->checked_here ? only_text : "", endpoint->columns[term->column].name,
                         operator_text(term->op));
    joint = and_text;
  }
  if (plan->limit) buffer_append_text(text, limit_text);
  if (plan->offset) buffer_append_text(text, offset_text);
}

/* Moves *text past the word, if it starts with it. */
static bool skip(const char **text, const char *word) {
  size_t size = strlen(word);
  if (strncmp(*text, word, size) != 0) return false;
  *text += size;
  return true;
}

static bool decode_operator(const char **text, enum sql_operator *op) {
  for (int i = 0; i < OPERATOR_COUNT; i++) {
    const char *rest = *text;
    if (skip(&rest, operator_text((enum sql_operator)i)) && skip(&rest, " ?")) {
      *text = rest;
      *op = (enum sql_operator)i;
      return true;
    }
  }
  return false;
}

static bool decode_term(const struct endpoint *endpoint, const char **text, struct plan_term *term) {
  term->checked_here = skip(text, only_text);
  for (int i = 0; i < endpoint->column_count; i++) {
    const char *rest = *text;
    if (skip(&rest, endpoint->columns[i].name) && skip(&rest, " ")) {
      *text = rest;
      term->column = i;
      return decode_operator(text, &term->op);
    }
  }
  return false;
}

int plan_decode(const struct endpoint *endpoint, const char *text, struct plan *plan, struct error *error) {
  struct plan decoded = {0};
  const char *rest = text;
  decoded.count = skip(&rest, count_text);
  bool more = true;
  decoded.input_missing = skip(&rest, no_task_text);
  if (decoded.input_missing || skip(&rest, bound_task_text)) more = skip(&rest, and_text);
  while (more) {
    if (decoded.term_count == PLAN_TERMS_MAX || !decode_term(endpoint, &rest, &decoded.terms[decoded.term_count]))
      return error_set(error, "the plan \"%s\" can't be read at \"%.40s\"", text, rest);
    decoded.term_count++;
    more = skip(&rest, and_text);
  }
  decoded.limit = skip(&rest, limit_text);
  decoded.offset = skip(&rest, offset_text);
  if (*rest != '\0') return error_set(error, "the plan \"%s\" can't be read at \"%.40s\"", text, rest);
  *plan = decoded;
  return 0;
}
