/*
** JSON as the stand-in writes it: every string, number and object of an answer goes through here, so that the readings which
** change the notation (floats, escaped, unknown_keys) hold everywhere in an answer or nowhere.
*/
#ifndef STANDIN_JSON_TEXT_H
#define STANDIN_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct json_object;
struct standin_readings;

/* How an answer is written: the three readings of notation. */
struct standin_notation {
  bool floats;
  bool escaped;
  bool unknown_keys;
};

struct standin_notation standin_notation_of(const struct standin_readings *readings);
bool standin_notation_is_plain(const struct standin_notation *notation);

/* bytes must be valid UTF-8. */
void standin_write_string(struct standin_text *text, const struct standin_notation *notation, const char *bytes, size_t length);
void standin_write_integer(struct standin_text *text, const struct standin_notation *notation, long long number);
/* Any value, keys in the order they were parsed. NULL is null. Undocumented keys are not added. */
void standin_write_value(struct standin_text *text, const struct standin_notation *notation, struct json_object *value);
/* The members of an object without its braces, with the undocumented keys around them where they are wanted. */
void standin_write_members(struct standin_text *text, const struct standin_notation *notation, struct json_object *object);

/* "{" and "}", with undocumented keys behind and before them where they are wanted. */
void standin_write_open(struct standin_text *text, const struct standin_notation *notation);
void standin_write_close(struct standin_text *text, const struct standin_notation *notation);

#endif
