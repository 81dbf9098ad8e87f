/*
** Partitioning a query's rows: into disjoint sets, each with conditions of its own. It is done for two reasons: past
** endpoint->offset_advised_max the pages of one result can only be fetched serially, and a list may be too long for one request.
*/
#ifndef ONPAGE_PARTITION_H
#define ONPAGE_PARTITION_H

#include <stdbool.h>

#include "base/error.h"
#include "plan/query.h"
#include "wire/page.h"

/* What a condition points to (text, list) belongs to the query, which must outlive the partition, except for the texts that are
** also in expressions: those are the partition's, freed with it. A copy has its own. */
struct partition {
  struct condition conditions[ENDPOINT_CONDITIONS_MAX];
  size_t condition_count;
  char *expressions[ENDPOINT_CONDITIONS_MAX]; /* one for each time that rows were partitioned by character; owned */
  size_t expression_count;
  size_t sample_rows;           /* its rows in the page that showed how to partition */
  bool too_large;               /* is going to be partitioned itself before it is read */
  const struct condition *list; /* one of conditions, or NULL: rows whose value isn't in its list belong to another partition */
};

/* Disjoint partitions that together have all rows. */
struct partition_set {
  struct partition **partitions; /* owned, as is each; streams point to the conditions of one */
  size_t count;
};

/* Each function below that has a set last fills it, and leaves it empty or partly filled when it fails: the caller releases it in
** any case. */

/* One partition: all of the query. */
CHECKED int partition_whole(const struct query *query, struct partition_set *set, struct error *error);
/* A partition for each piece of the query's long list; only for a query that has one (long_list >= 0). */
CHECKED int partition_by_list(const struct query *query, struct partition_set *set, struct error *error);
/* Partitions a partition by one character of a text, in that of the endpoint's partition columns, and at the distance from the
** end, where the partition's first page shows it to be most evenly distributed: into `wanted` partitions, or as many as there can
** be. None if there is no such place, or no room for one more condition. */
CHECKED int partition_by_character(const struct query *query, const struct partition *partition, struct page *page, int wanted,
                                   struct partition_set *set, struct error *error);
/* Puts the partitions of `smaller`, which is empty afterwards, in the place of partition i, which is freed: the first at i, the
** others at the end. When memory runs out both are as they were. */
CHECKED int partition_set_replace(struct partition_set *set, size_t i, struct partition_set *smaller, struct error *error);
void partition_set_release(struct partition_set *set);

#endif
