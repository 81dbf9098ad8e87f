/* Finds the rows of one query among those that were kept for an inner side (inner_sides.h). */
#ifndef ONPAGE_PROBE_H
#define ONPAGE_PROBE_H

#include "base/error.h"
#include "plan/query.h"
#include "scan/row_index.h"

struct probe;

/* The rows, which are borrowed, satisfy all of the query's terms except, perhaps, those in `varying` (bits of their indexes); key
** is the index of the one that looks rows up, or -1. Takes the query over when it succeeds. */
CHECKED int probe_open(struct row_index *rows, struct query *query, uint64_t varying, int key, struct probe **probe,
                       struct error *error);
void probe_close(struct probe *probe); /* also for NULL */
/* Goes to the next row, or the first, that satisfies the terms that can be decided here. *row is false at the end. */
CHECKED int probe_next(struct probe *probe, bool *row, struct error *error);
/* The value of a column of the present row; texts have a zero after them, and are valid until the next row. Fails for a column that
** was not kept. */
CHECKED int probe_value(const struct probe *probe, int column, struct value *value, struct error *error);
int64_t probe_rowid(const struct probe *probe);

/* Bits of the columns to keep of a query's rows, so that probes with other values in the varying terms can be opened on them. */
uint64_t probe_columns(const struct query *query, uint64_t varying);
/* Index of the varying term of equality that is likely to keep the fewest rows; -1: there is none. */
int probe_key(const struct query *query, uint64_t varying);

#endif
