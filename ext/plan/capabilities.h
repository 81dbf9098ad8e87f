/*
** What has been learnt of a base URL: which filters its server takes, how it pages. Everything is assumed to work until a response
** says otherwise.
**
** When a server rejects the filters of a query, the query falls back step by step to weaker forms (query_fall_back); the form
** that is accepted says what was rejected, and later queries start without it.
*/
#ifndef ONPAGE_CAPABILITIES_H
#define ONPAGE_CAPABILITIES_H

#include <stdbool.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "plan/term.h"

/* All zero: nothing is known yet. */
struct capabilities {
  bool length_rejected;     /* long lists and long values */
  bool text_in_rejected;    /* `in` on strings */
  bool in_rejected;         /* `in` at all */
  uint64_t rejected;        /* bit of a column that turned out not to be a filter field */
  bool available_asked;     /* available_filters was asked (and may have failed) */
  uint64_t available;       /* bit of a column that available_filters named */
  long long offset_refused; /* smallest offset that returned no rows though a smaller one did; 0: none */
  long long offset_taken;   /* largest offset that returned rows */
  long long page_rows;      /* rows in a page when more are asked for; 0: not known */
  long long total_cap;      /* the total that is reported instead of larger ones; 0: not known */
  bool tokens_repeat;       /* a token that never changes names a position on the server: two scans can't share it */
};

/* How far a query was weakened after its filters were rejected. Each step includes those before it. */
enum fallback {
  FALLBACK_NONE,
  FALLBACK_LENGTH,  /* no long lists and values */
  FALLBACK_TEXT_IN, /* no `in` on strings */
  FALLBACK_IN,      /* no `in` */
  FALLBACK_FIELDS,  /* no field that isn't documented as a filter */
  FALLBACK_ALL      /* only the input `filters` and the terms that the API alone can evaluate */
};

/* The largest offset up to `row` that isn't known to be refused. */
long long capabilities_reach(const struct capabilities *capabilities, const struct endpoint *endpoint, long long row);
/* Bits of the columns that the server is known not to filter by. */
uint64_t capabilities_rejected_columns(const struct capabilities *capabilities, const struct endpoint *endpoint);
/* Whether a query that has fallen back so far may filter by the column. */
bool capabilities_take_column(const struct capabilities *capabilities, const struct endpoint *endpoint, enum fallback fallback,
                              int column);
/* Notes what was rejected, after a response to a query with these terms that fell back. */
void capabilities_learn(struct capabilities *capabilities, const struct endpoint *endpoint, enum fallback fallback,
                        const struct term *terms, size_t term_count);

#endif
