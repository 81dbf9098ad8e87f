/*
** Reading JSON as bytes. Not by json-c, with which the extension reads its responses: what json-c changes in a value (half a
** surrogate pair, a number beyond 64 bits) would be changed here, too, and no test would show it. Strings come as the code points
** that were sent, half a pair as the three bytes that UTF-8 would have for it.
*/
#ifndef STANDIN_JSON_READ_H
#define STANDIN_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

enum standin_json_type {
  STANDIN_JSON_INVALID,
  STANDIN_JSON_NULL,
  STANDIN_JSON_FALSE,
  STANDIN_JSON_TRUE,
  STANDIN_JSON_NUMBER,
  STANDIN_JSON_STRING,
  STANDIN_JSON_ARRAY,
  STANDIN_JSON_OBJECT
};

/* A value in the text that it was found in. */
struct standin_json {
  enum standin_json_type type;
  const char *bytes; /* without white space around it */
  size_t length;
};

/* The one value of the text, checked to its end. */
struct standin_json standin_json_read(const char *bytes, size_t length);

/* A walk through the parts of an array or object that standin_json_read has found valid. */
struct standin_json_walk {
  const char *at, *end;
  struct standin_json key; /* of the part, a string; an array's parts have none */
  struct standin_json value;
};
struct standin_json_walk standin_json_enter(const struct standin_json *json);
/* Goes to the first part, or the next; false when there is none. */
bool standin_json_next(struct standin_json_walk *walk);

/* Appends the characters of a string. */
void standin_json_decode(const struct standin_json *string, struct standin_text *text);
bool standin_json_is(const struct standin_json *string, const char *word);

#endif
