/*
** A term of a WHERE clause, `column operator value`, and what it means in SQL.
*/
#ifndef ONPAGE_TERM_H
#define ONPAGE_TERM_H

#include "api/endpoint.h"
#include "base/error.h"
#include "base/value.h"

/* The operators that SQLite offers to xBestIndex, and the functions that xFindFunction overloads. */
enum sql_operator {
  OPERATOR_EQ,
  OPERATOR_NE,
  OPERATOR_LT,
  OPERATOR_LE,
  OPERATOR_GT,
  OPERATOR_GE,
  OPERATOR_IN, /* the whole list (sqlite3_vtab_in) */
  OPERATOR_IS,
  OPERATOR_IS_NOT,
  OPERATOR_IS_NULL,
  OPERATOR_IS_NOT_NULL,
  OPERATOR_LIKE,
  OPERATOR_GLOB,
  OPERATOR_NOT_LIKE,  /* not_like(column, pattern) */
  OPERATOR_REGEX,     /* regex(column, re2) */
  OPERATOR_NOT_REGEX, /* not_regex(column, re2) */
  OPERATOR_HAS,       /* has(column, text) */
  OPERATOR_COUNT
};

/* The operator as written in a plan and in onpage_columns: "=", "IS NOT NULL", "not_like" … */
const char *operator_text(enum sql_operator op);
/* True for not_like, regex, not_regex and has, which SQLite knows through xFindFunction only. */
bool operator_is_function(enum sql_operator op);
/* True for the functions that only the API can evaluate: the term must be sent, and can't be checked again. */
bool operator_is_api_only(enum sql_operator op);
/* True for what SQLite offers as an auxiliary constraint: all but =, IN, IS, IS NULL and the orders (see sqlite_compat.h). */
bool operator_is_auxiliary(enum sql_operator op);
/* Estimate of the fraction of rows that the operator keeps; 0: one in the column's distinct_values. */
double operator_selectivity(enum sql_operator op);

/* A term with its value. Texts are compared by collation BINARY: the planner accepts no other. */
struct term {
  int column;
  enum sql_operator op;
  /* Owned, with their texts: one, or the members of a list in value_order. On a numeric column they have numeric affinity. */
  struct value *values;
  size_t value_count;
  bool checked_here; /* the scan checks it again, since SQLite was told not to */
};

/* `left op right` as SQLite evaluates it for an integer and a value with numeric affinity. */
bool integer_holds(int64_t left, enum sql_operator op, const struct value *right);
/* Whether SQLite keeps a row with this value of the term's column; for terms that pushdown_checkable accepts. */
bool term_holds(const struct endpoint *endpoint, const struct term *term, const struct value *value);
/* True if term_holds is false, but SQLite might find the text in a list that has numbers: the text is a number of more digits
** than can be compared here as SQLite does. */
bool term_is_undecided(const struct endpoint *endpoint, const struct term *term, const struct value *value);
/* Fails with a message that says how to rewrite such a term. */
int term_refuse_undecided(const struct endpoint *endpoint, const struct term *term, struct error *error);
CHECKED int term_copy(const struct term *term, struct term *copy, struct error *error);
void term_release(struct term *term);

#endif
