/*
** A row is a sequence of cells: its rowid, then one for each kept column. In memory, rows whose keys have the same place in a hash
** table form a chain; the table doubles as rows are added.
*/
#include "scan/row_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/cells.h"
#include "base/hash.h"

struct place {
  size_t offset; /* in the bytes */
  uint64_t hash; /* of the key */
  long next;     /* in its chain; -1 ends it */
};

struct row_index {
  uint64_t columns;
  int key;
  size_t count;
  struct buffer bytes; /* of all rows; of the newest one only, while they are in the store */
  /* In memory: */
  struct place *places;
  size_t capacity;
  long *chains; /* the newest row of each; capacity of them, a power of two */
  /* In a store: */
  const struct spill_methods *methods; /* NULL: in memory */
  void *store;
};

struct row_index *row_index_new(uint64_t columns, int key) {
  struct row_index *rows = calloc(1, sizeof *rows);
  if (rows == NULL) return NULL;
  rows->columns = key != ROW_INDEX_WITHOUT_KEY ? columns | 1ULL << key : columns;
  rows->key = key;
  rows->bytes.max = SIZE_MAX / 2; /* inner_sides.c bounds it, by cache_mb */
  return rows;
}

static void free_memory(struct row_index *rows) {
  buffer_release(&rows->bytes);
  free(rows->places);
  free(rows->chains);
  rows->places = NULL;
  rows->chains = NULL;
  rows->capacity = 0;
}

void row_index_free(struct row_index *rows) {
  if (rows == NULL) return;
  free_memory(rows);
  if (rows->methods != NULL) rows->methods->close(rows->store);
  free(rows);
}

uint64_t row_index_columns(const struct row_index *rows) {
  return rows->columns;
}

bool row_index_is_spilled(const struct row_index *rows) {
  return rows->methods != NULL;
}

size_t row_index_size(const struct row_index *rows) {
  return sizeof *rows + rows->bytes.capacity + rows->capacity * (sizeof *rows->places + sizeof *rows->chains);
}

size_t row_index_count(const struct row_index *rows) {
  return rows->count;
}

/* Equal keys have equal hashes: a column holds numbers as integers only, and texts are compared byte by byte. */
static uint64_t hash_value(const struct value *value) {
  struct hash hash = hash_begin();
  if (value->type == VALUE_INTEGER) hash_add_number(&hash, (uint64_t)value->integer);
  if (value->type == VALUE_TEXT) hash_add(&hash, value->text, value->size);
  return hash_end(&hash);
}

static void link_row(struct row_index *rows, size_t row) {
  long *chain = &rows->chains[rows->places[row].hash & (rows->capacity - 1)];
  rows->places[row].next = *chain;
  *chain = (long)row;
}

