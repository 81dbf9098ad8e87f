/*
** JSON as the stand-in writes it: every string, number and object of a response goes through here, so that the readings which
** change the notation (floats, escaped, unknown_keys) hold everywhere in a response or nowhere.
*/
#ifndef STANDIN_JSON_TEXT_H
#define STANDIN_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct standin_readings;

/* How a response is written: the three readings of notation. */
struct standin_notation {
  bool floats;
  bool escaped;
  bool unknown_keys;
};

struct standin_notation standin_notation_of(const struct standin_readings *readings);
bool standin_notation_is_plain(const struct standin_notation *notation);

/* The characters of a string. Half a surrogate pair is written as an escape in any notation; other bytes that aren't UTF-8 as they
** are. */
void standin_write_string(struct standin_text *text, const struct standin_notation *notation, const char *bytes, size_t length);
void standin_write_integer(struct standin_text *text, const struct standin_notation *notation, long long number);
/* Valid JSON, keys in its order, digits as they are. Undocumented keys are not added. */
void standin_write_json(struct standin_text *text, const struct standin_notation *notation, const char *json, size_t length);
/* An object, with the undocumented keys in it where they are wanted. */
void standin_write_item(struct standin_text *text, const struct standin_notation *notation, const char *json, size_t length);

/* "{" and "}", with undocumented keys after the one and before the other where they are wanted. */
void standin_write_open(struct standin_text *text, const struct standin_notation *notation);
void standin_write_close(struct standin_text *text, const struct standin_notation *notation);

#endif
