/* Classes of ASCII characters, in every locale the same; <ctype.h> asks the host process's locale. */
#ifndef ONPAGE_ASCII_H
#define ONPAGE_ASCII_H

#include <stdbool.h>

static inline bool ascii_is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* The white space of JSON. */
static inline bool ascii_is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

#endif
