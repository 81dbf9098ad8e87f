/* The first value that is read of an item unpacks all its columns. */
#include "wire/items.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "wire/json_read.h"
#include "wire/json_text.h"

enum { LARGE = 1 << 16 }; /* bytes allocated for a text that are freed when they aren't needed any more */

struct items {
  const struct endpoint *endpoint;
  uint64_t columns; /* bits of those that are read */
  bool shows_text;  /* among them the item's text */
  bool keeps_all;
  struct packed *packed; /* shared */
  struct buffer text;    /* of the item that is being added */
  struct buffer shown;   /* the text of an item whose value is read */

  uint64_t fields; /* bits of the columns that are read and are fields, */
  uint64_t ready;  /* … the same if an item is unpacked, else 0 */
  size_t item;     /* that item */
  struct unpacked unpacked;
};

static bool is_read(const struct items *items, int column) {
  return (items->columns & 1ULL << column) != 0;
}

struct items *items_of_packed(struct packed *packed, const struct endpoint *endpoint, uint64_t columns) {
  struct items *items = calloc(1, sizeof *items);
  if (items == NULL) return NULL;
  items->endpoint = endpoint;
  items->columns = columns;
  items->packed = packed_share(packed);
  for (int i = 0; i < endpoint->column_count; i++) {
    if (endpoint->columns[i].role == COLUMN_ITEM && is_read(items, i)) items->shows_text = true;
    if (endpoint->columns[i].role == COLUMN_FIELD && is_read(items, i)) items->fields |= 1ULL << i;
  }
  return items;
}

struct items *items_new(const struct endpoint *endpoint, uint64_t columns) {
  struct packed *packed = packed_new(endpoint);
  struct items *items = packed != NULL ? items_of_packed(packed, endpoint, columns) : NULL;
  packed_release(packed);
  return items;
}

void items_free(struct items *items) {
  if (items == NULL) return;
  packed_release(items->packed);
  buffer_release(&items->text);
  buffer_release(&items->shown);
  free(items);
}

void items_clear(struct items *items) {
  items->text.size = 0;
  items->ready = 0;
  packed_clear(items->packed);
}

void items_keep_all(struct items *items, bool keep_all) {
  items->keeps_all = keep_all;
}

struct packed *items_packed(struct items *items) {
  return items->keeps_all ? items->packed : NULL;
}

void items_fit(struct items *items) {
  packed_fit(items->packed);
  buffer_release(&items->text);
}

size_t items_count(const struct items *items) {
  return packed_count(items->packed);
}

size_t items_size(const struct items *items) {
  return packed_size(items->packed) + items->text.capacity + items->shown.capacity;
}

/* ---- Adding ---- */

void items_add_text(struct items *items, const char *bytes, size_t size) {
  buffer_append(&items->text, bytes, size);
}

void items_drop_text(struct items *items) {
  items->text.size = 0;
  if (items->text.capacity > LARGE) buffer_release(&items->text);
}

/* Whether the object has all that is in its text: it has less if json-c ran out of memory. Sizes are compared. They also differ
** where a key comes twice or a number was cut, so then a second parse must come to the same size. */
static bool has_all(struct json_object *object, const char *text, size_t size) {
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

enum packed_outcome items_add_plain(struct items *items, const char *bytes, size_t size, size_t *taken) {
  bool any_size = items->keeps_all || items->shows_text;
  return packed_add_plain(items->packed, bytes, size, any_size ? SIZE_MAX : PACKED_SMALL, taken);
}

int items_add(struct items *items, struct json_object *object) {
  const char *text = items->text.data;
  size_t size = items->text.size;
  enum packed_outcome outcome = PACKED_NOT_PLAIN;
  bool needs_text = items->keeps_all || items->shows_text;
  if (items->text.failed || !has_all(object, text, size)) return -1;
  if (size <= PACKED_SMALL || needs_text) outcome = packed_add(items->packed, text, size, object);
  if (outcome == PACKED_NOT_PLAIN)
    outcome = packed_add_columns(items->packed, text, size, object, items->keeps_all ? UINT64_MAX : items->columns, needs_text);
  items_drop_text(items);
  return outcome == PACKED_ADDED ? 0 : -1;
}

/* ---- Reading ---- */

static int show_text(struct items *items, size_t item, struct value *value, struct error *error) {
  struct value text = {.type = VALUE_TEXT};
  if (packed_text(items->packed, item, &items->shown, &text.text, &text.size) != 0) return error_no_memory(error);
  *value = text;
  return 0;
}

bool items_has_value(const struct items *items, size_t item, int column, struct value *value) {
  if (item != items->item || (items->ready >> column & 1) == 0) return false;
  *value = items->unpacked.values[column];
  return true;
}

int items_value(struct items *items, size_t item, int column, struct value *value, struct error *error) {
  const struct column *wanted = &items->endpoint->columns[column];
  if (!is_read(items, column))
    return error_set(error, "SQLite reads %s, which it had not announced: set the option pushdown to off", wanted->name);
  if (wanted->role == COLUMN_ITEM) return show_text(items, item, value, error);
  packed_unpack(items->packed, item, &items->unpacked);
  items->item = item;
  items->ready = items->fields;
  *value = items->unpacked.values[column];
  return 0;
}

uint64_t items_hash(const struct items *items, size_t item) {
  return packed_hash(items->packed, item);
}
