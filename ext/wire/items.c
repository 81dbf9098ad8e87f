/*
** Items packed as cells. The first value that is read of an item unpacks all its columns.
**
** A number or boolean may be written as text. A field that its column can't hold is NULL, as it is for the API's filters, so that
** one bad field doesn't make a crawl unreadable; the column item shows what was sent.
**
** Which column a member belongs to is predicted: members come in the same order item after item, so follower[c] is the column
** whose member came after column c's the last time, and usually one comparison of names is enough:
**
**   members        "type":…  "domain_from":…  "page_from":…           follower[start] = type
**   predicted by   start     type             domain_from             follower[type] = domain_from
**                                                                     follower[domain_from] = page_from
**
** A wrong prediction costs a search in all names (column_of) and is replaced by what came. This is cheaper than a look-up in
** json-c's hash table for each column.
*/
#include "wire/items.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/cells.h"
#include "wire/json_read.h"
#include "wire/json_text.h"

enum {
  TEXT_KEPT = 4096, /* bytes: of a longer item only the hash is kept, unless its text will be read */
  LARGE = 1 << 20   /* bytes allocated for texts that are freed when they aren't needed any more */
};

struct item {
  size_t cells;     /* offset */
  size_t text;      /* offset, if the text is kept */
  size_t text_size; /* 0: it isn't kept */
  uint64_t hash;    /* if it isn't kept */
};

struct items {
  const struct endpoint *endpoint;
  uint64_t columns; /* bits of those that are kept */
  struct item *items;
  size_t count;
  size_t capacity;
  struct buffer cells;
  struct buffer texts;   /* of items */
  bool shows_text;       /* texts will be read */
  size_t text;           /* offset of the text that is being added */
  struct buffer compact; /* a field as it was sent, while its cell is made */

  unsigned char follower[ENDPOINT_COLUMNS_MAX + 1]; /* see above; the last one is the start */

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
  for (int i = 0; i < items->endpoint->column_count; i++)
    if (endpoint->columns[i].role == COLUMN_ITEM && is_kept(items, i)) items->shows_text = true;
  items->unpacked = SIZE_MAX;
  return items;
}

