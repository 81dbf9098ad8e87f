/*
** Comparisons of values as SQLite makes them, and the checks of whether a text can be sent as JSON.
**
** Both must be exact: a comparison that rounds, or a text that means something else to the API, loses rows.
*/
#include "base/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

struct value value_of_text(const char *text) {
  if (text == NULL) return (struct value){.type = VALUE_NULL};
  return (struct value){.type = VALUE_TEXT, .text = text, .size = strlen(text)};
}

/* An integer and a REAL by exact value. Converted to double, 2^53 and 2^53 + 1 would be equal; so integers are compared, and
** fractions only where the double has one: below 2^53, where the integer converts without loss. */
static int compare_with_real(int64_t left, double right) {
  if (right != right) return 1; /* SQLite has no NaN: it is NULL, below every number */
  if (right < -9223372036854775808.0) return 1;
  if (right >= 9223372036854775808.0) return -1;
  int64_t integral = (int64_t)right;
  if (left != integral) return left < integral ? -1 : 1;
  double whole = (double)left;
  return whole < right ? -1 : whole > right;
}

int value_compare_integer(int64_t left, const struct value *right) {
  switch (right->type) {
    case VALUE_NULL: return 1;
    case VALUE_INTEGER: return left < right->integer ? -1 : left > right->integer;
    case VALUE_REAL: return compare_with_real(left, right->real);
    case VALUE_TEXT:
    case VALUE_BLOB: break;
  }
  return -1;
}

static int compare_texts(const struct value *left, const struct value *right) {
  size_t shorter = left->size < right->size ? left->size : right->size;
  int order = shorter > 0 ? memcmp(left->text, right->text, shorter) : 0;
  return order != 0 ? order : (left->size > right->size) - (left->size < right->size);
}

int value_order(const void *left, const void *right) {
  static const int ranks[] = {[VALUE_NULL] = 0, [VALUE_INTEGER] = 1, [VALUE_REAL] = 1, [VALUE_TEXT] = 2, [VALUE_BLOB] = 3};
  const struct value *a = left;
  const struct value *b = right;
  if (ranks[a->type] != ranks[b->type]) return ranks[a->type] - ranks[b->type];
  if (a->type == VALUE_TEXT) return compare_texts(a, b);
  if (a->type == VALUE_INTEGER) return value_compare_integer(a->integer, b);
  if (b->type == VALUE_INTEGER) return -value_compare_integer(b->integer, a);
  return a->type == VALUE_REAL ? (a->real > b->real) - (a->real < b->real) : 0;
}

bool value_is_among(const struct value *values, size_t count, const struct value *value) {
  return count > 0 && bsearch(value, values, count, sizeof *values, value_order) != NULL;
}

bool value_is_number(const struct value *value) {
  return value->type == VALUE_INTEGER || value->type == VALUE_REAL;
}

bool value_is_text(const struct value *value, const char *text, size_t size) {
  return value->type == VALUE_TEXT && value->size == size && (size == 0 || memcmp(value->text, text, size) == 0);
}

/* The digits of a decimal number, and the power of ten that the last one counts. */
struct decimal {
  uint64_t digits;
  int64_t power;
};

static bool append_digit(uint64_t *digits, int digit) {
  if (*digits > (INT64_MAX - (uint64_t)digit) / 10) return false;
  *digits = *digits * 10 + (uint64_t)digit;
  return true;
}

/* Reads digits with or without a point. Zeros at the end are counted in the power, so that 404.0 has the digits 404. */
static bool read_digits(const char **at, const char *end, struct decimal *decimal) {
  bool in_fraction = false;
  bool any = false;
  int64_t zeros = 0;
  for (; *at < end && (ascii_is_digit(**at) || (**at == '.' && !in_fraction)); ++*at) {
    if (**at == '.') {
      in_fraction = true;
      continue;
    }
    any = true;
    decimal->power -= in_fraction;
    if (**at == '0') {
      zeros += decimal->digits > 0;
      continue;
    }
    for (; zeros > 0; zeros--)
      if (!append_digit(&decimal->digits, 0)) return false;
    if (!append_digit(&decimal->digits, **at - '0')) return false;
  }
  decimal->power += zeros;
  return any;
}

static bool read_exponent(const char **at, const char *end, struct decimal *decimal) {
  int64_t exponent = 0;
  bool any = false;
  if (*at == end || (**at != 'e' && **at != 'E')) return true;
  bool negative = ++*at < end && **at == '-';
  if (*at < end && (**at == '-' || **at == '+')) ++*at;
  for (; *at < end && ascii_is_digit(**at); ++*at, any = true)
    if (exponent < INT32_MAX) exponent = exponent * 10 + (**at - '0');
  decimal->power += negative ? -exponent : exponent;
  return any;
}

bool value_integer_of_text(const char *text, size_t size, int64_t *integer) {
  static const char spaces[] = " \t\n\v\f\r";
  const char *at = text;
  const char *end = text + size;
  struct decimal decimal = {0};
  while (at < end && memchr(spaces, *at, sizeof spaces - 1) != NULL) at++;
  while (end > at && memchr(spaces, end[-1], sizeof spaces - 1) != NULL) end--;
  bool negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  if (!read_digits(&at, end, &decimal) || !read_exponent(&at, end, &decimal) || at < end) return false;
  if (decimal.digits > 0 && decimal.power < 0) return false;
  for (; decimal.digits > 0 && decimal.power > 0; decimal.power--)
    if (!append_digit(&decimal.digits, 0)) return false;
  *integer = negative ? -(int64_t)decimal.digits : (int64_t)decimal.digits;
  return true;
}

/* Table 3-7 of the Unicode standard: the second bytes that a first byte allows exclude overlong forms (C0, C1, E0, F0),
** surrogates (ED) and code points beyond U+10FFFF (F4 and up). */
size_t utf8_character(const char *bytes, size_t size) {
  static const struct lead {
    unsigned char first, last, low, high;
    size_t length;
  } leads[] = {{0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
               {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
               {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
  if (size == 0) return 0;
  const unsigned char *byte = (const unsigned char *)bytes;
  for (size_t i = 0; i < sizeof leads / sizeof *leads; i++) {
    const struct lead *lead = &leads[i];
    if (byte[0] < lead->first || byte[0] > lead->last) continue;
    if (size < lead->length) return 0;
    if (lead->length > 1 && (byte[1] < lead->low || byte[1] > lead->high)) return 0;
    for (size_t at = 2; at < lead->length; at++)
      if ((byte[at] & 0xC0) != 0x80) return 0;
    return lead->length;
  }
  return 0;
}

bool value_is_plain_text(const struct value *value) {
  if (value->type != VALUE_TEXT) return false;
  for (size_t at = 0; at < value->size;) {
    size_t length = utf8_character(value->text + at, value->size - at);
    if (length == 0 || value->text[at] == '\0') return false;
    at += length;
  }
  return true;
}

bool value_is_as_sent(const struct value *value) {
  if (!value_is_plain_text(value)) return false;
  for (size_t at = 0; at + 3 <= value->size; at++)
    if (memcmp(value->text + at, "\xEF\xBF", 2) == 0 && (unsigned char)value->text[at + 2] >= 0xBD) return false;
  return true;
}
