/*
** An item in data is a byte for its form, then
**
**   FORM_SHAPED   the leaf of its shape, and a slot for each member
**   FORM_LARGE    the same, and the hash
**   FORM_COLUMNS  the bits of the columns, the size of the text, the text or the hash, and a cell (cells.h) for each column
**
** A slot is a number, kind + 8 * size, in groups of 7 bits from the lowest on, all but the last with the highest bit set; and the
** member's value as it was sent, of that size:
**
**   null  true  false    nothing more
**   number               the digits
**   text                 the string without quotes, and a zero
**   json                 JSON that is its column's value, and a zero
**   other                JSON, and the value of its column as a cell
**   ignored              JSON that belongs to no column
*/
#include "wire/packed.h"

#include <stdlib.h>
#include <string.h>

#include "base/cells.h"
#include "wire/field.h"
#include "wire/json_text.h"
#include "wire/shape.h"

_Static_assert((int)PACKED_MEMBERS_MAX == (int)SHAPE_SLOTS_MAX, "an item's members are those of its shape");

enum form { FORM_SHAPED, FORM_LARGE, FORM_COLUMNS };
enum kind { KIND_NULL, KIND_TRUE, KIND_FALSE, KIND_NUMBER, KIND_TEXT, KIND_JSON, KIND_OTHER, KIND_IGNORED };
enum {
  DIGITS_MAX = 18,    /* of a number that is read here: it fits 64 bits */
  SLOT_HEAD_MAX = 10, /* bytes of a slot's first number */
  ITEM_HEAD_SIZE = 1 + sizeof(uint16_t)
};

struct packed {
  size_t owners;
  const struct endpoint *endpoint;
  struct shapes shapes;
  uint32_t *items; /* offsets in data */
  size_t count;
  size_t capacity;
  struct buffer data;
  struct buffer scratch; /* for a value, while an item is added */
};

struct packed *packed_new(const struct endpoint *endpoint) {
  struct packed *packed = calloc(1, sizeof *packed);
  if (packed == NULL) return NULL;
  packed->owners = 1;
  packed->endpoint = endpoint;
  if (shapes_init(&packed->shapes, endpoint) == 0) return packed;
  free(packed);
  return NULL;
}

struct packed *packed_share(struct packed *packed) {
  packed->owners++;
  return packed;
}

void packed_release(struct packed *packed) {
  if (packed == NULL || --packed->owners > 0) return;
  shapes_release(&packed->shapes);
  buffer_release(&packed->data);
  buffer_release(&packed->scratch);
  free(packed->items);
  free(packed);
}

void packed_clear(struct packed *packed) {
  packed->count = 0;
  buffer_release(&packed->data);
}

void packed_fit(struct packed *packed) {
  buffer_fit(&packed->data);
  shapes_fit(&packed->shapes);
  buffer_release(&packed->scratch);
  uint32_t *items = packed->count > 0 ? realloc(packed->items, packed->count * sizeof *items) : NULL;
  if (items == NULL) return;
  packed->items = items;
  packed->capacity = packed->count;
}

size_t packed_count(const struct packed *packed) {
  return packed->count;
}

size_t packed_size(const struct packed *packed) {
  return sizeof *packed + shapes_size(&packed->shapes) + packed->capacity * sizeof *packed->items + packed->data.capacity +
         packed->scratch.capacity;
}

/* ---- Reading JSON ---- */

static bool is_end(char c) {
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Sets the highest bit of each of the word's bytes that is a quote, a backslash or a control character. (byte - 1) & ~byte has
** that bit only if the byte is 0 or comes after one that is, from the lowest on: so the lowest bit that is set is right. */
static uint64_t special_bytes(uint64_t word) {
  const uint64_t ones = 0x0101010101010101u;
  const uint64_t highs = ones << 7;
  uint64_t quote = word ^ ones * '"';
  uint64_t backslash = word ^ ones * '\\';
  return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((word - ones * ' ') & ~word)) & highs;
}

