/*
** The planner's decisions, made of values only: which terms of a WHERE clause go to the API, in which order their values will
** come, what the plan costs; and its text, which is idxStr and what EXPLAIN QUERY PLAN prints.
*/
#ifndef ONPAGE_PLAN_H
#define ONPAGE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "base/buffer.h"
#include "base/error.h"
#include "plan/pushdown.h"

/* SQLite honours "don't check again" for the first 16 constraints only; LIMIT and OFFSET come behind the terms. */
enum { PLAN_TERMS_MAX = 14 };

/* A constraint as SQLite offers it. */
struct offer {
  enum { OFFER_TERM, OFFER_LIMIT, OFFER_OFFSET, OFFER_OTHER } kind;
  int column;           /* OFFER_TERM */
  enum sql_operator op; /* OFFER_TERM */
  bool usable;
  bool binary;  /* its collation is BINARY */
  bool in;      /* = comes from IN: by default the table is filtered once for each member */
  bool literal; /* its value is known */
};

/* What the planner is asked. */
struct plan_input {
  const struct offer *offers;
  int offer_count;
  uint64_t columns_used; /* bit of a column that the statement reads */
  bool ordered;          /* SQLite will sort */
  uint64_t bound;        /* bit of an input that CREATE VIRTUAL TABLE … (task_id=…) has given */
  bool pushdown;         /* option */
  bool count_pushdown;   /* option */
  uint64_t refused;      /* bit of a column that the base URL is known not to filter by */
  bool in_refused;       /* the base URL is known not to take `in` */
  bool leaks_on_terms;   /* the host may offer terms that don't restrict the table (host.h) */
  int page_size;
  double rows;          /* rows of the crawl: a guess, or known from earlier responses */
  double rows_constant; /* rows that the terms with known values keep, if known from an earlier response; 0: to be estimated */
};

struct plan_term {
  int column;
  enum sql_operator op;
  bool checked_here; /* SQLite doesn't check it again */
  bool known;        /* the value is known; not in the text */
};

struct plan {
  bool task_repeated; /* an input comes from IN: the table will be filtered once for each member; not in the text */
  bool missing;       /* an input has no value, or not yet in this order of tables: a plan to be refused when it is run */
  struct plan_term terms[PLAN_TERMS_MAX]; /* in the order of argv, inputs among them as `=` */
  int term_count;
  bool limit;  /* its value comes behind the terms' */
  bool offset; /* and this one's behind it */
  bool count;  /* nothing is read but what the terms fix, or can be told from the response's head */
};

/* What SQLite is told of each offer. */
struct plan_usage {
  int argument; /* from 1; 0: not used */
  bool omit;    /* not to be checked again */
  bool at_once; /* the list of IN is taken whole */
};

/* usage has offer_count entries, zeroed by the caller. */
void plan_make(const struct endpoint *endpoint, const struct plan_input *input, struct plan *plan, struct plan_usage *usage);
/* The cost in SQLite's units, in which a request weighs as much as some hundred thousand rows; and the rows to be expected. */
void plan_estimate(const struct endpoint *endpoint, const struct plan_input *input, const struct plan *plan, double *cost,
                   int64_t *rows);

/* idxStr: see plan.c for its grammar. */
void plan_encode(const struct endpoint *endpoint, const struct plan *plan, struct buffer *text);
CHECKED int plan_decode(const struct endpoint *endpoint, const char *text, struct plan *plan, struct error *error);

#endif
