/*
** Loading NDJSON into columns, and writing items back. In the plain notation an item is written by copying its bytes; only
** the other notations parse it again.
*/
#include "items.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matches.h"

/* Finds the number of a value while a column is loaded: open addressing, slots hold number or 0. */
struct value_index {
  uint32_t *slots;
  size_t size; /* power of two */
};

static size_t slot_of(const struct value_index *index, const struct standin_column *column, const char *bytes, size_t length) {
  size_t slot = (size_t)standin_hash(0, bytes, length) & (index->size - 1);
  for (;; slot = (slot + 1) & (index->size - 1)) {
    uint32_t number = index->slots[slot];
    if (!number) return slot;
    const struct standin_value *value = &column->values[number - 1];
    if (value->length == length && !memcmp(value->bytes, bytes, length)) return slot;
  }
}

static void grow_index(struct value_index *index, struct standin_column *column) {
  free(index->slots);
  index->size = index->size ? index->size * 2 : 64;
  index->slots = standin_allocate(index->size, sizeof *index->slots);
  column->values = standin_resize(column->values, index->size, sizeof *column->values);
  for (size_t i = 0; i < column->count; i++)
    index->slots[slot_of(index, column, column->values[i].bytes, column->values[i].length)] = (uint32_t)i + 1;
}

static uint32_t number_of(struct value_index *index, struct standin_column *column, const struct standin_value *value) {
  if (2 * column->count >= index->size) grow_index(index, column);
  size_t slot = slot_of(index, column, value->bytes, value->length);
  if (!index->slots[slot]) {
    struct standin_value *added = &column->values[column->count++];
    *added = *value;
    added->bytes = standin_copy(value->bytes, value->length);
    index->slots[slot] = (uint32_t)column->count;
  }
  return index->slots[slot];
}

/* False for a value that a field of the type can't have: it counts as null. */
static bool read_value(struct standin_value *value, enum standin_type type, struct json_object *from) {
  enum json_type is = json_object_get_type(from);
  *value = (struct standin_value){0};
  switch (type) {
    case STANDIN_STRING:
      if (is != json_type_string) return false;
      value->bytes = json_object_get_string(from);
      value->length = (size_t)json_object_get_string_len(from);
      return true;
    case STANDIN_NUMBER:
      if (is != json_type_int && is != json_type_double) return false;
      value->number = json_object_get_double(from);
      break;
    case STANDIN_BOOLEAN:
      if (is != json_type_boolean) return false;
      value->truth = json_object_get_boolean(from);
      break;
    case STANDIN_ARRAY:
      if (is != json_type_array) return false;
      break;
  }
  value->bytes = json_object_to_json_string_length(from, JSON_C_TO_STRING_PLAIN, &value->length);
  return true;
}

/* Notes where the strings of link_to and page_to end. The line is known to be a JSON object. */
static void find_ends(struct standin_item *item, const char *line) {
  static const char link_to[] = "\"link_to\"", page_to[] = "\"page_to\"";
  unsigned depth = 0;
  bool is_value = false;
  uint32_t *wanted = NULL;
  for (uint32_t i = 0; i < item->length; i++) {
    char c = line[i];
    if (c == '{' || c == '[') depth++;
    if (c == '}' || c == ']') depth--;
    if (depth == 1 && c == ',') is_value = false;
    if (depth == 1 && c == ':') is_value = true;
    if (c != '"') continue;
    uint32_t start = i++;
    while (line[i] != '"') i += line[i] == '\\' ? 2 : 1;
    if (depth != 1) continue;
    if (is_value) {
      if (wanted) *wanted = i;
      wanted = NULL;
    } else {
      size_t length = i - start + 1;
      bool is_link = length == sizeof link_to - 1 && !memcmp(line + start, link_to, length);
      bool is_page = length == sizeof page_to - 1 && !memcmp(line + start, page_to, length);
      wanted = is_link ? &item->link_to_end : is_page ? &item->page_to_end : NULL;
    }
  }
}

