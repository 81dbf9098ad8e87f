/*
** Loading NDJSON into columns, and writing items back. In the plain notation an item is written by copying its bytes; only
** the other notations read it again.
*/
#include "items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_read.h"
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

/* The number that the value is, or has as its text. */
static bool read_number(const struct standin_json *from, double *number) {
  struct standin_text decoded = {0};
  struct standin_json json = *from;
  if (from->type == STANDIN_JSON_STRING) {
    standin_json_decode(from, &decoded);
    json = standin_json_read(decoded.data, decoded.length);
  }
  char *digits = json.type == STANDIN_JSON_NUMBER ? standin_copy(json.bytes, json.length) : NULL;
  if (digits) *number = strtod(digits, NULL);
  bool is_number = digits != NULL;
  free(digits);
  standin_text_release(&decoded);
  return is_number;
}

static bool read_boolean(const struct standin_json *from, bool *truth) {
  double number;
  bool is_text = from->type == STANDIN_JSON_STRING;
  *truth = from->type == STANDIN_JSON_TRUE || (is_text && standin_json_is(from, "true"));
  if (*truth || from->type == STANDIN_JSON_FALSE || (is_text && standin_json_is(from, "false"))) return true;
  if (!read_number(from, &number) || (number != 0 && number != 1)) return false;
  *truth = number == 1;
  return true;
}

bool standin_read_time(const char *bytes, size_t length, double *number) {
  static const char form[] = "dddd-dd-dd dd:dd:dd +00:00";
  if (length != 19 && length != sizeof form - 1) return false;
  *number = 0;
  for (size_t i = 0; i < length; i++) {
    bool is_digit = bytes[i] >= '0' && bytes[i] <= '9';
    if (form[i] == 'd' ? !is_digit : bytes[i] != form[i]) return false;
    if (form[i] == 'd') *number = *number * 10 + (bytes[i] - '0');
  }
  return true;
}

/* False for a value that a field of the type can't have: it counts as null. A number or boolean in quotes is accepted: the API,
** whose fields have types, wrote it so. The bytes are the value's, or decoded's. */
static bool read_value(struct standin_value *value, enum standin_type type, const struct standin_json *from,
                       struct standin_text *decoded) {
  *value = (struct standin_value){.bytes = from->bytes, .length = from->length};
  switch (type) {
    case STANDIN_STRING:
      if (from->type != STANDIN_JSON_STRING) return false;
      decoded->length = 0;
      standin_text_reserve(decoded, 1);
      standin_json_decode(from, decoded);
      value->bytes = decoded->data;
      value->length = decoded->length;
      return true;
    case STANDIN_NUMBER: return read_number(from, &value->number);
    case STANDIN_BOOLEAN: return read_boolean(from, &value->truth);
    case STANDIN_ARRAY: return from->type == STANDIN_JSON_ARRAY;
    case STANDIN_TIME:
      decoded->length = 0;
      if (from->type == STANDIN_JSON_STRING) standin_json_decode(from, decoded);
      return standin_read_time(decoded->data, decoded->length, &value->number);
  }
  return false;
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

/* The members of an object, and of the objects in it that have fields. path: of the object, "" or with a dot at its end. */
static void load_members(struct standin_items *items, struct value_index *indexes, size_t row,
                         const struct standin_json *object, struct standin_text *path) {
  size_t base = path->length;
  struct standin_text decoded = {0};
  struct standin_json_walk walk = standin_json_enter(object);
  while (standin_json_next(&walk)) {
    bool leads;
    path->length = base;
    standin_json_decode(&walk.key, path);
    if (memchr(path->data + base, '.', path->length - base)) continue; /* a name, not a path */
    standin_text_add(path, "", 1);
    size_t field = standin_field_at(items->schema, path->data, &leads);
    if (leads && walk.value.type == STANDIN_JSON_OBJECT) {
      path->data[path->length - 1] = '.';
      load_members(items, indexes, row, &walk.value, path);
    }
    struct standin_value value;
    if (field == STANDIN_NO_FIELD) continue;
    bool known = read_value(&value, items->schema->fields[field].type, &walk.value, &decoded);
    items->columns[field].numbers[row] = known ? number_of(&indexes[field], &items->columns[field], &value) : 0;
  }
  path->length = base;
  standin_text_release(&decoded);
}

static int load_item(struct standin_items *items, struct value_index *indexes, struct standin_item item) {
  const char *line = items->text.data + item.start;
  struct standin_json object = standin_json_read(line, item.length);
  if (object.type != STANDIN_JSON_OBJECT) return -1;
  if (items->copies > 1) find_ends(&item, line);
  size_t row = items->file_rows++;
  items->items[row] = item;
  struct standin_text path = {0};
  load_members(items, indexes, row, &object, &path);
  standin_text_release(&path);
  return 0;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/* -1 when a line isn't an object; *line is its number. */
static int load_lines(struct standin_items *items, struct value_index *indexes, size_t *line) {
  const struct standin_text *text = &items->text;
  size_t at = 0;
  for (*line = 1; at < text->length; (*line)++) {
    const char *newline = memchr(text->data + at, '\n', text->length - at);
    size_t next = newline ? (size_t)(newline - text->data) + 1 : text->length;
    size_t end = newline ? next - 1 : next;
    while (at < end && is_blank(text->data[at])) at++;
    while (end > at && is_blank(text->data[end - 1])) end--;
    if (end - at > INT32_MAX) return -1;
    if (end > at && load_item(items, indexes, (struct standin_item){.start = at, .length = (uint32_t)(end - at)})) return -1;
    at = next;
  }
  return 0;
}

static size_t count_lines(const struct standin_text *text) {
  size_t lines = 1;
  for (size_t i = 0; i < text->length; i++) lines += text->data[i] == '\n';
  return lines;
}

struct standin_items *standin_items_new(const struct standin_schema *schema, struct standin_text *text, size_t copies) {
  struct standin_items *items = standin_allocate(1, sizeof *items);
  struct value_index *indexes = standin_allocate(schema->count, sizeof *indexes);
  items->schema = schema;
  items->columns = standin_allocate(schema->count, sizeof *items->columns);
  items->text = *text;
  *text = (struct standin_text){0};
  items->copies = copies ? copies : 1;
  items->matches = standin_matches_new();

  size_t lines = count_lines(&items->text);
  items->items = standin_allocate(lines, sizeof *items->items);
  for (size_t field = 0; field < schema->count; field++)
    items->columns[field].numbers = standin_allocate(lines, sizeof(uint32_t));

  size_t line = 0;
  int result = load_lines(items, indexes, &line);
  for (size_t field = 0; field < schema->count; field++) free(indexes[field].slots);
  free(indexes);
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
  for (size_t field = 0; field < items->schema->count; field++) {
    struct standin_column *column = &items->columns[field];
    for (size_t i = 0; i < column->count; i++) free((char *)column->values[i].bytes);
    free(column->values);
    free(column->numbers);
  }
  standin_matches_free(items->matches);
  free(items->columns);
  free(items->items);
  standin_text_release(&items->text);
  free(items);
}

size_t standin_items_count(const struct standin_items *items) {
  return items->file_rows * items->copies;
}

bool standin_field_varies(size_t field) {
  return field == STANDIN_FIELD_LINK_TO || field == STANDIN_FIELD_PAGE_TO;
}

const struct standin_value *standin_items_value(const struct standin_items *items, size_t row, size_t field) {
  uint32_t number = items->columns[field].numbers[row % items->file_rows];
  return number ? &items->columns[field].values[number - 1] : NULL;
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
  standin_write_item(text, notation, line.data, line.length);
  standin_text_release(&line);
}
