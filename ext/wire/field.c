/* Everything is read by json_read.h, whatever its type. */
#include "wire/field.h"

#include <string.h>
#include <strings.h>

#include "wire/json_read.h"
#include "wire/json_text.h"

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
static bool json_value(const struct column *column, struct json_object *field, const char *text, size_t size,
                       struct buffer *scratch, struct value *value) {
  if (has_cut_number(field) && json_text_member(text, size, column->name, &text, &size)) {
    scratch->size = 0;
    json_text_compact(scratch, text, size);
    *value = text_value(scratch->data, scratch->size);
    return !scratch->failed;
  }
  text = json_read_text(field, &size);
  *value = text_value(text, size);
  return text != NULL;
}

bool field_value(const struct column *column, struct json_object *field, const char *text, size_t size, struct buffer *scratch,
                 struct value *value) {
  int64_t number = 0;
  switch (column->class) {
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
  return json_value(column, field, text, size, scratch, value);
}
