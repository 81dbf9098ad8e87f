/* Reading a tree of json-c by type, and the hash of a tree. */
#include "json_read.h"

#include <string.h>

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

/* json-c cuts integers beyond 64 bits to the nearest end of the range, so an end is not to be trusted. */
bool json_read_integer(struct json_object *object, int64_t *integer) {
  if (json_read_as(object, json_type_int) != NULL) {
    int64_t number = json_object_get_int64(object);
    if (number == INT64_MAX || number == INT64_MIN) return false;
    *integer = number;
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

/* The hash. Every value is mixed with a mark of its kind, so that true, 1 and "1" differ; elements of an array are chained,
** members of an object added up, which is what makes their order irrelevant. */
enum mark { MARK_NULL = 1, MARK_BOOLEAN, MARK_INTEGER, MARK_REAL, MARK_NUMBER, MARK_STRING, MARK_ARRAY, MARK_OBJECT, MARK_KEY };

/* Every bit of the input moves every bit of the result: two rounds of multiplication and shift (MurmurHash3's finaliser). */
static uint64_t scramble(uint64_t bits) {
  bits ^= bits >> 33;
  bits *= 0xFF51AFD7ED558CCDu;
  bits ^= bits >> 33;
  bits *= 0xC4CEB9FE1A85EC53u;
  return bits ^ bits >> 33;
}

/* Not symmetric: chain(a, b) is another than chain(b, a). */
static uint64_t chain(uint64_t hash, uint64_t next) {
  return scramble(hash * 0x9E3779B97F4A7C15u + next);
}

/* FNV's scheme, eight bytes at a time: an item has some 700 bytes of text, and a multiplication for each would be felt. */
static uint64_t hash_bytes(enum mark mark, const char *bytes, size_t size) {
  uint64_t hash = chain((uint64_t)mark, size);
  uint64_t word;
  for (; size >= sizeof word; bytes += sizeof word, size -= sizeof word) {
    memcpy(&word, bytes, sizeof word);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  }
  word = 0;
  memcpy(&word, bytes, size);
  return chain(hash, word);
}

static uint64_t hash_number(struct json_object *number) {
  int64_t integer;
  if (json_read_integer(number, &integer)) return chain(MARK_INTEGER, (uint64_t)integer);
  if (json_read_as(number, json_type_double) != NULL) {
    double real = json_object_get_double(number);
    return hash_bytes(MARK_REAL, (const char *)&real, sizeof real);
  }
  const char *text = json_object_get_string(number);
  return text != NULL ? hash_bytes(MARK_NUMBER, text, strlen(text)) : MARK_NUMBER;
}

/* The depth of the recursion is bounded by the parser's. */
uint64_t json_read_hash(struct json_object *object) {
  uint64_t hash = 0;
  switch (json_object_get_type(object)) {
    case json_type_null: return chain(MARK_NULL, 0);
    case json_type_boolean: return chain(MARK_BOOLEAN, json_object_get_boolean(object) ? 1 : 0);
    case json_type_double:
    case json_type_int: return hash_number(object);
    case json_type_string:
      return hash_bytes(MARK_STRING, json_object_get_string(object), (size_t)json_object_get_string_len(object));
    case json_type_array: {
      size_t count = json_object_array_length(object);
      hash = chain(MARK_ARRAY, count);
      for (size_t i = 0; i < count; i++) hash = chain(hash, json_read_hash(json_object_array_get_idx(object, i)));
      return hash;
    }
    case json_type_object: {
      struct json_object_iter member;
      json_object_object_foreachC(object, member) {
        if (member.val == NULL) continue;
        hash += chain(hash_bytes(MARK_KEY, member.key, strlen(member.key)), json_read_hash(member.val));
      }
      return chain(MARK_OBJECT, hash);
    }
  }
  return hash;
}