static int load_item(struct standin_items *items, struct value_index *indexes, struct json_tokener *tokener,
                     struct standin_item item) {
  const char *line = items->text.data + item.start;
  json_tokener_reset(tokener);
  struct json_object *object = json_tokener_parse_ex(tokener, line, (int)item.length);
  bool whole = json_tokener_get_error(tokener) == json_tokener_success && json_tokener_get_parse_end(tokener) == item.length;
  if (!whole || !json_object_is_type(object, json_type_object)) {
    json_object_put(object);
    return -1;
  }
  if (items->copies > 1) find_ends(&item, line);
  size_t row = items->file_rows++;
  items->items[row] = item;
  for (int field = 0; field < STANDIN_FIELD_COUNT; field++) {
    struct json_object *member = NULL;
    struct standin_value value;
    bool known = json_object_object_get_ex(object, standin_fields[field].name, &member) &&
                 read_value(&value, standin_fields[field].type, member);
    items->columns[field].numbers[row] = known ? number_of(&indexes[field], &items->columns[field], &value) : 0;
  }
  json_object_put(object);
  return 0;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/* -1 when a line is no object; *line is its number. */
static int load_lines(struct standin_items *items, struct value_index *indexes, struct json_tokener *tokener, size_t *line) {
  const struct standin_text *text = &items->text;
  size_t at = 0;
  for (*line = 1; at < text->length; (*line)++) {
    const char *newline = memchr(text->data + at, '\n', text->length - at);
    size_t next = newline ? (size_t)(newline - text->data) + 1 : text->length;
    size_t end = newline ? next - 1 : next;
    while (at < end && is_blank(text->data[at])) at++;
    while (end > at && is_blank(text->data[end - 1])) end--;
    if (end - at > INT32_MAX) return -1;
    if (end > at && load_item(items, indexes, tokener, (struct standin_item){.start = at, .length = (uint32_t)(end - at)}))
      return -1;
    at = next;
  }
  return 0;
}

static size_t count_lines(const struct standin_text *text) {
  size_t lines = 1;
  for (size_t i = 0; i < text->length; i++) lines += text->data[i] == '\n';
  return lines;
}

struct standin_items *standin_items_new(struct standin_text *text, size_t copies) {
  struct standin_items *items = standin_allocate(1, sizeof *items);
  struct value_index indexes[STANDIN_FIELD_COUNT] = {{0}};
  items->text = *text;
  *text = (struct standin_text){0};
  items->copies = copies ? copies : 1;
  items->matches = standin_matches_new();

  size_t lines = count_lines(&items->text);
  items->items = standin_allocate(lines, sizeof *items->items);
  for (int field = 0; field < STANDIN_FIELD_COUNT; field++)
    items->columns[field].numbers = standin_allocate(lines, sizeof(uint32_t));

  struct json_tokener *tokener = json_tokener_new();
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
  size_t line = 0;
  int result = load_lines(items, indexes, tokener, &line);
  json_tokener_free(tokener);
  for (int field = 0; field < STANDIN_FIELD_COUNT; field++) free(indexes[field].slots);
  if (result) {
    fprintf(stderr, "stand-in API: line %zu of the items is not one JSON object\n", line);
  } else if (items->file_rows > UINT32_MAX / items->copies) {
    fprintf(stderr, "stand-in API: %zu copies of %zu items are too many\n", items->copies, items->file_rows);
    result = -1;
  }
  if (!result) return items;
  standin_items_free(items);
  return NULL;
}

void standin_items_free(struct standin_items *items) {
  if (!items) return;
  for (int field = 0; field < STANDIN_FIELD_COUNT; field++) {
    struct standin_column *column = &items->columns[field];
    for (size_t i = 0; i < column->count; i++) free((char *)column->values[i].bytes);
    free(column->values);
    free(column->numbers);
  }
  standin_matches_free(items->matches);
  free(items->items);
  standin_text_release(&items->text);
  free(items);
}

size_t standin_items_count(const struct standin_items *items) {
  return items->file_rows * items->copies;
}

bool standin_field_varies(enum standin_field_index field) {
  return field == STANDIN_FIELD_LINK_TO || field == STANDIN_FIELD_PAGE_TO;
}

struct standin_value standin_value_in_copy(const struct standin_value *value, size_t copy, struct standin_text *scratch) {
  if (!copy) return *value;
  scratch->length = 0;
  standin_text_add(scratch, value->bytes, value->length);
  standin_text_print(scratch, "?copy=%zu", copy + 1);
  return (struct standin_value){.bytes = scratch->data, .length = scratch->length};
}

/* The item's own bytes, with the mark of the copy put in at one or two places. */
static void write_bytes(const struct standin_items *items, size_t row, struct standin_text *text) {
  const struct standin_item *item = &items->items[row % items->file_rows];
  const char *line = items->text.data + item->start;
  size_t copy = row / items->file_rows, written = 0;
  if (copy) {
    bool link_first = item->link_to_end < item->page_to_end;
    uint32_t ends[] = {link_first ? item->link_to_end : item->page_to_end, link_first ? item->page_to_end : item->link_to_end};
    for (int i = 0; i < 2; i++) {
      if (!ends[i]) continue;
      standin_text_add(text, line + written, ends[i] - written);
      standin_text_print(text, "?copy=%zu", copy + 1);
      written = ends[i];
    }
  }
  standin_text_add(text, line + written, item->length - written);
}

void standin_item_write(const struct standin_items *items, size_t row, struct standin_text *text,
                        const struct standin_notation *notation) {
  if (standin_notation_is_plain(notation)) {
    write_bytes(items, row, text);
    return;
  }
  struct standin_text line = {0};
  write_bytes(items, row, &line);
  struct json_tokener *tokener = json_tokener_new();
  struct json_object *object = json_tokener_parse_ex(tokener, line.data, (int)line.length);
  standin_text_add(text, "{", 1);
  standin_write_members(text, notation, object);
  standin_text_add(text, "}", 1);
  json_object_put(object);
  json_tokener_free(tokener);
  standin_text_release(&line);
}
