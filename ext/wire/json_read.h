/*
** Parsing by json-c, and reading a tree that somebody else has filled.
**
** json-c aborts the host when some of its calls meet a type they don't expect (the length of what is no array, for one), and
** a response may hold anything anywhere. These calls look at the type first: what is not of the type asked for is as good as
** missing. Every object may be NULL, which is also how json-c has null.
*/
#ifndef ONPAGE_JSON_READ_H
#define ONPAGE_JSON_READ_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What came of text that was handed to a tokener. */
struct json_parse {
  struct json_object *object; /* if json-c came to an end: the caller's */
  size_t taken;               /* bytes up to there, or up to the fault */
  enum json_tokener_error outcome;
  bool no_memory; /* memory ran out: there is no object */
};
/* Parses bytes, of which there may be more (json_tokener_continue). json-c 0.16 and before drops members and cuts texts where it can't
** allocate; that shows in errno only, which it resets at each integer: so this looks at it before each. */
struct json_parse json_read_parse(struct json_tokener *tokener, const char *bytes, size_t size);
/* The object's JSON, compact; belongs to the object. NULL when memory ran out, of which json-c says nothing. */
const char *json_read_text(struct json_object *object, size_t *size);
/* What the object takes as text without white space and escapes: what was lost of it makes the size smaller than json_text_size. */
size_t json_read_size(struct json_object *object);

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
