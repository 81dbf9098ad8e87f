/*
** A checking walk over a value, and an unchecked one over what it has found valid.
*/
#include "json_read.h"

#include <string.h>

enum { DEPTH_MAX = 100 };

struct cursor {
  const char *at, *end;
};

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static void skip_blanks(struct cursor *cursor) {
  while (cursor->at < cursor->end && is_blank(*cursor->at)) cursor->at++;
}

static bool skip(struct cursor *cursor, char c) {
  if (cursor->at == cursor->end || *cursor->at != c) return false;
  cursor->at++;
  return true;
}

static bool skip_digits(struct cursor *cursor) {
  const char *start = cursor->at;
  while (cursor->at < cursor->end && is_digit(*cursor->at)) cursor->at++;
  return cursor->at > start;
}

static bool skip_number(struct cursor *cursor) {
  skip(cursor, '-');
  if (!skip(cursor, '0') && !skip_digits(cursor)) return false;
  if (skip(cursor, '.') && !skip_digits(cursor)) return false;
  if (!skip(cursor, 'e') && !skip(cursor, 'E')) return true;
  if (!skip(cursor, '+')) skip(cursor, '-');
  return skip_digits(cursor);
}

/* -1 for anything but a hexadecimal digit. */
static int digit_of(char c) {
  static const char digits[] = "0123456789abcdef0123456789ABCDEF";
  const char *found = c ? strchr(digits, c) : NULL;
  return found ? (int)(found - digits) % 16 : -1;
}

static bool skip_string(struct cursor *cursor) {
  if (!skip(cursor, '"')) return false;
  while (cursor->at < cursor->end) {
    if (skip(cursor, '"')) return true;
    if (!skip(cursor, '\\')) {
      cursor->at++;
    } else if (skip(cursor, 'u')) {
      for (int i = 0; i < 4; i++)
        if (cursor->at == cursor->end || digit_of(*cursor->at++) < 0) return false;
    } else if (cursor->at == cursor->end || !*cursor->at || !strchr("\"\\/bfnrt", *cursor->at++)) {
      return false;
    }
  }
  return false;
}

static bool skip_word(struct cursor *cursor, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, word, length)) return false;
  cursor->at += length;
  return true;
}

static enum standin_json_type skip_value(struct cursor *cursor, int depth);

/* The members of an array or object, after its bracket. */
static bool skip_partitions(struct cursor *cursor, bool keys, char closing, int depth) {
  skip_blanks(cursor);
  if (skip(cursor, closing)) return true;
  do {
    skip_blanks(cursor);
    if (keys) {
      if (!skip_string(cursor)) return false;
      skip_blanks(cursor);
      if (!skip(cursor, ':')) return false;
    }
    if (!skip_value(cursor, depth + 1)) return false;
  } while (skip(cursor, ','));
  return skip(cursor, closing);
}

static enum standin_json_type type_at(const struct cursor *cursor) {
  switch (cursor->at < cursor->end ? *cursor->at : 0) {
    case 'n': return STANDIN_JSON_NULL;
    case 'f': return STANDIN_JSON_FALSE;
    case 't': return STANDIN_JSON_TRUE;
    case '"': return STANDIN_JSON_STRING;
    case '[': return STANDIN_JSON_ARRAY;
    case '{': return STANDIN_JSON_OBJECT;
    default: return STANDIN_JSON_NUMBER;
  }
}

