/*
** Rows, with some of their columns, that are looked up by the value of one column. They are in memory at first, and can be moved to
** a store that has room for any number of them.
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

/* A place for rows that are too many for memory. Several readers may be open at once. */
struct spill_methods {
  int (*open)(void **store, struct error *error); /* an empty store */
  void (*close)(void *store);                     /* no reader may be left */
  int (*append)(void *store, int64_t hash, const char *bytes, size_t size, struct error *error);
  /* To be called when all rows have been appended. indexed: they will be looked up by hash. */
  int (*finish)(void *store, bool indexed, struct error *error);
  /* Reads the rows with this hash, or all for NULL. */
  int (*read)(void *store, const int64_t *hash, void **reader, struct error *error);
  /* Goes to the next row; its bytes are valid until the next call. NULL at the end. */
  int (*next)(void *reader, const char **bytes, struct error *error);
  void (*end)(void *reader);
};

struct row_index;

enum { ROW_INDEX_WITHOUT_KEY = -1 };

/* columns: bits of the columns to keep; key: the column to look rows up by, which is always kept, or ROW_INDEX_WITHOUT_KEY. NULL
** when memory ran out. */
struct row_index *row_index_new(uint64_t columns, int key);
void row_index_free(struct row_index *rows); /* also for NULL */

/* Appends a row: its values in the order of the kept columns, the lowest first. */
CHECKED int row_index_append(struct row_index *rows, int64_t rowid, const struct value *values, struct error *error);
/* Moves all rows to a store, where further ones are appended, too. */
CHECKED int row_index_spill(struct row_index *rows, const struct spill_methods *methods, struct error *error);
/* To be called after the last row was appended. */
CHECKED int row_index_finish(struct row_index *rows, struct error *error);
uint64_t row_index_columns(const struct row_index *rows);
bool row_index_is_spilled(const struct row_index *rows);
/* Bytes that the rows take in memory. */
size_t row_index_size(const struct row_index *rows);
size_t row_index_count(const struct row_index *rows);

/* A position in the rows. */
struct row_index_reader {
  struct row_index *rows;
  bool keyed;
  uint64_t hash;
  long row;       /* in memory: the present one; -1 before the first */
  void *stored;   /* the store's reader, or NULL */
  const char *at; /* the present row */
};

/* Opens a reader of the rows whose key may equal the value, or of all rows for NULL and for a value that has no hash. Rows with
** another key may be among them: the caller compares. The caller ends it by row_index_end. */
CHECKED int row_index_read(struct row_index *rows, const struct value *key, struct row_index_reader *reader,
                           struct error *error);
CHECKED int row_index_next(struct row_index_reader *reader, bool *row, struct error *error);
/* A kept column of the present row; texts have a zero after them, and are valid until the next row. */
struct value row_index_value(const struct row_index_reader *reader, int column);
int64_t row_index_rowid(const struct row_index_reader *reader);
void row_index_end(struct row_index_reader *reader); /* also for a zeroed reader */

#endif
