/* Rows kept in memory, a few columns of each, found by the value of one of them. */
#ifndef ONPAGE_ROWS_H
#define ONPAGE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoint.h"
#include "value.h"

struct rows;

/* columns: bits of the columns that are kept; key: the one to find rows by, kept in any case. NULL when memory ran out. */
struct rows *rows_new(uint64_t columns, int key);
void rows_free(struct rows *rows); /* also for NULL */

/* Appends a row: its values in the order of the kept columns, the lowest first. -1 when memory ran out. */
int rows_append(struct rows *rows, int64_t rowid, const struct value *values);
uint64_t rows_columns(const struct rows *rows);
/* What the rows take in memory. */
size_t rows_size(const struct rows *rows);
size_t rows_count(const struct rows *rows);

/* The first row, or the next one behind `row` (from -1), whose key may equal the value; -1: none. A value of a type that can't be
** looked up gives every row. Rows of another value may come, too: who compares decides. */
long rows_find(const struct rows *rows, const struct value *value, long row);
/* A kept column of a row; texts have a zero behind them, and belong to the rows. */
struct value rows_value(const struct rows *rows, long row, int column);
int64_t rows_rowid(const struct rows *rows, long row);

#endif
