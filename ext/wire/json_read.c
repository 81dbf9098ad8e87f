/* Parsing that notices lost memory, and reading a tree by type. */
#include "wire/json_read.h"

#include <errno.h>
#include <string.h>

#if JSON_C_VERSION_NUM < (15 << 8)
#error "json-c 0.15 or later is needed"
#endif

/* ---- Parsing ---- */

/* The first place, except the start, where a number may begin. */
static size_t find_number(const char *bytes, size_t size) {
  size_t at = 1;
  while (at < size &&
         !(((bytes[at] >= '0' && bytes[at] <= '9') || bytes[at] == '-') && strchr(":,[ \t\r\n", bytes[at - 1]) != NULL))
    at++;
  return at < size ? at : size;
}

struct json_parse json_read_parse(struct json_tokener *tokener, const char *bytes, size_t size) {
  struct json_parse parse = {.outcome = json_tokener_continue};
  while (parse.outcome == json_tokener_continue && parse.taken < size) {
    size_t piece = find_number(bytes + parse.taken, size - parse.taken);
    errno = 0;
    parse.object = json_tokener_parse_ex(tokener, bytes + parse.taken, (int)piece);
    parse.no_memory = errno == ENOMEM;
    parse.outcome = json_tokener_get_error(tokener);
    parse.taken += parse.outcome == json_tokener_continue ? piece : json_tokener_get_parse_end(tokener);
    if (!parse.no_memory) continue;
    json_object_put(parse.object);
    parse.object = NULL;
    break;
  }
  return parse;
}

const char *json_read_text(struct json_object *object, size_t *size) {
  errno = 0;
  const char *text = json_object_to_json_string_length(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, size);
  return errno != ENOMEM ? text : NULL;
}

static size_t integer_size(struct json_object *integer) {
  int64_t number = json_object_get_int64(integer);
  uint64_t digits = number < 0 ? 0 - (uint64_t)number : json_object_get_uint64(integer);
  size_t size = number < 0 ? 2 : 1;
  for (; digits >= 10; digits /= 10) size++;
  return size;
}

/* json-c keeps the text of a double with it. */
static size_t double_size(struct json_object *number) {
  const char *text = json_object_get_userdata(number);
  return text != NULL ? strlen(text) : 0;
}

static size_t members_size(struct json_object *object) {
  size_t size = 2;
  struct json_object_iter member;
  json_object_object_foreachC(object, member) {
    size += strlen(member.key) + 3 + json_read_size(member.val) + (size > 2);
  }
  return size;
}

/* The depth of the recursion is bounded by the tokener's. */
size_t json_read_size(struct json_object *object) {
  size_t size = 2;
  switch (json_object_get_type(object)) {
    case json_type_null: return strlen("null");
    case json_type_boolean: return json_object_get_boolean(object) ? strlen("true") : strlen("false");
    case json_type_int: return integer_size(object);
    case json_type_double: return double_size(object);
    case json_type_string: return size + (size_t)json_object_get_string_len(object);
    case json_type_array:
      for (size_t i = 0; i < json_object_array_length(object); i++)
        size += json_read_size(json_object_array_get_idx(object, i)) + (i > 0);
      return size;
    case json_type_object: return members_size(object);
  }
  return 0;
}

/* ---- Trees ---- */

struct json_object *json_read_as(struct json_object *object, enum json_type type) {
  return object != NULL && json_object_is_type(object, type) ? object : NULL;
}

struct json_object *json_read_any(struct json_object *object, const char *key) {
  struct json_object *value = NULL;
  if (json_read_as(object, json_type_object) == NULL || !json_object_object_get_ex(object, key, &value)) return NULL;
  return value;
}

struct json_object *json_read_member(struct json_object *object, const char *key, enum json_type type) {
  return json_read_as(json_read_any(object, key), type);
}

struct json_object *json_read_first(struct json_object *array) {
  if (json_read_as(array, json_type_array) == NULL) return NULL;
  return json_read_as(json_object_array_get_idx(array, 0), json_type_object);
}

bool json_read_is_cut(struct json_object *object) {
  if (json_read_as(object, json_type_int) == NULL) return false;
  return json_object_get_int64(object) == INT64_MIN || json_object_get_uint64(object) == UINT64_MAX;
}

bool json_read_integer(struct json_object *object, int64_t *integer) {
  if (json_read_as(object, json_type_int) != NULL) {
    if (json_read_is_cut(object) || json_object_get_uint64(object) > INT64_MAX) return false;
    *integer = json_object_get_int64(object);
    return true;
  }
  if (json_read_as(object, json_type_double) == NULL) return false;
  double number = json_object_get_double(object);
  if (!(number > -9223372036854775808.0 && number < 9223372036854775808.0)) return false;
  if (number != (double)(int64_t)number) return false;
  *integer = (int64_t)number;
  return true;
}

const char *json_read_type_text(struct json_object *object) {
  switch (json_object_get_type(object)) {
    case json_type_null: return "null";
    case json_type_boolean: return "a boolean";
    case json_type_double:
    case json_type_int: return "a number";
    case json_type_object: return "an object";
    case json_type_array: return "an array";
    case json_type_string: return "a string";
  }
  return "something unknown";
}
