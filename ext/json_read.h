/*
** Reading a tree of json-c that somebody else has filled.
**
** json-c aborts the host when some of its calls meet a type they don't expect (the length of what is no array, for one), and
** an answer may hold anything anywhere. These calls look at the type first: what is not of the type asked for is as good as
** missing. Every object may be NULL, which is also how json-c has null.
*/
#ifndef ONPAGE_JSON_READ_H
#define ONPAGE_JSON_READ_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* The object if it is of the type, else NULL. */
struct json_object *json_read_as(struct json_object *object, enum json_type type);
/* The object's member of that name, of any type or of the type; NULL when there is none, or the object is no object. */
struct json_object *json_read_any(struct json_object *object, const char *key);
struct json_object *json_read_member(struct json_object *object, const char *key, enum json_type type);
/* The first element of the array if it is an object, else NULL. */
struct json_object *json_read_first(struct json_object *array);
/* Whether the number may have been cut: json-c makes the nearest end of the range of an integer beyond 64 bits. */
bool json_read_is_cut(struct json_object *object);
/* True for integers of 64 bits that weren't cut, and doubles that are one (404.0). */
bool json_read_integer(struct json_object *object, int64_t *integer);
/* "a string", "null" …, for messages. */
const char *json_read_type_text(struct json_object *object);

#endif
