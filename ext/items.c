/*
** Items packed as cells. To read a row is to unpack it, once for all of its columns.
**
** A field whose JSON type its column can't hold is no error before the column is read. Such a misfit is kept as a cell of the type
** blob, which no column has, saying what it is.
*/
#include "items.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "cells.h"
#include "json_read.h"

struct item {
  size_t cells; /* offset */
  size_t text;  /* offset */
  size_t text_size;
  uint64_t hash;
};

struct items {
  const struct endpoint *endpoint;
  uint64_t columns; /* that are kept */
  struct item *items;
  size_t count;
  size_t capacity;
  struct buffer cells;
  struct buffer texts; /* of items, if they are kept */
  bool keeps_text;
  size_t text; /* offset of the text that is being added */

  /* Walking an item's members once is cheaper than asking json-c's hash table for every column, since members come in the same
  ** order item after item: follower[c] is the column whose member came behind column c's the last time, so that nearly always
  ** one comparison tells which column a member is of. */
  unsigned char follower[ENDPOINT_COLUMNS_MAX + 1]; /* the last one: the column of the first member */

  size_t unpacked; /* the item whose values these are; SIZE_MAX: none */
  struct value values[ENDPOINT_COLUMNS_MAX];
};

static bool is_kept(const struct items *items, int column) {
  return (items->columns & 1ULL << column) != 0;
}

/* Columns whose values are cells. */
static bool is_packed(const struct items *items, int column) {
  return items->endpoint->columns[column].role == COLUMN_FIELD && is_kept(items, column);
}

struct items *items_new(const struct endpoint *endpoint, uint64_t columns) {
  struct items *items = calloc(1, sizeof *items);
  if (items == NULL) return NULL;
  items->endpoint = endpoint;
  items->columns = columns;
  items->keeps_text = false;
  for (int i = 0; i < items->endpoint->column_count; i++)
    if (endpoint->columns[i].role == COLUMN_ITEM && is_kept(items, i)) items->keeps_text = true;
  items->unpacked = SIZE_MAX;
  return items;
}

void items_free(struct items *items) {
  if (items == NULL) return;
  buffer_release(&items->cells);
  buffer_release(&items->texts);
  free(items->items);
  free(items);
}

void items_clear(struct items *items) {
  items->count = 0;
  items->text = 0;
  items->unpacked = SIZE_MAX;
  buffer_release(&items->cells);
  buffer_release(&items->texts);
}

size_t items_count(const struct items *items) {
  return items->count;
}

/* ---- Packing ---- */

/* The column that the member is of, to be looked for at `expected` first; -1 for an unknown key. */
static int column_of(const struct items *items, const char *key, int expected) {
  const struct column *columns = items->endpoint->columns;
  if (expected < items->endpoint->column_count && strcmp(columns[expected].name, key) == 0) return expected;
  for (int i = 0; i < items->endpoint->column_count; i++)
    if (strcmp(columns[i].name, key) == 0) return i;
  return -1;
}

/* The members by the columns that they are of. */
static void take_apart(struct items *items, struct json_object *object, struct json_object *fields[ENDPOINT_COLUMNS_MAX]) {
  unsigned char *follower = &items->follower[ENDPOINT_COLUMNS_MAX];
  struct json_object_iter member;
  json_object_object_foreachC(object, member) {
    int column = column_of(items, member.key, *follower);
    if (column < 0) continue;
    fields[column] = member.val;
    *follower = (unsigned char)column;
    follower = &items->follower[column];
  }
}

static struct value text_value(const char *text, size_t size) {
  return (struct value){.type = VALUE_TEXT, .text = text, .size = size};
}

static struct value misfit(struct json_object *field) {
  const char *type = json_read_type_text(field);
  return (struct value){.type = VALUE_BLOB, .text = type, .size = strlen(type)};
}

