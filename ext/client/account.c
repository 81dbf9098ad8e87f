/* Headers of the gateway. Anything may stand between it and here, so a value that can't be meant counts as none. */
#include "client/account.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"

/* One page of the gateway's documents has the short name; beside the long one it may be about something else. */
enum { HEADER_PRICE, HEADER_LIMIT, HEADER_SHORT_LIMIT, HEADERS };
_Static_assert((int)HEADERS <= (int)HTTP_HEADERS_MAX, "a response keeps fewer headers");

const char *const account_header_names[HEADERS + 1] = {
    [HEADER_PRICE] = "X-AISA-Price-USD",
    [HEADER_LIMIT] = "X-RateLimit-Limit-Requests",
    [HEADER_SHORT_LIMIT] = "X-RateLimit-Limit",
};

/* A decimal number that is not negative, or -1. Not strtod, which reads numbers as the host's locale writes them. */
static double parse_price(const char *text) {
  enum { LENGTH_MAX = 40, EXPONENT_MAX = 30 };
  double digits = 0;
  double scale = 1;
  int exponent = 0;
  bool any = false;
  bool negative = false;
  const char *at = text;
  for (; ascii_is_digit(*at); at++, any = true) digits = digits * 10 + (*at - '0');
  if (*at == '.') {
    for (at++; ascii_is_digit(*at); at++, any = true) {
      digits = digits * 10 + (*at - '0');
      scale *= 10;
    }
  }
  if (!any || strlen(text) > LENGTH_MAX) return -1;
  if (*at == 'e' || *at == 'E') {
    at++;
    if (*at == '-' || *at == '+') negative = *at++ == '-';
    for (; ascii_is_digit(*at) && exponent < 1000; at++) exponent = exponent * 10 + (*at - '0');
  }
  if (*at != '\0' || exponent > EXPONENT_MAX) return -1;
  for (; exponent > 0; exponent--) *(negative ? &scale : &digits) *= 10;
  return digits / scale;
}

/* The number that a value begins with, as in "600" and "600, 600;w=60"; -1 if there is none, or it is 0 or out of all
** proportion. */
static long parse_limit(const char *text) {
  enum { DIGITS_MAX = 8 };
  long number = 0;
  size_t digits = 0;
  for (; digits <= DIGITS_MAX && ascii_is_digit(text[digits]); digits++) number = number * 10 + (text[digits] - '0');
  return digits == 0 || digits > DIGITS_MAX || number == 0 ? -1 : number;
}

double account_price(const struct http_result *result) {
  return parse_price(result->headers[HEADER_PRICE]);
}

long account_rate_limit(const struct http_result *result) {
  long limit = parse_limit(result->headers[HEADER_LIMIT]);
  return limit >= 0 ? limit : parse_limit(result->headers[HEADER_SHORT_LIMIT]);
}
