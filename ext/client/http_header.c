/* Lines of the form Name: value, from whoever stands between here and the API: nothing of them is believed that can't be. */
#include "client/http_header.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* A decimal number that is not negative, or -1. Not strtod, which reads what the host's locale writes. */
static double parse_price(const char *text, size_t size) {
  double digits = 0;
  double scale = 1;
  int exponent = 0;
  bool any = false;
  bool negative = false;
  size_t i = 0;
  for (; i < size && text[i] >= '0' && text[i] <= '9'; i++, any = true) digits = digits * 10 + (text[i] - '0');
  if (i < size && text[i] == '.') {
    for (i++; i < size && text[i] >= '0' && text[i] <= '9'; i++, any = true) {
      digits = digits * 10 + (text[i] - '0');
      scale *= 10;
    }
  }
  if (!any || size > 40) return -1;
  if (i < size && (text[i] == 'e' || text[i] == 'E')) {
    i++;
    if (i < size && (text[i] == '-' || text[i] == '+')) negative = text[i++] == '-';
    for (; i < size && text[i] >= '0' && text[i] <= '9' && exponent < 1000; i++) exponent = exponent * 10 + (text[i] - '0');
  }
  if (i < size || exponent > 30) return -1;
  for (; exponent > 0; exponent--) *(negative ? &scale : &digits) *= 10;
  return digits / scale;
}

/* The value of a header of that name, without the blanks around it; NULL for any other line. */
static const char *header_value(const char *line, size_t size, const char *name, size_t *value_size) {
  size_t name_size = strlen(name);
  if (size <= name_size || line[name_size] != ':' || strncasecmp(line, name, name_size) != 0) return NULL;
  const char *value = line + name_size + 1;
  const char *end = line + size;
  while (value < end && (*value == ' ' || *value == '\t')) value++;
  while (end > value && strchr(" \t\r\n", end[-1]) != NULL) end--;
  *value_size = (size_t)(end - value);
  return value;
}

/* The number that a value begins with, as in "600" and "600, 600;w=60"; -1 without one that can be meant. */
static long parse_limit(const char *text, size_t size) {
  long number = 0;
  size_t digits = 0;
  for (; digits < size && digits < 9 && text[digits] >= '0' && text[digits] <= '9'; digits++)
    number = number * 10 + (text[digits] - '0');
  return digits == 0 || digits == 9 || number == 0 ? -1 : number;
}

void http_read_header(struct http_result *result, const char *line, size_t size) {
  size_t value_size;
  const char *value = header_value(line, size, "X-AISA-Price-USD", &value_size);
  if (value != NULL) result->price = parse_price(value, value_size);
  value = header_value(line, size, "X-RateLimit-Limit-Requests", &value_size);
  /* One page of the documents has the short name; next to the long one it may be about something else. */
  if (value == NULL && result->rate_limit < 0) value = header_value(line, size, "X-RateLimit-Limit", &value_size);
  if (value != NULL) result->rate_limit = parse_limit(value, value_size);
}

void http_forget_headers(struct http_result *result) {
  result->price = -1;
  result->rate_limit = -1;
}
