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

struct rows;

enum { ROWS_WITHOUT_KEY = -1 };

/* columns: bits of the columns that are kept; key: the one to find rows by, kept in any case, or ROWS_WITHOUT_KEY. NULL when
** memory ran out. */
struct rows *rows_new(uint64_t columns, int key);
void rows_free(struct rows *rows); /* also for NULL */

/* Appends a row: its values in the order of the kept columns, the lowest first. */
int rows_append(struct rows *rows, int64_t rowid, const struct value *values, struct error *error);
/* Moves all rows to a store, and those that will be appended. */
int rows_move(struct rows *rows, const struct spill_methods *methods, struct error *error);
/* To be called behind the last row. */
int rows_finish(struct rows *rows, struct error *error);
uint64_t rows_columns(const struct rows *rows);
bool rows_are_moved(const struct rows *rows);
/* What the rows take in memory. */
size_t rows_size(const struct rows *rows);
size_t rows_count(const struct rows *rows);

/* Goes through rows. */
struct rows_reader {
  struct rows *rows;
  bool keyed;
  uint64_t hash;
  long row;       /* in memory: the present one; -1 before the first */
  void *stored;   /* the store's reader, or NULL */
  const char *at; /* the present row */
};

/* Reads the rows whose key may equal the value, all for NULL or a value that can't be looked up. Rows of another key may come, too: who
** compares decides. To be ended, also when the rows have been read to their end. */
int rows_read(struct rows *rows, const struct value *key, struct rows_reader *reader, struct error *error);
int rows_next(struct rows_reader *reader, bool *row, struct error *error);
/* A kept column of the present row; texts have a zero behind them, and are valid until the next row. */
struct value rows_value(const struct rows_reader *reader, int column);
int64_t rows_rowid(const struct rows_reader *reader);
void rows_end(struct rows_reader *reader); /* also for a zeroed reader */

#endif
