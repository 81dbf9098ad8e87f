/*
** Partitioning a query's rows into disjoint partitions, each with conditions of its own: since the pages of one result beyond the reach of
** offsets can be had one after another only, and since a list may be too long for one request.
*/
#ifndef ONPAGE_PARTITION_H
#define ONPAGE_PARTITION_H

#include <stdbool.h>

#include "base/error.h"
#include "plan/query.h"
#include "wire/page.h"

struct partition {
  struct condition conditions[ENDPOINT_CONDITIONS_MAX]; /* their operands are the query's, but for `made` and `members` */
  size_t condition_count;
  char *made[ENDPOINT_CONDITIONS_MAX]; /* operands of the conditions that make the partition; owned */
  size_t made_count;
  const struct condition *members; /* rows belong to the partition if the column's value is in this list; NULL: all do */
};

struct partitions {
  struct partition **partitions; /* owned, as is each; others may point to one of them */
  size_t count;
};

/* One partition: all of the query. */
CHECKED int partition_whole(const struct query *query, struct partitions *partitions, struct error *error);
/* The query's long list in pieces; only for a query with partition_list set. */
CHECKED int partition_list(const struct query *query, struct partitions *partitions, struct error *error);
/* `wanted` partitions of a partition, or the most there can be, by classes of one character of a text column, at the place where the partition's
** first page shows it to be most even. No partitions if there is no such place, or no room for one more condition. */
CHECKED int partition_by_character(const struct query *query, const struct partition *partition, struct page *page, int wanted,
                                   struct partitions *partitions, struct error *error);
/* Puts the partitions in the place of partition i. They are `smaller`'s no more, unless memory ran out. */
CHECKED int partitions_replace(struct partitions *partitions, size_t i, struct partitions *smaller, struct error *error);
void partitions_release(struct partitions *partitions);

#endif
