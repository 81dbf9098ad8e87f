/*
** The push-down matrix: what a term of a WHERE clause, `column operator value`, means to the API.
**
** A term is sent only if the API can't drop a row that SQLite would keep, under every reading of what the API's documents
** leave unknown. SQLite checks again whatever it was not told to leave out, so any term may stay behind.
*/
#ifndef ONPAGE_PUSHDOWN_H
#define ONPAGE_PUSHDOWN_H

#include "api/endpoint.h"
#include "base/error.h"
#include "base/value.h"
#include "plan/term.h"

/* How precise a translation is. */
enum precision {
  PRECISION_LOCAL,     /* not sent: SQLite alone decides */
  PRECISION_SUPERSET,  /* sent: the API gives the rows that SQLite keeps, and perhaps more */
  PRECISION_EXACT,     /* sent: the API gives precisely the rows that SQLite keeps */
  PRECISION_IMPOSSIBLE /* no row can satisfy it */
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
  bool exact;              /* the API gives precisely the rows that SQLite keeps */
  const struct term *term; /* what it says */
};
void condition_release(struct condition *condition);

/* Under which circumstances a term is translated. */
struct translation {
  const struct endpoint *endpoint;
  bool want_exact; /* a condition that is exact is worth more than one that is cheap for the API */
  bool no_text_in; /* `in` on strings was rejected */
};

/* Translates a term. With PRECISION_SUPERSET and PRECISION_EXACT *condition is filled, to be released by the caller, and must
** not outlive the term; otherwise nothing was made. -1 only when memory runs out. */
CHECKED int pushdown_translate(const struct translation *translation, const struct term *term, enum precision *precision,
                               struct condition *condition, struct error *error);

/* Whether a list condition has the value among its members. */
bool condition_has_member(const struct condition *condition, const struct value *value);

/* The best that the matrix can do for the operator on the column: for planning, before values are known. */
enum precision pushdown_best(const struct column *column, enum sql_operator op);
/* True if the operator compares texts, so that it can be sent for collation BINARY only. */
bool pushdown_needs_binary(const struct column *column, enum sql_operator op);
/* Rule of thumb: the part of the rows that the term keeps, between 0 and 1. */
double pushdown_selectivity(const struct column *column, enum sql_operator op);

/* True if term_holds decides the operator on the column as SQLite does, whatever the value or, with text_only, if it is text. */
bool pushdown_checkable(const struct column *column, enum sql_operator op, bool text_only);
#endif
