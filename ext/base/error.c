/* Texts in a message (the API's, a user's value) may be long: a message is cut between two UTF-8 characters, never in one. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Removes a UTF-8 sequence that vsnprintf cut in two at the end of the buffer. */
static void drop_partial_character(char *text) {
  size_t size = strlen(text);
  size_t start = size;
  while (start > 0 && size - start < 4) {
    unsigned char byte = (unsigned char)text[--start];
    if ((byte & 0xC0) == 0x80) continue;
    size_t expected = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    if (size - start < expected) text[start] = '\0';
    return;
  }
}

__attribute__((format(printf, 2, 0))) static void set(struct error *error, const char *format, va_list arguments) {
  error->kind = ERROR_FAILED;
  if (vsnprintf(error->message, sizeof error->message, format, arguments) >= (int)sizeof error->message)
    drop_partial_character(error->message);
}

int error_set(struct error *error, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  set(error, format, arguments);
  va_end(arguments);
  return -1;
}

int error_no_memory(struct error *error) {
  error_set(error, "out of memory");
  error->kind = ERROR_NO_MEMORY;
  return -1;
}

int error_interrupted(struct error *error) {
  error_set(error, "interrupted");
  error->kind = ERROR_INTERRUPTED;
  return -1;
}

void error_prefix(struct error *error, const char *format, ...) {
  struct error place;
  char message[ERROR_MESSAGE_SIZE];
  va_list arguments;
  va_start(arguments, format);
  set(&place, format, arguments);
  va_end(arguments);
  memcpy(message, error->message, sizeof message);
  enum error_kind kind = error->kind;
  error_set(error, "%s: %s", place.message, message);
  error->kind = kind;
}
