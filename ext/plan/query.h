/*
** A query: what one scan wants from the API. The terms are what SQL said; the conditions are what of it is sent, chosen under
** what the base URL is known to take and the number of conditions that a request may have.
*/
#ifndef ONPAGE_QUERY_H
#define ONPAGE_QUERY_H

#include "api/endpoint.h"
#include "base/error.h"
#include "plan/capabilities.h"
#include "plan/pushdown.h"

enum { QUERY_CONDITIONS_MAX = 8, QUERY_PARAMETERS_MAX = 2 };

/* How much a request may have, in bytes of JSON. */
struct extent {
  size_t list_values; /* of a list */
  size_t list_bytes;  /* of one list */
  size_t value_bytes; /* of one value; also of each further list */
};

/* A key of the request that says what a condition would. */
struct parameter {
  const char *key;
  const struct value *value; /* of a term */
};

struct query {
  const struct endpoint *endpoint;
  char *inputs[INPUT_COUNT]; /* owned; NULL: not given, as INPUT_TASK never is in a query that is run */
  size_t raw_conditions;     /* how many conditions INPUT_FILTERS has */
  uint64_t columns;          /* bits of the columns that the reader may ask for */
  struct term *terms;        /* owned, with their values */
  size_t term_count;
  long long limit;  /* rows that the reader is likely to use; -1: all */
  long long offset; /* rows that the reader is likely to skip before: they are given, but needn't be fetched */
  bool count;       /* the reader is likely to want only the number of rows */
  enum fallback fallback;
  long long pages_without_list; /* requests that the query takes without its long list, if known; 0: not known */

  /* Made by query_resolve: */
  bool empty;   /* no row can satisfy it: no request */
  bool exact;   /* the response's rows are precisely those that satisfy the terms */
  bool partial; /* a term isn't sent */
  struct condition conditions[QUERY_CONDITIONS_MAX];
  size_t condition_count;
  struct parameter parameters[QUERY_PARAMETERS_MAX];
  size_t parameter_count;
  const struct extent *extent; /* how much a request may have; static */
  int long_list;               /* the one condition whose list has more, so that it has to be split; -1: none */
};

/* Chooses what is sent: to be called before a request is made, and again after query_fall_back. Fails when a term that only the
** API can evaluate can't be sent. */
CHECKED int query_resolve(struct query *query, const struct capabilities *capabilities, struct error *error);
/* *wants is true if more would be sent once available_filters has named the columns that are not documented as filters. */
CHECKED int query_wants_available(struct query *query, const struct capabilities *capabilities, bool *wants,
                                  struct error *error);
/* After a rejection: turns to the next weaker form that differs from the present one. False: there is none. */
bool query_fall_back(struct query *query);
/* After a rejection of the whole body: turns to the form without long lists and values, if that differs. */
bool query_shorten(struct query *query);
/* How many members of the long list, from one on, go into a request together. */
size_t query_list_piece(const struct query *query, size_t first);
/* The value that every row that satisfies the terms has in the column, if one of them fixes it. Texts belong to the query. */
bool query_fixed_value(const struct query *query, int column, struct value *value);
/* Bits of the columns that are needed of its rows: those that the reader may ask for, and those that tell its rows apart. */
uint64_t query_columns(const struct query *query);
/* How many rows of the result the reader can use, those to be skipped included; -1: all, as where a term isn't sent: the reader leaves
** rows out. */
long long query_rows_wanted(const struct query *query);
/* A query with the same inputs and the terms that are not in `without` (bit of a term's index), that reads all rows. */
CHECKED int query_copy_without(const struct query *query, uint64_t without, struct query *copy, struct error *error);
void query_release(struct query *query);

#endif