void items_free(struct items *items) {
  if (items == NULL) return;
  buffer_release(&items->cells);
  buffer_release(&items->texts);
  buffer_release(&items->compact);
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

size_t items_size(const struct items *items) {
  return items->cells.capacity + items->texts.capacity + items->compact.capacity + items->capacity * sizeof *items->items;
}

/* ---- Packing ---- */

/* The column of that name, compared with the expected one first; -1 for an unknown key. */
static int column_of(const struct items *items, const char *key, int expected) {
  const struct column *columns = items->endpoint->columns;
  if (expected < items->endpoint->column_count && strcmp(columns[expected].name, key) == 0) return expected;
  for (int i = 0; i < items->endpoint->column_count; i++)
    if (strcmp(columns[i].name, key) == 0) return i;
  return -1;
}

/* Finds the member of each column. */
static void find_fields(struct items *items, struct json_object *object, struct json_object *fields[ENDPOINT_COLUMNS_MAX]) {
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

static struct value integer_value(int64_t integer) {
  return (struct value){.type = VALUE_INTEGER, .integer = integer};
}

/* The number in the field, which may be written as text. */
static bool read_integer(struct json_object *field, int64_t *integer) {
  if (json_read_as(field, json_type_string) == NULL) return json_read_integer(field, integer);
  return value_integer_of_text(json_object_get_string(field), (size_t)json_object_get_string_len(field), integer);
}

/* Whether the field is a string of that word, in upper or lower case. */
static bool is_word(struct json_object *field, const char *word) {
  return json_read_as(field, json_type_string) != NULL && strcasecmp(json_object_get_string(field), word) == 0 &&
         (size_t)json_object_get_string_len(field) == strlen(word);
}

/* The boolean in the field, which may be written as text or number. */
static bool read_boolean(struct json_object *field, int64_t *boolean) {
  static const char *const words[] = {"false", "true"};
  if (json_read_as(field, json_type_boolean) != NULL) {
    *boolean = json_object_get_boolean(field) ? 1 : 0;
    return true;
  }
  for (int i = 0; i < 2; i++) {
    if (!is_word(field, words[i])) continue;
    *boolean = i;
    return true;
  }
  return read_integer(field, boolean) && (*boolean == 0 || *boolean == 1);
}

/* Whether a number in the field was cut by json-c. */
static bool has_cut_number(struct json_object *field) {
  if (json_read_as(field, json_type_array) != NULL) {
    for (size_t i = 0; i < json_object_array_length(field); i++)
      if (has_cut_number(json_object_array_get_idx(field, i))) return true;
  } else if (json_read_as(field, json_type_object) != NULL) {
    struct json_object_iter member;
    json_object_object_foreachC(field, member) {
      if (has_cut_number(member.val)) return true;
    }
  }
  return json_read_is_cut(field);
}

/* The field's JSON, with numbers as they were sent: json-c keeps the text of those with a fraction, but cuts integers to 64 bits.
** False when memory ran out. */
static bool json_value(struct items *items, int column, struct json_object *field, struct value *value) {
  const char *text = items->texts.data + items->text;
  size_t size = 0;
  if (has_cut_number(field) &&
      json_text_member(text, items->texts.size - items->text, items->endpoint->columns[column].name, &text, &size)) {
    items->compact.size = 0;
    json_text_compact(&items->compact, text, size);
    *value = text_value(items->compact.data, items->compact.size);
    return !items->compact.failed;
  }
  text = json_read_text(field, &size);
  *value = text_value(text, size);
  return text != NULL;
}

/* The field as a value of the column's class; its text belongs to the field or to the items. False when memory ran out. */
static bool field_value(struct items *items, int column, struct json_object *field, struct value *value) {
  int64_t number = 0;
  switch (items->endpoint->columns[column].class) {
    case CLASS_BOOLEAN:
      if (read_boolean(field, &number)) *value = integer_value(number);
      return true;
    case CLASS_INTEGER:
      if (read_integer(field, &number)) *value = integer_value(number);
      return true;
    case CLASS_TEXT:
      if (json_read_as(field, json_type_string) == NULL) break;
      *value = text_value(json_object_get_string(field), (size_t)json_object_get_string_len(field));
      return true;
    case CLASS_TEXT_ARRAY:
    case CLASS_COUNT: break;
  }
  return json_value(items, column, field, value);
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
  buffer_append(&items->texts, bytes, size);
}

void items_drop_text(struct items *items) {
  if (items->texts.data == NULL) return;
  items->texts.size = items->text;
  if (items->texts.capacity - items->texts.size > LARGE) buffer_fit(&items->texts);
}

/* Whether the object has all that is in its text: it has less if json-c ran out of memory. Sizes are compared. They also differ
** where a key comes twice or a number was cut, so then a second parse must come to the same size. */
static bool is_whole(struct json_object *object, const char *text, size_t size) {
  size_t whole = json_read_size(object);
  if (whole == size || whole == json_text_size(text, size)) return true;
  struct json_tokener *tokener = json_tokener_new_ex(JSON_TOKENER_DEFAULT_DEPTH);
  if (tokener == NULL) return false;
  struct json_parse again = json_read_parse(tokener, text, size);
  bool same = again.object != NULL && json_read_size(again.object) == whole;
  json_object_put(again.object);
  json_tokener_free(tokener);
  return same;
}

static bool pack(struct items *items, struct json_object *object) {
  struct json_object *fields[ENDPOINT_COLUMNS_MAX] = {NULL};
  find_fields(items, object, fields);
  for (int i = 0; i < items->endpoint->column_count; i++) {
    struct value value = {.type = VALUE_NULL};
    if (!is_packed(items, i)) continue;
    if (fields[i] != NULL && !field_value(items, i, fields[i], &value)) return false;
    cells_append(&items->cells, &value);
  }
  return !items->cells.failed;
}

int items_add(struct items *items, struct json_object *object) {
  if (items->texts.failed || (items->count == items->capacity && !grow(items))) return -1;
  struct item item = {.cells = items->cells.size, .text = items->text, .text_size = items->texts.size - items->text};
  const char *text = items->texts.data + item.text;
  if (!is_whole(object, text, item.text_size) || !pack(items, object)) return -1;
  if (item.text_size > TEXT_KEPT && !items->shows_text) {
    item.hash = json_text_hash(text, item.text_size);
    item.text_size = 0;
    items_drop_text(items);
  } else {
    buffer_append(&items->texts, "", 1); /* the zero at the text's end */
  }
  if (items->texts.failed) return -1;
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
  *value = items->values[column];
  return 0;
}

uint64_t items_hash(const struct items *items, size_t item) {
  const struct item *hashed = &items->items[item];
  return hashed->text_size > 0 ? json_text_hash(items->texts.data + hashed->text, hashed->text_size) : hashed->hash;
}
