/* The capacity doubles, up to max and the zero. */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_release(struct buffer *buffer) {
  free(buffer->data);
  *buffer = (struct buffer){.max = buffer->max};
}

/* Makes room for `more` bytes and the zero. */
static bool reserve(struct buffer *buffer, size_t more) {
  size_t max = buffer->max > 0 ? buffer->max : BUFFER_MAX;
  if (buffer->failed) return false;
  if (buffer->size > max || more > max - buffer->size) {
    buffer->failed = true;
    return false;
  }
  size_t needed = buffer->size + more + 1;
  if (needed <= buffer->capacity) return true;
  size_t capacity = buffer->capacity > 0 ? buffer->capacity : 64;
  while (capacity < needed) capacity = capacity <= max / 2 ? capacity * 2 : max + 1;
  char *data = realloc(buffer->data, capacity);
  if (data == NULL) {
    buffer->failed = true;
    return false;
  }
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

char *buffer_extend(struct buffer *buffer, size_t size) {
  if (!reserve(buffer, size)) return NULL;
  char *bytes = buffer->data + buffer->size;
  buffer->size += size;
  buffer->data[buffer->size] = '\0';
  return bytes;
}

void buffer_append(struct buffer *buffer, const char *bytes, size_t size) {
  char *appended = buffer_extend(buffer, size);
  if (appended != NULL && size > 0) memcpy(appended, bytes, size);
}

void buffer_append_text(struct buffer *buffer, const char *text) {
  buffer_append(buffer, text, strlen(text));
}

void buffer_append_format(struct buffer *buffer, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (size < 0) buffer->failed = true;
  if (size < 0 || !reserve(buffer, (size_t)size)) return;
  va_start(arguments, format);
  vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, arguments);
  va_end(arguments);
  buffer->size += (size_t)size;
}

void buffer_fit(struct buffer *buffer) {
  if (buffer->data == NULL) return;
  char *data = realloc(buffer->data, buffer->size + 1);
  if (data == NULL) return;
  buffer->data = data;
  buffer->capacity = buffer->size + 1;
}

char *buffer_take(struct buffer *buffer) {
  if (buffer->size == 0) buffer_append(buffer, "", 0);
  if (buffer->failed) {
    buffer_release(buffer);
    return NULL;
  }
  char *data = buffer->data;
  buffer->data = NULL;
  buffer_release(buffer);
  return data;
}
