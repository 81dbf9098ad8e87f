/* Reading a tree of json-c by type. */
#include "json_read.h"

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
