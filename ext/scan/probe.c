/*
** Terms that can't be decided here are left to SQLite, which checks them again. It doesn't check those with checked_here, which the
** planner sets only for terms that can be decided here.
*/
#include "scan/probe.h"

#include <stdlib.h>

struct probe {
  struct query query; /* owned */
  uint64_t deciding;  /* bits of the terms that are evaluated */
  struct row_index_reader reader;
  bool empty; /* no row can satisfy the terms */
};

static bool is_equality(enum sql_operator op) {
  return op == OPERATOR_EQ || op == OPERATOR_IS;
}

uint64_t probe_columns(const struct query *query, uint64_t varying) {
  uint64_t columns = 0;
  for (int i = 0; i < query->endpoint->column_count; i++)
    if ((query->columns & 1ULL << i) != 0 && !column_is_input(&query->endpoint->columns[i])) columns |= 1ULL << i;
  for (size_t i = 0; i < query->term_count; i++)
    if ((varying & 1ULL << i) != 0) columns |= 1ULL << query->terms[i].column;
  return columns;
}

int probe_key(const struct query *query, uint64_t varying) {
  int key = -1;
  double fewest = 0;
  for (size_t i = 0; i < query->term_count; i++) {
    const struct term *term = &query->terms[i];
    if ((varying & 1ULL << i) == 0 || !is_equality(term->op)) continue;
    double kept = pushdown_selectivity(&query->endpoint->columns[term->column], term->op);
    if (key >= 0 && kept >= fewest) continue;
    key = (int)i;
    fewest = kept;
  }
  return key;
}

/* Whether term_holds decides the term as SQLite does. Whether SQLite compares a text with a number as texts or as numbers isn't
** known here; but members of a list come with the type that they are compared as. */
static bool is_decidable(const struct endpoint *endpoint, const struct term *term) {
  bool text = term->value_count == 0 || term->values[0].type >= VALUE_TEXT || term->values[0].type == VALUE_NULL;
  return term->checked_here || pushdown_checkable(&endpoint->columns[term->column], term->op, text || term->op == OPERATOR_IN);
}

/* NULL equals nothing. */
static bool is_impossible(const struct term *term) {
  return term->op == OPERATOR_EQ && term->values[0].type == VALUE_NULL;
}

int probe_open(struct row_index *rows, struct query *query, uint64_t varying, int key, struct probe **probe,
               struct error *error) {
  struct probe *opened = calloc(1, sizeof *opened);
  if (opened == NULL) return error_no_memory(error);
  const struct value *value = NULL;
  for (size_t i = 0; i < query->term_count; i++) {
    const struct term *term = &query->terms[i];
    if ((varying & 1ULL << i) == 0 || !is_decidable(query->endpoint, term)) continue;
    opened->deciding |= 1ULL << i;
    if (is_impossible(term)) opened->empty = true;
    if ((int)i == key && is_equality(term->op)) value = &term->values[0];
  }
  if (row_index_read(rows, value, &opened->reader, error) != 0) {
    free(opened);
    return -1;
  }
  opened->query = *query;
  *query = (struct query){0};
  *probe = opened;
  return 0;
}

void probe_close(struct probe *probe) {
  if (probe == NULL) return;
  row_index_end(&probe->reader);
  query_release(&probe->query);
  free(probe);
}

static int row_holds(const struct probe *probe, bool *holds, struct error *error) {
  const struct query *query = &probe->query;
  *holds = true;
  for (size_t i = 0; i < query->term_count && *holds; i++) {
    const struct term *term = &query->terms[i];
    if ((probe->deciding & 1ULL << i) == 0) continue;
    struct value value = row_index_value(&probe->reader, term->column);
    bool undecided = term_is_undecided(query->endpoint, term, &value);
    if (undecided && term->checked_here) return term_refuse_undecided(query->endpoint, term, error);
    *holds = undecided || term_holds(query->endpoint, term, &value);
  }
  return 0;
}

int probe_next(struct probe *probe, bool *row, struct error *error) {
  bool more = false;
  bool holds = false;
  while (!holds && !probe->empty) {
    if (row_index_next(&probe->reader, &more, error) != 0) return -1;
    if (!more) break;
    if (row_holds(probe, &holds, error) != 0) return -1;
  }
  *row = more;
  return 0;
}

int probe_value(const struct probe *probe, int column, struct value *value, struct error *error) {
  const struct query *query = &probe->query;
  const struct column *described = &query->endpoint->columns[column];
  switch (described->role) {
    case COLUMN_INPUT: *value = value_of_text(query->inputs[described->input]); return 0;
    case COLUMN_FIELD:
    case COLUMN_RESPONSE:
    case COLUMN_ITEM: break;
  }
  if ((row_index_columns(probe->reader.rows) & 1ULL << column) == 0)
    return error_set(error, "%s: SQLite reads %s, which it had not announced: set the option pushdown to off",
                     query->endpoint->table, described->name);
  *value = row_index_value(&probe->reader, column);
  return 0;
}

int64_t probe_rowid(const struct probe *probe) {
  return row_index_rowid(&probe->reader);
}
