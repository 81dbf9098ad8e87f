/*
** Which rows of a crawl satisfy a filter. The last few results are kept by the filter's canonical text, so that the pages of
** one scan filter once.
*/
#ifndef STANDIN_MATCHES_H
#define STANDIN_MATCHES_H

#include <stddef.h>
#include <stdint.h>

#include "filter.h"
#include "text.h"

struct standin_items;
struct standin_matches;

/* Rows in the crawl's order. Read only, shared by the requests that use it. */
struct standin_rows {
  uint32_t *rows; /* NULL: every row, row i being i */
  size_t count;
  size_t references;
};

struct standin_matches *standin_matches_new(void);
void standin_matches_free(struct standin_matches *matches);

/* selection: text that is equal only for filters that select the same rows. To be given back with standin_rows_release.
** May be called by several threads at once. */
struct standin_rows *standin_matches_find(const struct standin_items *items, const struct standin_filter *filter,
                                          const struct standin_text *selection);
void standin_rows_release(const struct standin_items *items, struct standin_rows *rows);

#endif