static int grow(struct row_index *rows) {
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

/* Appends a row to the bytes; returns the hash of its key. */
static uint64_t pack(struct row_index *rows, int64_t rowid, const struct value *values) {
  const struct value number = {.type = VALUE_INTEGER, .integer = rowid};
  uint64_t hash = 0;
  cells_append(&rows->bytes, &number);
  for (int column = 0; column < ENDPOINT_COLUMNS_MAX; column++) {
    if ((rows->columns & 1ULL << column) == 0) continue;
    const struct value *value = values++;
    cells_append(&rows->bytes, value);
    if (column == rows->key) hash = hash_value(value);
  }
  return hash;
}

int row_index_append(struct row_index *rows, int64_t rowid, const struct value *values, struct error *error) {
  bool moved = row_index_is_spilled(rows);
  if (!moved && rows->count == rows->capacity && grow(rows) != 0) return error_no_memory(error);
  if (moved) rows->bytes.size = 0;
  size_t offset = rows->bytes.size;
  uint64_t hash = pack(rows, rowid, values);
  if (rows->bytes.failed) return error_no_memory(error);
  if (moved) {
    if (rows->methods->append(rows->store, (int64_t)hash, rows->bytes.data, rows->bytes.size, error) != 0) return -1;
    rows->count++;
    return 0;
  }
  rows->places[rows->count] = (struct place){.offset = offset, .hash = hash};
  link_row(rows, rows->count++);
  return 0;
}

int row_index_spill(struct row_index *rows, const struct spill_methods *methods, struct error *error) {
  void *store;
  if (methods->open(&store, error) != 0) return -1;
  for (size_t i = 0; i < rows->count; i++) {
    const struct place *place = &rows->places[i];
    size_t end = i + 1 < rows->count ? place[1].offset : rows->bytes.size;
    if (methods->append(store, (int64_t)place->hash, rows->bytes.data + place->offset, end - place->offset, error) == 0)
      continue;
    methods->close(store);
    return -1;
  }
  free_memory(rows);
  rows->methods = methods;
  rows->store = store;
  return 0;
}

int row_index_finish(struct row_index *rows, struct error *error) {
  if (!row_index_is_spilled(rows)) return 0;
  free_memory(rows);
  return rows->methods->finish(rows->store, rows->key != ROW_INDEX_WITHOUT_KEY, error);
}

/* ---- Reading ---- */

/* The value whose hash equal keys have; false for one that has to be compared with every row. */
static bool look_up_value(const struct value *value, struct value *wanted) {
  *wanted = *value;
  if (value->type == VALUE_REAL && value->real >= -9223372036854775808.0 && value->real < 9223372036854775808.0)
    *wanted = (struct value){.type = VALUE_INTEGER, .integer = (int64_t)value->real};
  return wanted->type == VALUE_INTEGER || wanted->type == VALUE_TEXT;
}

int row_index_read(struct row_index *rows, const struct value *key, struct row_index_reader *reader, struct error *error) {
  struct value wanted;
  struct row_index_reader made = {.rows = rows, .row = -1};
  made.keyed = key != NULL && rows->key != ROW_INDEX_WITHOUT_KEY && look_up_value(key, &wanted);
  if (made.keyed) made.hash = hash_value(&wanted);
  if (row_index_is_spilled(rows)) {
    int64_t hash = (int64_t)made.hash;
    if (rows->methods->read(rows->store, made.keyed ? &hash : NULL, &made.stored, error) != 0) return -1;
  }
  *reader = made;
  return 0;
}

/* The row in memory after the reader's; -1: none. */
static long row_after(const struct row_index_reader *reader) {
  const struct row_index *rows = reader->rows;
  if (!reader->keyed) return reader->row + 1 < (long)rows->count ? reader->row + 1 : -1;
  if (rows->count == 0) return -1;
  long found = reader->row < 0 ? rows->chains[reader->hash & (rows->capacity - 1)] : rows->places[reader->row].next;
  while (found >= 0 && rows->places[found].hash != reader->hash) found = rows->places[found].next;
  return found;
}

int row_index_next(struct row_index_reader *reader, bool *row, struct error *error) {
  const struct row_index *rows = reader->rows;
  if (reader->stored != NULL) {
    if (rows->methods->next(reader->stored, &reader->at, error) != 0) return -1;
    *row = reader->at != NULL;
    return 0;
  }
  long found = row_after(reader);
  *row = found >= 0;
  if (!*row) return 0;
  reader->row = found;
  reader->at = rows->bytes.data + rows->places[found].offset;
  return 0;
}

struct value row_index_value(const struct row_index_reader *reader, int column) {
  uint64_t columns = reader->rows->columns;
  const char *at = reader->at;
  cells_read(&at); /* the rowid */
  for (int i = 0; i < column; i++)
    if ((columns & 1ULL << i) != 0) cells_read(&at);
  return cells_read(&at);
}

int64_t row_index_rowid(const struct row_index_reader *reader) {
  const char *at = reader->at;
  return cells_read(&at).integer;
}

void row_index_end(struct row_index_reader *reader) {
  if (reader->stored != NULL) reader->rows->methods->end(reader->stored);
  reader->stored = NULL;
}