/* Passes a value and the blanks around it. */
static enum standin_json_type skip_value(struct cursor *cursor, int depth) {
  skip_blanks(cursor);
  enum standin_json_type type = type_at(cursor);
  bool valid = false;
  if (depth == DEPTH_MAX) return STANDIN_JSON_INVALID;
  switch (type) {
    case STANDIN_JSON_INVALID: break;
    case STANDIN_JSON_NULL: valid = skip_word(cursor, "null"); break;
    case STANDIN_JSON_FALSE: valid = skip_word(cursor, "false"); break;
    case STANDIN_JSON_TRUE: valid = skip_word(cursor, "true"); break;
    case STANDIN_JSON_NUMBER: valid = skip_number(cursor); break;
    case STANDIN_JSON_STRING: valid = skip_string(cursor); break;
    case STANDIN_JSON_ARRAY:
      cursor->at++;
      valid = skip_partitions(cursor, false, ']', depth);
      break;
    case STANDIN_JSON_OBJECT:
      cursor->at++;
      valid = skip_partitions(cursor, true, '}', depth);
      break;
  }
  if (!valid) return STANDIN_JSON_INVALID;
  skip_blanks(cursor);
  return type;
}

/* The value that begins here; the cursor is then after it and its blanks. */
static struct standin_json take_value(struct cursor *cursor) {
  skip_blanks(cursor);
  struct standin_json json = {.bytes = cursor->at};
  json.type = skip_value(cursor, 0);
  const char *end = cursor->at;
  while (end > json.bytes && is_blank(end[-1])) end--;
  json.length = (size_t)(end - json.bytes);
  return json;
}

struct standin_json standin_json_read(const char *bytes, size_t length) {
  struct cursor cursor = {bytes, bytes + length};
  struct standin_json json = take_value(&cursor);
  if (cursor.at < cursor.end) json.type = STANDIN_JSON_INVALID;
  return json;
}

struct standin_json_walk standin_json_enter(const struct standin_json *json) {
  return (struct standin_json_walk){.at = json->bytes + 1, .end = json->bytes + json->length - 1};
}

bool standin_json_next(struct standin_json_walk *walk) {
  struct cursor cursor = {walk->at, walk->end};
  skip_blanks(&cursor);
  skip(&cursor, ',');
  skip_blanks(&cursor);
  if (cursor.at == cursor.end) return false;
  walk->value = take_value(&cursor);
  walk->key = (struct standin_json){.type = STANDIN_JSON_INVALID};
  if (skip(&cursor, ':')) {
    walk->key = walk->value;
    walk->value = take_value(&cursor);
  }
  walk->at = cursor.at;
  return true;
}

static unsigned code_at(const char *digits) {
  unsigned code = 0;
  for (int i = 0; i < 4; i++) code = code << 4 | (unsigned)digit_of(digits[i]);
  return code;
}

static void add_character(struct standin_text *text, unsigned point) {
  static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
  size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  char bytes[4];
  for (size_t i = length - 1; i > 0; i--, point >>= 6) bytes[i] = (char)(0x80 | (point & 0x3F));
  bytes[0] = (char)(leads[length] | point);
  standin_text_add(text, bytes, length);
}

/* Appends the character of the escape after a backslash; returns the escape's end. */
static const char *decode_escape(const char *at, const char *end, struct standin_text *text) {
  static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
  char c = *at++;
  if (c != 'u') {
    const char *letter = strchr(letters, c);
    standin_text_add(text, letter ? &meanings[letter - letters] : &c, 1);
    return at;
  }
  unsigned code = code_at(at);
  at += 4;
  if (code >= 0xD800 && code < 0xDC00 && end - at >= 6 && !memcmp(at, "\\u", 2)) {
    unsigned low = code_at(at + 2);
    if (low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      at += 6;
    }
  }
  add_character(text, code);
  return at;
}

void standin_json_decode(const struct standin_json *string, struct standin_text *text) {
  const char *at = string->bytes + 1, *end = string->bytes + string->length - 1;
  while (at < end) {
    const char *plain = at;
    while (at < end && *at != '\\') at++;
    standin_text_add(text, plain, (size_t)(at - plain));
    if (at < end) at = decode_escape(at + 1, end, text);
  }
}

bool standin_json_is(const struct standin_json *string, const char *word) {
  struct standin_text decoded = {0};
  standin_json_decode(string, &decoded);
  bool is = decoded.length == strlen(word) && !memcmp(decoded.data, word, decoded.length);
  standin_text_release(&decoded);
  return is;
}
