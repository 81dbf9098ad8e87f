/*
** Each row is a run of cells, one for each kept column. Rows with keys of the same hash form a chain; the table of chains doubles as
** rows come.
*/
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "cells.h"

struct place {
  size_t offset; /* in the bytes */
  int64_t rowid;
  uint64_t hash; /* of the key */
  long next;     /* in its chain; -1 ends it */
};

struct rows {
  uint64_t columns;
  int key;
  struct buffer bytes;
  struct place *places;
  size_t count;
  size_t capacity;
  long *chains; /* of rows from the newest; capacity of them, a power of two */
};

struct rows *rows_new(uint64_t columns, int key) {
  struct rows *rows = calloc(1, sizeof *rows);
  if (rows == NULL) return NULL;
  rows->columns = columns | 1ULL << key;
  rows->key = key;
  return rows;
}

void rows_free(struct rows *rows) {
  if (rows == NULL) return;
  buffer_release(&rows->bytes);
  free(rows->places);
  free(rows->chains);
  free(rows);
}

uint64_t rows_columns(const struct rows *rows) {
  return rows->columns;
}

size_t rows_size(const struct rows *rows) {
  return rows->bytes.capacity + rows->capacity * (sizeof *rows->places + sizeof *rows->chains);
}

size_t rows_count(const struct rows *rows) {
  return rows->count;
}

/* Equal keys have equal hashes: a column holds numbers as integers only, and texts are compared byte by byte. */
static uint64_t hash_value(const struct value *value) {
  uint64_t hash = 0xCBF29CE484222325u;
  if (value->type == VALUE_INTEGER) hash ^= (uint64_t)value->integer;
  for (size_t i = 0; value->type == VALUE_TEXT && i < value->size; i++)
    hash = (hash ^ (unsigned char)value->text[i]) * 0x100000001B3u;
  hash *= 0xD6E8FEB86659FD93u;
  return hash ^ hash >> 32;
}

static void link_row(struct rows *rows, size_t row) {
  long *chain = &rows->chains[rows->places[row].hash & (rows->capacity - 1)];
  rows->places[row].next = *chain;
  *chain = (long)row;
}

static int grow(struct rows *rows) {
  size_t capacity = rows->capacity > 0 ? rows->capacity * 2 : 256;
  struct place *places = realloc(rows->places, capacity * sizeof *places);
  if (places == NULL) return -1;
  rows->places = places;
  long *chains = realloc(rows->chains, capacity * sizeof *chains);
  if (chains == NULL) return -1;
  rows->chains = chains;
  rows->capacity = capacity;
  for (size_t i = 0; i < capacity; i++) chains[i] = -1;
  for (size_t i = 0; i < rows->count; i++) link_row(rows, i);
  return 0;
}

int rows_append(struct rows *rows, int64_t rowid, const struct value *values) {
  if (rows->count == rows->capacity && grow(rows) != 0) return -1;
  struct place *place = &rows->places[rows->count];
  *place = (struct place){.offset = rows->bytes.size, .rowid = rowid};
  for (int column = 0; column < ENDPOINT_COLUMNS_MAX; column++) {
    if ((rows->columns & 1ULL << column) == 0) continue;
    const struct value *value = values++;
    cells_append(&rows->bytes, value);
    if (column == rows->key) place->hash = hash_value(value);
  }
  if (rows->bytes.failed) return -1;
  link_row(rows, rows->count++);
  return 0;
}

/* The value whose equals have its hash; false for one that has to be compared with every row. */
static bool look_up_value(const struct value *value, struct value *wanted) {
  *wanted = *value;
  if (value->type == VALUE_REAL && value->real >= -9223372036854775808.0 && value->real < 9223372036854775808.0)
    *wanted = (struct value){.type = VALUE_INTEGER, .integer = (int64_t)value->real};
  return wanted->type == VALUE_INTEGER || wanted->type == VALUE_TEXT;
}

long rows_find(const struct rows *rows, const struct value *value, long row) {
  struct value wanted;
  if (rows->count == 0) return -1;
  if (!look_up_value(value, &wanted)) return row + 1 < (long)rows->count ? row + 1 : -1;
  uint64_t hash = hash_value(&wanted);
  long found = row < 0 ? rows->chains[hash & (rows->capacity - 1)] : rows->places[row].next;
  while (found >= 0 && rows->places[found].hash != hash) found = rows->places[found].next;
  return found;
}

struct value rows_value(const struct rows *rows, long row, int column) {
  const char *at = rows->bytes.data + rows->places[row].offset;
  struct value value = {.type = VALUE_NULL};
  for (int i = 0; i <= column; i++)
    if ((rows->columns & 1ULL << i) != 0) value = cells_read(&at);
  return value;
}

int64_t rows_rowid(const struct rows *rows, long row) {
  return rows->places[row].rowid;
}