/* The field as the column's class has it; its text belongs to the field. False when memory ran out. */
static bool field_value(struct json_object *field, enum column_class class, struct value *value) {
  enum json_type type = json_object_get_type(field);
  int64_t number = 0;
  size_t size = 0;
  switch (class) {
    case CLASS_BOOLEAN:
      if (type == json_type_boolean) {
        *value = (struct value){.type = VALUE_INTEGER, .integer = json_object_get_boolean(field) ? 1 : 0};
        return true;
      }
      *value = json_read_integer(field, &number) && (number == 0 || number == 1)
                   ? (struct value){.type = VALUE_INTEGER, .integer = number}
                   : misfit(field);
      return true;
    case CLASS_INTEGER:
      *value = json_read_integer(field, &number) ? (struct value){.type = VALUE_INTEGER, .integer = number} : misfit(field);
      return true;
    case CLASS_WORD:
    case CLASS_TEXT:
      if (type != json_type_string) break;
      *value = text_value(json_object_get_string(field), (size_t)json_object_get_string_len(field));
      return true;
    case CLASS_TEXT_ARRAY:
    case CLASS_COUNT: break;
  }
  const char *text = json_object_to_json_string_length(field, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &size);
  *value = text_value(text, size);
  return text != NULL;
}

void items_fit(struct items *items) {
  buffer_fit(&items->cells);
  buffer_fit(&items->texts);
}

static bool grow(struct items *items) {
  size_t capacity = items->capacity > 0 ? items->capacity * 2 : 16;
  struct item *grown = realloc(items->items, capacity * sizeof *grown);
  if (grown == NULL) return false;
  items->items = grown;
  items->capacity = capacity;
  return true;
}

void items_add_text(struct items *items, const char *bytes, size_t size) {
  if (items->keeps_text) buffer_append(&items->texts, bytes, size);
}

int items_add(struct items *items, struct json_object *object) {
  struct json_object *fields[ENDPOINT_COLUMNS_MAX] = {NULL};
  if (items->count == items->capacity && !grow(items)) return -1;
  struct item item = {.cells = items->cells.size, .text = items->text, .hash = json_read_hash(object)};
  item.text_size = items->texts.size - items->text;
  if (items->keeps_text) buffer_append(&items->texts, "", 1); /* every text has a zero behind it */
  take_apart(items, object, fields);
  for (int i = 0; i < items->endpoint->column_count; i++) {
    struct value value = {.type = VALUE_NULL};
    if (!is_packed(items, i)) continue;
    if (fields[i] != NULL && !field_value(fields[i], items->endpoint->columns[i].class, &value)) return -1;
    cells_append(&items->cells, &value);
  }
  if (items->cells.failed || items->texts.failed) return -1;
  items->items[items->count++] = item;
  items->text = items->texts.size;
  return 0;
}

/* ---- Unpacking ---- */

static void unpack(struct items *items, size_t item) {
  const char *at = items->cells.data + items->items[item].cells;
  for (int i = 0; i < items->endpoint->column_count; i++)
    if (is_packed(items, i)) items->values[i] = cells_read(&at);
  items->unpacked = item;
}

int items_value(struct items *items, size_t item, int column, struct value *value, struct error *error) {
  const struct column *wanted = &items->endpoint->columns[column];
  if (!is_kept(items, column))
    return error_set(error, "SQLite reads %s, which it had not announced: set the option pushdown to off", wanted->name);
  if (wanted->role == COLUMN_ITEM) {
    *value = text_value(items->texts.data + items->items[item].text, items->items[item].text_size);
    return 0;
  }
  if (items->unpacked != item) unpack(items, item);
  const struct value *unpacked = &items->values[column];
  if (unpacked->type == VALUE_BLOB)
    return error_set(error, "%s in items[%zu] of the answer is %s, not %s; the column item shows what was sent", wanted->name,
                     item, unpacked->text, wanted->class == CLASS_BOOLEAN ? "a boolean" : "an integer");
  *value = *unpacked;
  return 0;
}

uint64_t items_hash(const struct items *items, size_t item) {
  return items->items[item].hash;
}
