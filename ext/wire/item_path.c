/* Objects and arrays alternate on the path: the root, tasks, tasks[0], result, result[0], items. */
#include "wire/item_path.h"

#include <string.h>

static const char *const keys[ITEM_PATH_ARRAYS] = {"tasks", "result", "items"};

enum { PATH_LENGTH = 2 * ITEM_PATH_ARRAYS };

size_t item_path_index(const struct item_path *path) {
  return path->index[ITEM_PATH_ARRAYS - 1];
}

/* ---- Strings ---- */

static void take_key_character(struct item_path *path, char character) {
  if (path->key_size < sizeof path->key) path->key[path->key_size++] = character;
}

/* For anything but a hexadecimal digit the value doesn't matter: the parser refuses such JSON. */
static unsigned digit_value(char c) {
  return c >= '0' && c <= '9' ? (unsigned)(c - '0') : ((unsigned)c | 0x20u) - 'a' + 10;
}

static void read_in_string(struct item_path *path, char c) {
  if (path->digits > 0) {
    path->code = path->code << 4 | (digit_value(c) & 0xFu);
    if (--path->digits == 0) take_key_character(path, path->code < 0x80 ? (char)path->code : '?');
  } else if (path->escaped) {
    path->escaped = false;
    if (c == 'u') {
      path->digits = 4;
      path->code = 0;
    } else {
      take_key_character(path, strchr("bfnrt", c) != NULL ? '?' : c);
    }
  } else if (c == '\\') {
    path->escaped = true;
  } else if (c == '"') {
    path->in_string = false;
  } else {
    take_key_character(path, c);
  }
}

/* ---- Brackets ---- */

/* Whether the object or array that opens here leads to the items. */
static bool leads_on(const struct item_path *path, char bracket) {
  if (path->on_path != path->depth || path->on_path == PATH_LENGTH) return false;
  size_t array = path->on_path / 2;
  if (path->on_path % 2 == 0) return bracket == '{' && (array == 0 || path->index[array - 1] == 0);
  size_t size = strnlen(path->key, path->key_size); /* json-c cuts a key at a zero (\u0000) */
  return bracket == '[' && size == strlen(keys[array]) && memcmp(path->key, keys[array], size) == 0;
}

static void open_bracket(struct item_path *path, char bracket) {
  if (leads_on(path, bracket)) {
    path->on_path++;
    if (bracket == '[') path->index[path->on_path / 2 - 1] = 0;
    if (path->on_path == PATH_LENGTH) path->begun = true;
  }
  path->depth++;
}

static void close_bracket(struct item_path *path) {
  if (path->depth > 0) path->depth--;
  if (path->on_path > path->depth) path->on_path = path->depth;
}

static void pass_comma(struct item_path *path) {
  bool in_array_on_path = path->on_path == path->depth && path->on_path > 0 && path->on_path % 2 == 0;
  if (in_array_on_path) path->index[path->on_path / 2 - 1]++;
}

size_t item_path_next(struct item_path *path, const char *bytes, size_t size, bool *found) {
  *found = false;
  for (size_t at = 0; at < size; at++) {
    char c = bytes[at];
    if (path->in_string) {
      read_in_string(path, c);
      continue;
    }
    switch (c) {
      case '"':
        path->in_string = true;
        path->key_size = 0;
        break;
      case '{':
        *found = path->depth == PATH_LENGTH && path->on_path == PATH_LENGTH;
        if (*found) return at;
        open_bracket(path, c);
        break;
      case '[': open_bracket(path, c); break;
      case '}':
      case ']': close_bracket(path); break;
      case ',': pass_comma(path); break;
      default: break;
    }
  }
  return size;
}
