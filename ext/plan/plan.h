/*
** The planner, on plain values without SQLite: which terms of a WHERE clause are sent to the API, the order of their values in
** argv, and the cost of the plan; and the plan's text, which is idxStr and is printed by EXPLAIN QUERY PLAN.
*/
#ifndef ONPAGE_PLAN_H
#define ONPAGE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "base/buffer.h"
#include "base/error.h"
#include "plan/pushdown.h"

/* SQLite honours omit for the first 16 values of argv only, and LIMIT and OFFSET follow the terms. */
enum { PLAN_TERMS_MAX = 14 };

/* A constraint as SQLite offers it. */
struct offer {
  enum { OFFER_TERM, OFFER_LIMIT, OFFER_OFFSET, OFFER_OTHER } kind;
  int column;           /* OFFER_TERM */
  enum sql_operator op; /* OFFER_TERM */
  bool usable;
  bool binary; /* its collation is BINARY */
  bool in;     /* an = made of IN: unless the list is taken whole, xFilter is called for each member */
  bool known;  /* its value is known */
};

/* What a plan is made of. */
struct plan_input {
  const struct offer *offers;
  int offer_count;
  uint64_t columns_used; /* bit of a column that the statement reads */
  bool ordered;          /* SQLite will sort the rows */
  uint64_t bound;        /* bit of an input that CREATE VIRTUAL TABLE … (task_id=…) has given */
  bool pushdown;         /* option */
  bool count_pushdown;   /* option */
  uint64_t rejected;     /* bit of a column that the server is known not to filter by */
  bool in_rejected;      /* the server is known to reject `in` */
  bool leaks_on_terms;   /* SQLite may offer terms that don't restrict the table (sqlite_compat.h) */
  int page_size;
  double rows;          /* rows of the crawl: a guess, or known from earlier responses */
  double rows_constant; /* rows that the terms with known values keep, from an earlier response; 0: not known */
};

struct plan_term {
  int column;
  enum sql_operator op;
  bool checked_here; /* the scan checks it again, and SQLite doesn't */
  bool known;        /* the value is known; not in the text */
};

struct plan {
  bool input_repeated; /* an input comes from IN: xFilter is called for each member; not in the text */
  bool input_missing;  /* an input has no value, at least in this order of tables: xFilter refuses the plan */
  struct plan_term terms[PLAN_TERMS_MAX]; /* in the order of argv, including inputs as `=` */
  int term_count;
  bool limit;  /* its value follows those of the terms in argv */
  bool offset; /* its value follows that of LIMIT */
  bool count;  /* all that is read is fixed by terms or is in the response's envelope: no items are needed */
};

/* What SQLite is told about each offer. */
struct plan_usage {
  int argument; /* index in argv, from 1; 0: not used */
  bool omit;    /* SQLite needn't check it again */
  bool at_once; /* the list of IN is taken whole */
};

/* usage has offer_count entries, zeroed by the caller. */
void plan_make(const struct endpoint *endpoint, const struct plan_input *input, struct plan *plan, struct plan_usage *usage);
/* The cost in SQLite's units, in which a request costs as much as some hundred thousand rows; and the number of rows expected. */
void plan_estimate(const struct endpoint *endpoint, const struct plan_input *input, const struct plan *plan, double *cost,
                   int64_t *rows);

/* The text of a plan; its grammar is in plan.c. Decoding fails for anything that plan_encode doesn't write. */
void plan_encode(const struct endpoint *endpoint, const struct plan *plan, struct buffer *text);
CHECKED int plan_decode(const struct endpoint *endpoint, const char *text, struct plan *plan, struct error *error);

#endif
