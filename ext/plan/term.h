/*
** A term of a WHERE clause, `column operator value`, and what it means in SQL.
*/
#ifndef ONPAGE_TERM_H
#define ONPAGE_TERM_H

#include "api/endpoint.h"
#include "base/error.h"
#include "base/value.h"

/* The operators that SQLite hands to a virtual table, and the functions that this table overloads. */
enum sql_operator {
  OPERATOR_EQ,
  OPERATOR_NE,
  OPERATOR_LT,
  OPERATOR_LE,
  OPERATOR_GT,
  OPERATOR_GE,
  OPERATOR_IN, /* one list, taken at once */
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

/* How an operator is written in a plan and in onpage_columns; "not_like" and the like for functions. */
const char *operator_text(enum sql_operator op);
/* True for the functions: they are no operators of SQL, and SQLite knows them through xFindFunction only. */
bool operator_is_function(enum sql_operator op);
/* True for the functions that only the API can evaluate: the term must be sent, and nobody can check it again. */
bool operator_is_api_only(enum sql_operator op);

/* True for what SQLite offers as an auxiliary constraint: everything beyond =, IS, IS NULL and the orders (see host.h). */
bool operator_is_auxiliary(enum sql_operator op);

/* The part of the rows that the operator keeps, by a rule of thumb; 0: that depends on the column. */
double operator_selectivity(enum sql_operator op);

/* A term with its value. Comparisons of text are by collation BINARY: the planner takes no others. */
struct term {
  int column;
  enum sql_operator op;
  struct value
      *values; /* owned with their texts; one, or a list's members in value_order; numeric affinity applied where the column
                        ** is numeric */
  size_t value_count;
  bool checked_here; /* SQLite was told not to check it again: the scan does */
};

/* `left op right` as SQLite decides it for an integer and a value that numeric affinity has been applied to. */
bool integer_holds(int64_t left, enum sql_operator op, const struct value *right);
/* The meaning of a term in SQL, for terms that are checkable. */
bool term_holds(const struct endpoint *endpoint, const struct term *term, const struct value *value);
/* True if term_holds says no, but a list on a text column has a number that the text may be: it has more digits than can be compared here
** as SQLite does it. */
bool term_is_undecided(const struct endpoint *endpoint, const struct term *term, const struct value *value);
/* Fails with what to do about such a term. */
int term_refuse_undecided(const struct endpoint *endpoint, const struct term *term, struct error *error);
CHECKED int term_copy(const struct term *term, struct term *copy, struct error *error);
void term_release(struct term *term);

#endif
