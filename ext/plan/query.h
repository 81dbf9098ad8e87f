/*
** A query: what one scan wants from the API. Its terms come from SQL; query_resolve chooses what of them is sent as conditions,
** given the server's capabilities and the number of conditions that a request may have.
*/
#ifndef ONPAGE_QUERY_H
#define ONPAGE_QUERY_H

#include "api/endpoint.h"
#include "base/error.h"
#include "plan/capabilities.h"
#include "plan/pushdown.h"

enum { QUERY_PARAMETERS_MAX = 2 };

/* How much a request may have, in bytes of JSON. */
struct extent {
  size_t list_values; /* members of a list */
  size_t list_bytes;  /* of one list; all others are bounded by value_bytes */
  size_t value_bytes; /* of one value */
};

/* A key of the request that means what a condition would. */
struct parameter {
  const char *key;
  const struct value *value; /* a term's */
};

/* What is sent, and what is known of the response's rows: all of it made by query_resolve, and zero before. */
struct resolved {
  bool empty;   /* no row can satisfy the terms: no request is needed */
  bool exact;   /* the response has precisely the rows that satisfy the terms */
  bool partial; /* a term isn't sent */
  /* Owned: */
  struct condition conditions[ENDPOINT_CONDITIONS_MAX];
  size_t condition_count;
  struct parameter parameters[QUERY_PARAMETERS_MAX];
  size_t parameter_count;
  const struct extent *extent; /* how much a request may have; static */
  int long_list;               /* index of the condition whose list needs several requests; -1: none */
};

struct query {
  const struct endpoint *endpoint;
  char *inputs[INPUT_COUNT]; /* owned; NULL: not given, as INPUT_TASK never is in a query that is run */
  size_t raw_conditions;     /* how many conditions INPUT_FILTERS has */
  uint64_t columns;          /* bits of the columns that may be read */
  struct term *terms;        /* owned, with their values */
  size_t term_count;
  /* Hints: a scan that reads beyond them gets right rows, with more requests. */
  long long limit;  /* rows that will be used; -1: all */
  long long offset; /* rows that SQLite will skip before those it uses: as many are returned, but they needn't be fetched */
  bool count;       /* only the number of rows is wanted */
  enum fallback fallback;
  long long pages_without_list; /* requests that the query would take without its long list; 0: not known */

  struct resolved resolved;
};

/* Chooses what is sent. Call it before the first request, and again after query_fall_back and query_shorten. Fails when a term that
** only the API can evaluate can't be sent. */
CHECKED int query_resolve(struct query *query, const struct capabilities *capabilities, struct error *error);
/* *wants is true if more might be sent after asking available_filters which undocumented columns are filters. */
CHECKED int query_wants_available(struct query *query, const struct capabilities *capabilities, bool *wants,
                                  struct error *error);
/* After a rejection: falls back to the next weaker form that sends less. False: there is none. */
bool query_fall_back(struct query *query);
/* After a rejection of the whole body: falls back to the form without long lists and values. False: it has none already. */
bool query_shorten(struct query *query);
/* How many members of the long list, counted from `first`, go into one request: at least one. */
size_t query_list_piece(const struct query *query, size_t first);
/* The value of the column in every row that satisfies the terms. False: no term fixes it. A text belongs to the query. */
bool query_fixed_value(const struct query *query, int column, struct value *value);
/* Bits of the columns that have to be parsed: those that may be read, and those that the scan itself looks at. */
uint64_t query_columns(const struct query *query);
/* How many rows of the result will be used, including those to be skipped; -1: all. It is all when a term isn't sent, since SQLite
** then drops an unknown number of them. */
long long query_rows_wanted(const struct query *query);
/* A query for all rows with the same inputs, and without the terms in `without` (bit of a term's index). */
CHECKED int query_copy_without(const struct query *query, uint64_t without, struct query *copy, struct error *error);
void query_release(struct query *query);

#endif
