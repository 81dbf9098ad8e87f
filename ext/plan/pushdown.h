/*
** The push-down matrix: translates a term of a WHERE clause, `column operator value`, into a condition of a request.
**
** A term is sent only if the API can't drop a row that SQLite would keep, however its documentation is read where it is ambiguous.
** Where the API may keep more rows than SQLite, SQLite (or the scan, for terms marked checked_here) checks the term again:
** so it is always right not to send a term, unless only the API can evaluate it.
*/
#ifndef ONPAGE_PUSHDOWN_H
#define ONPAGE_PUSHDOWN_H

#include "api/endpoint.h"
#include "base/error.h"
#include "base/value.h"
#include "plan/term.h"

/* How precise a translation is. */
enum precision {
  PRECISION_LOCAL,     /* not sent: only SQLite evaluates the term */
  PRECISION_SUPERSET,  /* sent: the API returns all rows that SQLite keeps, and perhaps more */
  PRECISION_EXACT,     /* sent: the API returns precisely the rows that SQLite keeps */
  PRECISION_IMPOSSIBLE /* no row can satisfy the term */
};

/* The API's operators. */
enum api_operator {
  API_EQ,
  API_NE,
  API_LT,
  API_LE,
  API_GT,
  API_GE,
  API_IN,
  API_REGEX,
  API_NOT_REGEX,
  API_HAS,
  API_OPERATOR_COUNT
};
const char *api_operator_text(enum api_operator op);

/* A condition of a request: ["column", "operator", operand]. */
struct condition {
  int column;
  enum api_operator op;
  enum operand { OPERAND_BOOLEAN, OPERAND_INTEGER, OPERAND_TEXT, OPERAND_INTEGERS, OPERAND_TEXTS } operand;
  int64_t integer;    /* OPERAND_BOOLEAN, OPERAND_INTEGER */
  char *text;         /* OPERAND_TEXT; owned */
  struct value *list; /* OPERAND_INTEGERS, OPERAND_TEXTS: owned; its texts are the term's */
  size_t list_size;
  bool exact;              /* PRECISION_EXACT */
  const struct term *term; /* that it was translated from */
};
void condition_release(struct condition *condition);

/* What a translation depends on besides the term. */
struct translation {
  const struct endpoint *endpoint;
  bool want_exact; /* an exact condition is preferred to one that costs the API less */
  bool no_text_in; /* `in` on strings was rejected */
};

/* Translates a term. With PRECISION_SUPERSET and PRECISION_EXACT it fills *condition, which the caller releases, and which must not
** outlive the term. Fails only when out of memory. */
CHECKED int pushdown_translate(const struct translation *translation, const struct term *term, enum precision *precision,
                               struct condition *condition, struct error *error);

/* Whether a list condition has the value among its members. */
bool condition_has_member(const struct condition *condition, const struct value *value);

/* The best precision of the operator on the column, for planning, before the value is known. */
enum precision pushdown_best(const struct column *column, enum sql_operator op);
/* True if the operator compares texts by a collation: it can be sent for BINARY only. */
bool pushdown_needs_binary(const struct column *column, enum sql_operator op);
/* Estimate of the fraction of rows that the term keeps, between 0 and 1. */
double pushdown_selectivity(const struct column *column, enum sql_operator op);

/* True if term_holds evaluates the operator on the column as SQLite does: for every value or, with text_only, for every text. */
bool pushdown_checkable(const struct column *column, enum sql_operator op, bool text_only);

#endif
