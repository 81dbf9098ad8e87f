/*
** Parsing by json-c, and reading trees whose content isn't trusted.
**
** Some of json-c's functions abort the process on a value of the wrong type (such as the array length of a non-array), and a
** response may hold any type anywhere. These functions check the type first; a value of another type is treated as missing. Every
** object may be NULL, which is also json-c's null.
*/
#ifndef ONPAGE_JSON_READ_H
#define ONPAGE_JSON_READ_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The result of passing bytes to a tokener. */
struct json_parse {
  struct json_object *object; /* of a complete value; the caller frees it */
  size_t taken;               /* bytes up to its end, or up to the fault */
  enum json_tokener_error outcome;
  bool no_memory; /* memory ran out: there is no object */
};
/* Parses bytes, which may not be all (json_tokener_continue). Where json-c 0.16 and earlier can't allocate, they drop members and
** cut texts, which shows only in errno, and they reset that at each integer: so this checks it before each. */
struct json_parse json_read_parse(struct json_tokener *tokener, const char *bytes, size_t size);
/* The object's JSON, compact; belongs to the object. NULL when memory ran out, of which json-c says nothing. */
const char *json_read_text(struct json_object *object, size_t *size);
/* The size of the object's text without white space and escapes: smaller than json_text_size if something was lost. */
size_t json_read_size(struct json_object *object);

/* The object if it is of the type, else NULL. */
struct json_object *json_read_as(struct json_object *object, enum json_type type);
/* The object's member of that name, of any type or of the type; NULL when there is none, or this isn't an object. */
struct json_object *json_read_any(struct json_object *object, const char *key);
struct json_object *json_read_member(struct json_object *object, const char *key, enum json_type type);
/* The first element of the array if it is an object, else NULL. */
struct json_object *json_read_first(struct json_object *array);
/* Whether the number may have been cut: of an integer beyond 64 bits json-c makes the nearest that fits. */
bool json_read_is_cut(struct json_object *object);
/* True for integers of 64 bits that weren't cut, and doubles that are integers (404.0). */
bool json_read_integer(struct json_object *object, int64_t *integer);
/* "a string", "null" …, for messages. */
const char *json_read_type_text(struct json_object *object);

#endif