/* The first quote, backslash or control character. */
static const char *plain_end(const char *at, const char *end) {
  for (uint64_t word; (size_t)(end - at) >= sizeof word; at += sizeof word) {
    memcpy(&word, at, sizeof word);
    uint64_t special = special_bytes(word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (special != 0) return at + __builtin_ctzll(special) / 8;
#else
    if (special != 0) break;
#endif
  }
  while (at < end && (unsigned char)*at >= ' ' && *at != '"' && *at != '\\') at++;
  return at;
}

/* The end of the string that begins here; NULL if it isn't plain and complete. */
static const char *pass_string(const char *at, const char *end) {
  if (at == end || *at != '"') return NULL;
  at = plain_end(at + 1, end);
  return at < end && *at == '"' ? at + 1 : NULL;
}

/* The end of the array that begins here; NULL if it isn't plain, compact and complete. */
static const char *pass_array(const char *at, const char *end) {
  if (++at < end && *at == ']') return at + 1;
  while ((at = pass_string(at, end)) != NULL && at < end && *at == ',') at++;
  return at != NULL && at < end && *at == ']' ? at + 1 : NULL;
}

static const char *pass_digits(const char *at, const char *end) {
  const char *start = at;
  while (at < end && *at >= '0' && *at <= '9') at++;
  bool is_plain = at < end && is_end(*at) && at - start <= DIGITS_MAX && (*start != '0' || at - start == 1);
  return is_plain ? at : NULL;
}

static const char *pass_word(const char *at, const char *end, const char *word, size_t size) {
  return (size_t)(end - at) > size && memcmp(at, word, size) == 0 && is_end(at[size]) ? at + size : NULL;
}

/* The end of any value that json-c has taken; NULL if it has a key in single quotes, which json-c takes even when it is strict. */
static const char *pass_value(const char *at, const char *end) {
  size_t depth = 0;
  for (; at < end && (depth > 0 || !is_end(*at)); at++) {
    if (*at == '\'') return NULL;
    if (*at == '{' || *at == '[') depth++;
    if ((*at == '}' || *at == ']') && --depth == 0) return at + 1;
    if (*at != '"') continue;
    for (at++; at < end && *at != '"'; at++) at += *at == '\\';
    if (depth == 0) return at < end ? at + 1 : end;
  }
  return at < end ? at : end;
}

/* ---- Packing ---- */

/* A value of that kind and size in the item's text. */
struct span {
  enum kind kind;
  const char *at;
  size_t size;
  const char *end; /* where the text goes on */
};

/* Finds a value whose meaning is plain for a column of that class, or for none (-1). */
static bool find_plain(const char *at, const char *end, int class, struct span *span) {
  bool any = class < 0;
  *span = (struct span){.at = at};
  if (at == end) return false;
  switch (*at) {
    case '"':
      span->kind = KIND_TEXT;
      if (any || class == CLASS_TEXT) span->end = pass_string(at, end);
      break;
    case 'n':
      span->kind = KIND_NULL;
      span->end = pass_word(at, end, "null", 4);
      break;
    case 't':
      span->kind = KIND_TRUE;
      if (any || class == CLASS_BOOLEAN) span->end = pass_word(at, end, "true", 4);
      break;
    case 'f':
      span->kind = KIND_FALSE;
      if (any || class == CLASS_BOOLEAN) span->end = pass_word(at, end, "false", 5);
      break;
    case '[':
      span->kind = KIND_JSON;
      if (any || class == CLASS_TEXT_ARRAY) span->end = pass_array(at, end);
      break;
    default:
      span->kind = KIND_NUMBER;
      if (*at >= '0' && *at <= '9' && (any || class == CLASS_INTEGER)) span->end = pass_digits(at, end);
  }
  if (span->end == NULL) return false;
  bool has_bytes = span->kind >= KIND_NUMBER;
  bool is_text = span->kind == KIND_TEXT;
  span->at += is_text;
  span->size = has_bytes ? (size_t)(span->end - span->at) - is_text : 0;
  return true;
}

static void put_slot(struct buffer *data, const struct span *span) {
  size_t most = SLOT_HEAD_MAX + span->size + 1;
  char *slot = data->capacity - data->size > most ? data->data + data->size : buffer_extend(data, most);
  if (slot == NULL) return;
  uint64_t head = (uint64_t)span->size << 3 | span->kind;
  for (; head >= 0x80; head >>= 7) *slot++ = (char)(0x80 | (head & 0x7F));
  *slot++ = (char)head;
  memcpy(slot, span->at, span->size);
  slot += span->size;
  if (span->kind == KIND_TEXT || span->kind == KIND_JSON) *slot++ = '\0';
  data->size = (size_t)(slot - data->data);
}

/* The item's member of the column's name as a value. False when memory ran out. */
static bool read_field(struct packed *packed, int column, struct json_object *object, const char *text, size_t size,
                       struct value *value) {
  struct json_object *field = NULL;
  *value = (struct value){.type = VALUE_NULL};
  json_object_object_get_ex(object, packed->endpoint->columns[column].name, &field);
  return field == NULL || field_value(&packed->endpoint->columns[column], field, text, size, &packed->scratch, value);
}

/* Adds a value that isn't plain, up to span->end. False when memory ran out. */
static bool put_other(struct packed *packed, int column, struct json_object *object, const char *text, const char *end,
                      struct span *span) {
  struct value value;
  span->kind = column < 0 ? KIND_IGNORED : KIND_OTHER;
  span->size = (size_t)(span->end - span->at);
  put_slot(&packed->data, span);
  if (column < 0) return true;
  if (!read_field(packed, column, object, text, (size_t)(end - text), &value)) return false;
  cells_append(&packed->data, &value);
  return true;
}

static bool grow(struct packed *packed) {
  if (packed->count < packed->capacity) return true;
  size_t capacity = packed->capacity > 0 ? packed->capacity * 2 : 16;
  uint32_t *grown = realloc(packed->items, capacity * sizeof *grown);
  if (grown == NULL) return false;
  packed->items = grown;
  packed->capacity = capacity;
  return true;
}

/* Adds or removes what was appended since start, according to the outcome. */
static enum packed_outcome conclude(struct packed *packed, size_t start, enum packed_outcome outcome) {
  if (packed->data.failed) outcome = PACKED_NO_MEMORY;
  if (outcome == PACKED_ADDED && !grow(packed)) outcome = PACKED_NO_MEMORY;
  if (outcome == PACKED_ADDED)
    packed->items[packed->count++] = (uint32_t)start;
  else
    packed->data.size = start;
  return outcome;
}

/* Adds a slot for each member. object: NULL if all values must be plain. */
static enum packed_outcome put_members(struct packed *packed, const char *text, const char *end, struct json_object *object,
                                       const char **stop, unsigned *leaf) {
  const struct shapes *shapes = &packed->shapes;
  const char *at = text;
  unsigned node = SHAPE_ROOT;
  while ((node = shapes_step(&packed->shapes, node, &at, end)) != SHAPE_ROOT && !shapes->nodes[node].is_leaf) {
    struct span span;
    int column = shapes->nodes[node].column;
    int class = column < 0 ? -1 : (int)packed->endpoint->columns[column].class;
    if (find_plain(at, end, class, &span))
      put_slot(&packed->data, &span);
    else if (object == NULL || (span.end = pass_value(at, end)) == NULL)
      return PACKED_NOT_PLAIN;
    else if (!put_other(packed, column, object, text, end, &span))
      return PACKED_NO_MEMORY;
    at = span.end;
  }
  *stop = at;
  *leaf = node;
  return node != SHAPE_ROOT ? PACKED_ADDED : PACKED_NOT_PLAIN;
}

static void put_head(struct packed *packed, size_t start, enum form form, unsigned leaf) {
  uint16_t number = (uint16_t)leaf;
  packed->data.data[start] = (char)form;
  memcpy(packed->data.data + start + 1, &number, sizeof number);
}

/* Packs an item in the form with a shape. */
static enum packed_outcome add_shaped(struct packed *packed, const char *text, const char *end, struct json_object *object,
                                      const char **stop) {
  size_t start = packed->data.size;
  unsigned leaf = SHAPE_ROOT;
  bool has_head = buffer_extend(&packed->data, ITEM_HEAD_SIZE) != NULL;
  enum packed_outcome outcome = has_head ? put_members(packed, text, end, object, stop, &leaf) : PACKED_NO_MEMORY;
  if (outcome == PACKED_ADDED) {
    size_t size = (size_t)(*stop - text);
    uint64_t hash = size > PACKED_SMALL ? json_text_hash(text, size) : 0;
    put_head(packed, start, size > PACKED_SMALL ? FORM_LARGE : FORM_SHAPED, leaf);
    if (size > PACKED_SMALL) buffer_append(&packed->data, (const char *)&hash, sizeof hash);
  }
  return conclude(packed, start, outcome);
}

enum packed_outcome packed_add_plain(struct packed *packed, const char *bytes, size_t size, size_t size_max, size_t *taken) {
  const char *stop = bytes;
  size_t most = size < size_max ? size : size_max;
  enum packed_outcome outcome = add_shaped(packed, bytes, bytes + most, NULL, &stop);
  if (outcome == PACKED_ADDED) *taken = (size_t)(stop - bytes);
  return outcome;
}

enum packed_outcome packed_add(struct packed *packed, const char *text, size_t size, struct json_object *object) {
  const char *stop = text;
  return add_shaped(packed, text, text + size, object, &stop);
}

enum packed_outcome packed_add_columns(struct packed *packed, const char *text, size_t size, struct json_object *object,
                                       uint64_t columns, bool needs_text) {
  size_t start = packed->data.size;
  size_t kept = size <= PACKED_SMALL || needs_text ? size : 0;
  buffer_append(&packed->data, &(char){FORM_COLUMNS}, 1);
  buffer_append(&packed->data, (const char *)&columns, sizeof columns);
  buffer_append(&packed->data, (const char *)&kept, sizeof kept);
  if (kept > 0) {
    buffer_append(&packed->data, text, kept);
    buffer_append(&packed->data, "", 1);
  } else {
    uint64_t hash = json_text_hash(text, size);
    buffer_append(&packed->data, (const char *)&hash, sizeof hash);
  }
  for (int i = 0; i < packed->endpoint->column_count; i++) {
    struct value value;
    if (packed->endpoint->columns[i].role != COLUMN_FIELD || (columns & 1ULL << i) == 0) continue;
    if (!read_field(packed, i, object, text, size, &value)) return conclude(packed, start, PACKED_NO_MEMORY);
    cells_append(&packed->data, &value);
  }
  return conclude(packed, start, PACKED_ADDED);
}

/* ---- Unpacking ---- */

/* The slot at *at, which moves to its content's end. */
static struct span read_slot(const char **at) {
  const unsigned char *byte = (const unsigned char *)*at;
  uint64_t head = *byte & 0x7F;
  for (int shift = 7; *byte++ >= 0x80; shift += 7) head |= (uint64_t)(*byte & 0x7F) << shift;
  struct span slot = {.kind = (enum kind)(head & 7), .at = (const char *)byte, .size = (size_t)(head >> 3)};
  *at = slot.at + slot.size + (slot.kind == KIND_TEXT || slot.kind == KIND_JSON);
  return slot;
}

static int64_t number_of(const struct span *slot) {
  int64_t number = 0;
  for (size_t i = 0; i < slot->size; i++) number = number * 10 + (slot->at[i] - '0');
  return number;
}

/* The slot's value; *at moves to the next slot. */
static struct value slot_value(const struct span *slot, const char **at) {
  switch (slot->kind) {
    case KIND_TRUE: return (struct value){.type = VALUE_INTEGER, .integer = 1};
    case KIND_FALSE: return (struct value){.type = VALUE_INTEGER};
    case KIND_NUMBER: return (struct value){.type = VALUE_INTEGER, .integer = number_of(slot)};
    case KIND_TEXT:
    case KIND_JSON: return (struct value){.type = VALUE_TEXT, .text = slot->at, .size = slot->size};
    case KIND_OTHER: return cells_read(at);
    case KIND_NULL:
    case KIND_IGNORED: break;
  }
  return (struct value){.type = VALUE_NULL};
}

/* The path of an item with a shape; *at moves to its first slot. */
static size_t read_path(const struct packed *packed, const char **at, uint16_t path[SHAPE_SLOTS_MAX + 1]) {
  uint16_t leaf;
  memcpy(&leaf, *at, sizeof leaf);
  *at += sizeof leaf;
  return shapes_path(&packed->shapes, leaf, path);
}

/* Notes another shape: its members are set for each item, all else is NULL. */
static void change_shape(const struct packed *packed, unsigned leaf, struct unpacked *unpacked) {
  uint16_t path[SHAPE_SLOTS_MAX + 1];
  unpacked->leaf = leaf;
  unpacked->count = shapes_path(&packed->shapes, leaf, path) - 1;
  for (size_t i = 0; i < unpacked->count; i++) unpacked->columns[i] = packed->shapes.nodes[path[i]].column;
  for (int i = 0; i < packed->endpoint->column_count; i++) unpacked->values[i] = (struct value){.type = VALUE_NULL};
}

static void unpack_shaped(const struct packed *packed, const char *at, struct unpacked *unpacked) {
  uint16_t leaf;
  memcpy(&leaf, at, sizeof leaf);
  at += sizeof leaf;
  if (leaf != unpacked->leaf) change_shape(packed, leaf, unpacked);
  for (size_t i = 0; i < unpacked->count; i++) {
    struct span slot = read_slot(&at);
    struct value value = slot_value(&slot, &at);
    if (unpacked->columns[i] >= 0) unpacked->values[unpacked->columns[i]] = value;
  }
}

/* The text of an item in the form of columns; its size is 0 if there is only the hash. */
struct columns_head {
  uint64_t columns;
  const char *text;
  size_t text_size;
  const char *cells;
};

static struct columns_head read_columns(const char *at) {
  struct columns_head head;
  memcpy(&head.columns, at, sizeof head.columns);
  memcpy(&head.text_size, at + sizeof head.columns, sizeof head.text_size);
  head.text = at + sizeof head.columns + sizeof head.text_size;
  head.cells = head.text + (head.text_size > 0 ? head.text_size + 1 : sizeof(uint64_t));
  return head;
}

void packed_unpack(const struct packed *packed, size_t item, struct unpacked *unpacked) {
  const char *at = packed->data.data + packed->items[item];
  if (*at++ != FORM_COLUMNS) {
    unpack_shaped(packed, at, unpacked);
    return;
  }
  struct columns_head head = read_columns(at);
  unpacked->leaf = SHAPE_ROOT;
  for (int i = 0; i < packed->endpoint->column_count; i++) {
    bool is_kept = packed->endpoint->columns[i].role == COLUMN_FIELD && (head.columns & 1ULL << i) != 0;
    unpacked->values[i] = is_kept ? cells_read(&head.cells) : (struct value){.type = VALUE_NULL};
  }
}

static void write_slot(struct buffer *text, const struct span *slot) {
  switch (slot->kind) {
    case KIND_NULL: buffer_append(text, "null", 4); break;
    case KIND_TRUE: buffer_append(text, "true", 4); break;
    case KIND_FALSE: buffer_append(text, "false", 5); break;
    case KIND_TEXT:
      buffer_append(text, "\"", 1);
      buffer_append(text, slot->at, slot->size);
      buffer_append(text, "\"", 1);
      break;
    case KIND_NUMBER:
    case KIND_JSON:
    case KIND_OTHER:
    case KIND_IGNORED: buffer_append(text, slot->at, slot->size); break;
  }
}

int packed_text(const struct packed *packed, size_t item, struct buffer *scratch, const char **text, size_t *size) {
  const char *at = packed->data.data + packed->items[item];
  uint16_t path[SHAPE_SLOTS_MAX + 1];
  if (*at++ == FORM_COLUMNS) {
    struct columns_head head = read_columns(at);
    *text = head.text_size > 0 ? head.text : "";
    *size = head.text_size;
    return 0;
  }
  size_t count = read_path(packed, &at, path);
  scratch->size = 0;
  for (size_t i = 0; i < count; i++) {
    const struct shape_node *node = &packed->shapes.nodes[path[i]];
    buffer_append(scratch, packed->shapes.pieces.data + node->piece, node->piece_size);
    if (node->is_leaf) break;
    struct span slot = read_slot(&at);
    slot_value(&slot, &at);
    write_slot(scratch, &slot);
  }
  if (scratch->failed) {
    buffer_release(scratch);
    return -1;
  }
  *text = scratch->data;
  *size = scratch->size;
  return 0;
}

uint64_t packed_hash(const struct packed *packed, size_t item) {
  const char *at = packed->data.data + packed->items[item];
  const char *end = packed->data.data + (item + 1 < packed->count ? packed->items[item + 1] : packed->data.size);
  char bytes[PACKED_SMALL + 1];
  struct buffer scratch = {.data = bytes, .capacity = sizeof bytes}; /* large enough: it never grows */
  const char *text = "";
  size_t size = 0;
  uint64_t hash = 0;
  if (*at == FORM_LARGE) {
    memcpy(&hash, end - sizeof hash, sizeof hash);
    return hash;
  }
  struct columns_head head = *at == FORM_COLUMNS ? read_columns(at + 1) : (struct columns_head){.text_size = 1};
  if (head.text_size == 0) {
    memcpy(&hash, head.text, sizeof hash);
    return hash;
  }
  return packed_text(packed, item, &scratch, &text, &size) == 0 ? json_text_hash(text, size) : 0;
}
