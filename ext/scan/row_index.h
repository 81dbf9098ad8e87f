/*
** Rows kept, a few columns of each, found by the value of one of them. They are in memory at first, and can be moved to a store
** that takes any number of them.
*/
#ifndef ONPAGE_ROW_INDEX_H
#define ONPAGE_ROW_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/value.h"

/* A place for rows that are too many for memory. Several readers may be at a row at once. */
struct spill_methods {
  int (*open)(void **store, struct error *error); /* an empty store */
  void (*close)(void *store);                     /* no reader may be left */
  int (*append)(void *store, int64_t hash, const char *bytes, size_t size, struct error *error);
  /* To be called when all rows have been appended. indexed: they will be looked for by their hash. */
  int (*finish)(void *store, bool indexed, struct error *error);
  /* Reads the rows with this hash, or all for NULL. */
  int (*read)(void *store, const int64_t *hash, void **reader, struct error *error);
  /* Goes to the next row; its bytes are valid until the next call. NULL at the end. */
  int (*next)(void *reader, const char **bytes, struct error *error);
  void (*end)(void *reader);
};

struct row_index;

enum { ROW_INDEX_WITHOUT_KEY = -1 };

/* columns: bits of the columns that are kept; key: the one to find rows by, kept in any case, or ROW_INDEX_WITHOUT_KEY. NULL when
** memory ran out. */
struct row_index *row_index_new(uint64_t columns, int key);
void row_index_free(struct row_index *rows); /* also for NULL */

/* Appends a row: its values in the order of the kept columns, the lowest first. */
CHECKED int row_index_append(struct row_index *rows, int64_t rowid, const struct value *values, struct error *error);
/* Moves all rows to a store, and those that will be appended. */
CHECKED int row_index_move(struct row_index *rows, const struct spill_methods *methods, struct error *error);
/* To be called behind the last row. */
CHECKED int row_index_finish(struct row_index *rows, struct error *error);
uint64_t row_index_columns(const struct row_index *rows);
bool row_index_is_moved(const struct row_index *rows);
/* What the rows take in memory. */
size_t row_index_size(const struct row_index *rows);
size_t row_index_count(const struct row_index *rows);

/* Goes through rows. */
struct row_index_reader {
  struct row_index *rows;
  bool keyed;
  uint64_t hash;
  long row;       /* in memory: the present one; -1 before the first */
  void *stored;   /* the store's reader, or NULL */
  const char *at; /* the present row */
};

/* Reads the rows whose key may equal the value, all for NULL or a value that can't be looked up. Rows of another key may come, too: who
** compares decides. To be ended, also when the rows have been read to their end. */
CHECKED int row_index_read(struct row_index *rows, const struct value *key, struct row_index_reader *reader,
                           struct error *error);
CHECKED int row_index_next(struct row_index_reader *reader, bool *row, struct error *error);
/* A kept column of the present row; texts have a zero behind them, and are valid until the next row. */
struct value row_index_value(const struct row_index_reader *reader, int column);
int64_t row_index_rowid(const struct row_index_reader *reader);
void row_index_end(struct row_index_reader *reader); /* also for a zeroed reader */

#endif
