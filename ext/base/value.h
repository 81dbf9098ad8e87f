/* One SQL value, without SQLite: what a query compares with, and what a row's column holds. */
#ifndef ONPAGE_VALUE_H
#define ONPAGE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_type { VALUE_NULL, VALUE_INTEGER, VALUE_REAL, VALUE_TEXT, VALUE_BLOB };

struct value {
  enum value_type type;
  int64_t integer;  /* VALUE_INTEGER */
  double real;      /* VALUE_REAL */
  const char *text; /* VALUE_TEXT: UTF-8, perhaps with zeros in it; not owned */
  size_t size;      /* VALUE_TEXT: bytes */
};

/* The text, which stays the caller's; NULL for NULL. */
struct value value_of_text(const char *text);
/* Compares as SQLite does an integer column and a value after numeric affinity: numbers by their exact value, any number below
** any text or blob. Less than, equal to or greater than 0; the value is not NULL. */
int value_compare_integer(int64_t left, const struct value *right);
/* The order in which SQLite sorts values: NULL, numbers, texts by their bytes, blobs (which are equal here). For qsort. */
int value_order(const void *left, const void *right);
/* Whether the value is among others that are sorted in that order. */
bool value_is_among(const struct value *values, size_t count, const struct value *value);
bool value_is_number(const struct value *value);
/* Text of equal bytes (collation BINARY). */
bool value_is_text(const struct value *value, const char *text, size_t size);
/* The integer that a text is to a column of INTEGER affinity, "404" or " 4.04e2 "; false for any other text. */
bool value_integer_of_text(const char *text, size_t size, int64_t *integer);
/* True for well-formed UTF-8 without a zero in it: what can be sent as a JSON string and means the same everywhere. */
bool value_is_plain_text(const struct value *value);
/* … and certainly what the API has: without U+FFFD, which json-c puts in the place of half a surrogate pair, and without U+FFFE
** and U+FFFF, for which SQLite's patterns take it. */
bool value_is_as_sent(const struct value *value);
/* Length of the well-formed UTF-8 character that the bytes begin with; 0 when they don't begin with one. */
size_t utf8_character(const char *bytes, size_t size);

#endif
