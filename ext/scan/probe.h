/* The rows of one query out of rows that were kept for all of its kind. */
#ifndef ONPAGE_PROBE_H
#define ONPAGE_PROBE_H

#include "base/error.h"
#include "plan/query.h"
#include "scan/row_index.h"

struct probe;

/* The rows, which are borrowed, satisfy all of the query's terms but perhaps those in `varying` (bit of its index), one of which may
** be the key of the rows (-1: none is). Takes the query over when it succeeds. */
CHECKED int probe_open(struct row_index *rows, struct query *query, uint64_t varying, int key, struct probe **probe,
                       struct error *error);
void probe_close(struct probe *probe); /* also for NULL */
/* Goes to the next row that satisfies the terms, as far as that can be told here, or to the first. *row is false at the end. */
CHECKED int probe_next(struct probe *probe, bool *row, struct error *error);
/* The value of a column of the present row; texts have a zero behind them, and are valid until the next row. Fails for a column that
** was not kept. */
CHECKED int probe_value(const struct probe *probe, int column, struct value *value, struct error *error);
int64_t probe_rowid(const struct probe *probe);

/* Bits of the columns that have to be kept of a query's rows for such probes. */
uint64_t probe_columns(const struct query *query, uint64_t varying);
/* The term among the varying ones that finds the fewest rows by a value that equals theirs; -1: there is none. */
int probe_key(const struct query *query, uint64_t varying);

#endif
