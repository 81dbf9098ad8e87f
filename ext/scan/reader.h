/*
** Reads the rows of one query: from a scan of the API, or, when the query repeats one side of a join that has been kept, from there
** (inner_sides.h). The caller can't tell which.
**
** Tests: tests/e2e/test_joins.c.
*/
#ifndef ONPAGE_READER_H
#define ONPAGE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/value.h"
#include "client/client.h"
#include "plan/query.h"
#include "scan/inner_sides.h"

/* All zero: closed. */
struct reader {
  bool on_row;
  struct scan *scan;        /* where the rows come from, or NULL; */
  struct probe *probe;      /* … or this */
  struct inner_side *inner; /* the inner side of a join that the query belongs to, or NULL */
};

/* Opens a closed reader and goes to the first row. Takes over the content of *query, also when it fails. The plan is the text that
** the query was made from. */
CHECKED int reader_open(struct reader *reader, struct client *client, struct inner_sides *inner_sides, const char *plan,
                        struct query *query, struct error *error);
/* Goes to the next row; after the last one and after an error, reader->on_row is false. */
CHECKED int reader_next(struct reader *reader, struct error *error);
/* The value of a column of the present row; texts have a zero after them, and are valid until the reader moves. */
CHECKED int reader_value(struct reader *reader, int column, struct value *value, struct error *error);
CHECKED int reader_rowid(struct reader *reader, int64_t *rowid, struct error *error);
/* Cancels what is under way. Also for a closed reader. */
void reader_close(struct reader *reader);

#endif
