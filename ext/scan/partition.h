/*
** Dividing a query's rows into disjoint parts, each with conditions of its own: since the pages of one result beyond the reach of
** offsets can be had one after another only, and since a list may be too long for one request.
*/
#ifndef ONPAGE_PARTITION_H
#define ONPAGE_PARTITION_H

#include <stdbool.h>

#include "base/error.h"
#include "plan/query.h"
#include "wire/page.h"

struct part {
  struct condition conditions[QUERY_CONDITIONS_MAX]; /* their operands are the query's, but for `made` and `members` */
  size_t condition_count;
  char *made[QUERY_CONDITIONS_MAX]; /* operands of the conditions that make the part; owned */
  size_t made_count;
  const struct condition *members; /* rows belong to the part if the column's value is in this list; NULL: all do */
};

struct parts {
  struct part **parts; /* owned, as is each; others may point to one of them */
  size_t count;
};

/* One part: all of the query. */
int split_nothing(const struct query *query, struct parts *parts, struct error *error);
/* The query's long list in pieces; only for a query with split_list set. */
int split_list(const struct query *query, struct parts *parts, struct error *error);
/* `wanted` parts of a part, or the most there can be, by classes of one character of a text column, at the place where the part's
** first page shows it to be most even. No parts if there is no such place, or no room for one more condition. */
int split_classes(const struct query *query, const struct part *part, struct page *page, int wanted, struct parts *parts,
                  struct error *error);
/* Puts the parts in the place of part i. They are `smaller`'s no more, unless memory ran out. */
int parts_replace(struct parts *parts, size_t i, struct parts *smaller, struct error *error);
void parts_release(struct parts *parts);

#endif
