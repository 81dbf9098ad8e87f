/*
** Writing JSON in the notation asked for.
*/
#include "json_text.h"

#include <string.h>

#include "json_read.h"
#include "standin.h"

/* One value of every JSON type under undocumented names. The inner names are those of the envelope, to mislead a reader
** that looks for a name anywhere. */
static const char keys_in_front[] =
    "\"x_text\":\"\",\"x_number\":-1.5e-3,\"x_true\":true,\"x_false\":false,\"x_null\":null,\"x_list\":[1,\"a\",null,[],{}],"
    "\"x_object\":{\"status_code\":50000,\"items\":[{\"type\":\"x\"}],\"result\":null},";
static const char keys_after[] = ",\"x_last\":{\"total_items_count\":0,\"search_after_token\":7}";

struct standin_notation standin_notation_of(const struct standin_readings *readings) {
  return (struct standin_notation){
      .floats = readings->floats, .escaped = readings->escaped, .unknown_keys = readings->unknown_keys};
}

bool standin_notation_is_plain(const struct standin_notation *notation) {
  return !notation->floats && !notation->escaped && !notation->unknown_keys;
}

/* The code point at the start of UTF-8 in a wider sense, half surrogate pairs included, and how many bytes it takes; 0 where there
** is none. */
static unsigned decode(const unsigned char *bytes, const unsigned char *end, size_t *length) {
  static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  *length = bytes[0] < 0x80 ? 1 : bytes[0] < 0xC2 ? 0 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : bytes[0] < 0xF5 ? 4 : 0;
  if (*length > (size_t)(end - bytes)) *length = 0;
  unsigned point = bytes[0] & masks[*length];
  for (size_t i = 1; i < *length; i++) {
    if ((bytes[i] & 0xC0) != 0x80) *length = 0;
    point = point << 6 | (bytes[i] & 0x3Fu);
  }
  return point;
}

static bool is_half_pair(const unsigned char *bytes, const unsigned char *end) {
  return end - bytes >= 3 && bytes[0] == 0xED && bytes[1] >= 0xA0 && bytes[1] <= 0xBF && (bytes[2] & 0xC0) == 0x80;
}

/* Whether the byte is written as it is. */
static bool is_plain(const struct standin_notation *notation, const unsigned char *byte, const unsigned char *end) {
  if (*byte < 0x20 || *byte == '"' || *byte == '\\') return false;
  if (!notation->escaped) return !is_half_pair(byte, end);
  size_t length = 0;
  if (*byte >= 0x80) decode(byte, end, &length);
  return *byte != '/' && (*byte < 0x80 || length == 0);
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
    while (from < end && is_plain(notation, from, end)) from++;
    standin_text_add(text, plain, (size_t)(from - plain));
    if (from == end) break;
    char letter = *from == '/' ? '/' : short_escapes[*from];
    size_t taken = 1;
    if (letter)
      standin_text_add(text, (char[]){'\\', letter}, 2);
    else
      write_escape(text, decode(from, end, &taken));
    from += taken;
  }
  standin_text_add(text, "\"", 1);
}

void standin_write_integer(struct standin_text *text, const struct standin_notation *notation, long long number) {
  standin_text_print(text, notation->floats ? "%lld.0" : "%lld", number);
}

static void write_number(struct standin_text *text, const struct standin_notation *notation,
                         const struct standin_json *number) {
  bool is_float = false;
  for (size_t i = 0; i < number->length; i++) is_float |= number->bytes[i] && strchr(".eE", number->bytes[i]);
  standin_text_add(text, number->bytes, number->length);
  if (notation->floats && !is_float) standin_text_add(text, ".0", 2);
}

static void write_text(struct standin_text *text, const struct standin_notation *notation, const struct standin_json *string) {
  struct standin_text decoded = {0};
  standin_json_decode(string, &decoded);
  standin_write_string(text, notation, decoded.data, decoded.length);
  standin_text_release(&decoded);
}

static void write_value(struct standin_text *text, const struct standin_notation *notation, const struct standin_json *value);

/* The parts of an array or object, without its brackets. */
static void write_partitions(struct standin_text *text, const struct standin_notation *notation,
                             const struct standin_json *whole) {
  struct standin_json_walk walk = standin_json_enter(whole);
  for (bool first = true; standin_json_next(&walk); first = false) {
    if (!first) standin_text_add(text, ",", 1);
    if (walk.key.type == STANDIN_JSON_STRING) {
      write_text(text, notation, &walk.key);
      standin_text_add(text, ":", 1);
    }
    write_value(text, notation, &walk.value);
  }
}

static void write_value(struct standin_text *text, const struct standin_notation *notation, const struct standin_json *value) {
  switch (value->type) {
    case STANDIN_JSON_NUMBER: write_number(text, notation, value); break;
    case STANDIN_JSON_STRING: write_text(text, notation, value); break;
    case STANDIN_JSON_ARRAY:
    case STANDIN_JSON_OBJECT:
      standin_text_add(text, value->bytes, 1);
      write_partitions(text, notation, value);
      standin_text_add(text, &value->bytes[value->length - 1], 1);
      break;
    default: standin_text_add(text, value->bytes, value->length);
  }
}

void standin_write_json(struct standin_text *text, const struct standin_notation *notation, const char *json, size_t length) {
  struct standin_json value = standin_json_read(json, length);
  write_value(text, notation, &value);
}

void standin_write_item(struct standin_text *text, const struct standin_notation *notation, const char *json, size_t length) {
  struct standin_json item = standin_json_read(json, length);
  struct standin_json_walk walk = standin_json_enter(&item);
  bool empty = !standin_json_next(&walk);
  standin_text_add(text, "{", 1);
  if (notation->unknown_keys) standin_text_add(text, keys_in_front, sizeof keys_in_front - 1 - (empty ? 1 : 0));
  write_partitions(text, notation, &item);
  if (notation->unknown_keys) standin_text_add(text, keys_after, sizeof keys_after - 1);
  standin_text_add(text, "}", 1);
}

void standin_write_open(struct standin_text *text, const struct standin_notation *notation) {
  standin_text_add(text, "{", 1);
  if (notation->unknown_keys) standin_text_add(text, keys_in_front, sizeof keys_in_front - 1);
}

void standin_write_close(struct standin_text *text, const struct standin_notation *notation) {
  if (notation->unknown_keys) standin_text_add(text, keys_after, sizeof keys_after - 1);
  standin_text_add(text, "}", 1);
}
