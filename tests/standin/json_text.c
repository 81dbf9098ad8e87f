/*
** Writing JSON in the notation asked for. json-c could print, but not in these notations; a value that must be repeated as it
** came (a float's digits) is still left to json-c, which remembers the source text.
*/
#include "json_text.h"

#include <json-c/json.h>
#include <string.h>

#include "standin.h"

/* One value of every JSON type under names nobody documented. The inner names are those of the envelope, to mislead a
** reader that looks for a name without minding its place. */
static const char keys_in_front[] =
    "\"x_text\":\"\",\"x_number\":-1.5e-3,\"x_true\":true,\"x_false\":false,\"x_null\":null,\"x_list\":[1,\"a\",null,[],{}],"
    "\"x_object\":{\"status_code\":50000,\"items\":[{\"type\":\"x\"}],\"result\":null},";
static const char keys_behind[] = ",\"x_last\":{\"total_items_count\":0,\"search_after_token\":7}";

struct standin_notation standin_notation_of(const struct standin_readings *readings) {
  return (struct standin_notation){
      .floats = readings->floats, .escaped = readings->escaped, .unknown_keys = readings->unknown_keys};
}

bool standin_notation_is_plain(const struct standin_notation *notation) {
  return !notation->floats && !notation->escaped && !notation->unknown_keys;
}

/* The code point at the start of valid UTF-8, and how many bytes it takes. */
static unsigned decode(const unsigned char *bytes, size_t *length) {
  static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  *length = bytes[0] < 0x80 ? 1 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
  unsigned point = bytes[0] & masks[*length];
  for (size_t i = 1; i < *length; i++) point = point << 6 | (bytes[i] & 0x3Fu);
  return point;
}

static void write_escape(struct standin_text *text, unsigned point) {
  if (point >= 0x10000) {
    point -= 0x10000;
    standin_text_print(text, "\\u%04x\\u%04x", 0xD800 + (point >> 10), 0xDC00 + (point & 0x3FF));
  } else {
    standin_text_print(text, "\\u%04x", point);
  }
}

void standin_write_string(struct standin_text *text, const struct standin_notation *notation, const char *bytes,
                          size_t length) {
  static const char short_escapes[256] = {
      ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
  const unsigned char *from = (const unsigned char *)bytes, *end = from + length;
  standin_text_add(text, "\"", 1);
  while (from < end) {
    const unsigned char *plain = from;
    while (from < end && *from >= 0x20 && *from != '"' && *from != '\\' &&
           !(notation->escaped && (*from == '/' || *from >= 0x80)))
      from++;
    standin_text_add(text, plain, (size_t)(from - plain));
    if (from == end) break;
    char letter = *from == '/' ? '/' : short_escapes[*from];
    size_t taken = 1;
    if (letter)
      standin_text_add(text, (char[]){'\\', letter}, 2);
    else
      write_escape(text, decode(from, &taken));
    from += taken;
  }
  standin_text_add(text, "\"", 1);
}

void standin_write_integer(struct standin_text *text, const struct standin_notation *notation, long long number) {
  standin_text_print(text, notation->floats ? "%lld.0" : "%lld", number);
}

static void write_double(struct standin_text *text, const struct standin_notation *notation, struct json_object *value) {
  const char *digits = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
  standin_text_add_string(text, digits);
  if (notation->floats && !strpbrk(digits, ".eE")) standin_text_add(text, ".0", 2);
}

static void write_array(struct standin_text *text, const struct standin_notation *notation, struct json_object *array) {
  size_t count = json_object_array_length(array);
  standin_text_add(text, "[", 1);
  for (size_t i = 0; i < count; i++) {
    if (i) standin_text_add(text, ",", 1);
    standin_write_value(text, notation, json_object_array_get_idx(array, i));
  }
  standin_text_add(text, "]", 1);
}

static void write_pairs(struct standin_text *text, const struct standin_notation *notation, struct json_object *object) {
  bool first = true;
  json_object_object_foreach(object, key, value) {
    if (!first) standin_text_add(text, ",", 1);
    first = false;
    standin_write_string(text, notation, key, strlen(key));
    standin_text_add(text, ":", 1);
    standin_write_value(text, notation, value);
  }
}

void standin_write_value(struct standin_text *text, const struct standin_notation *notation, struct json_object *value) {
  switch (json_object_get_type(value)) {
    case json_type_null: standin_text_add(text, "null", 4); break;
    case json_type_boolean: standin_text_add_string(text, json_object_get_boolean(value) ? "true" : "false"); break;
    case json_type_int: standin_write_integer(text, notation, json_object_get_int64(value)); break;
    case json_type_double: write_double(text, notation, value); break;
    case json_type_string:
      standin_write_string(text, notation, json_object_get_string(value), (size_t)json_object_get_string_len(value));
      break;
    case json_type_array: write_array(text, notation, value); break;
    case json_type_object:
      standin_text_add(text, "{", 1);
      write_pairs(text, notation, value);
      standin_text_add(text, "}", 1);
      break;
  }
}

void standin_write_members(struct standin_text *text, const struct standin_notation *notation, struct json_object *object) {
  bool empty = json_object_object_length(object) == 0;
  if (notation->unknown_keys) standin_text_add(text, keys_in_front, sizeof keys_in_front - 1 - (empty ? 1 : 0));
  write_pairs(text, notation, object);
  if (notation->unknown_keys) standin_text_add(text, keys_behind, sizeof keys_behind - 1);
}

void standin_write_open(struct standin_text *text, const struct standin_notation *notation) {
  standin_text_add(text, "{", 1);
  if (notation->unknown_keys) standin_text_add(text, keys_in_front, sizeof keys_in_front - 1);
}

void standin_write_close(struct standin_text *text, const struct standin_notation *notation) {
  if (notation->unknown_keys) standin_text_add(text, keys_behind, sizeof keys_behind - 1);
  standin_text_add(text, "}", 1);
}
