/*
** Dividing a query's rows into disjoint parts, each with conditions of its own: since the pages of one result beyond the reach of
** offsets can be had one after another only, and since a list may be too long for one request.
*/
#ifndef ONPAGE_SPLIT_H
#define ONPAGE_SPLIT_H

#include <stdbool.h>

#include "error.h"
#include "page.h"
#include "query.h"

struct part {
  struct condition conditions[QUERY_CONDITIONS_MAX]; /* their operands are the query's, but for `made` and `members` */
  size_t condition_count;
  char *made;                      /* operand of the condition that makes the part; owned, or NULL */
  const struct condition *members; /* rows belong to the part if the column's value is in this list; NULL: all do */
};

struct parts {
  struct part *parts; /* owned */
  size_t count;
};

/* One part: all of the query. */
int split_nothing(const struct query *query, struct parts *parts, struct error *error);
/* The query's long list in pieces; only for a query with split_list set. */
int split_list(const struct query *query, struct parts *parts, struct error *error);
/* About `wanted` parts by classes of one character of a text column, at the place where the page's rows show it to be most even.
** No parts if there is no such place, or no room for one more condition. */
int split_classes(const struct query *query, struct page *page, int wanted, struct parts *parts, struct error *error);
void parts_release(struct parts *parts);

#endif
