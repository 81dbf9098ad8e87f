/*
** Bytes: the growing buffer in which responses are written, checked allocation, and the one hash function of the stand-in.
*/
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(void) {
  fputs("stand-in API: out of memory\n", stderr);
  abort();
}

void *standin_allocate(size_t count, size_t size) {
  void *block = calloc(count ? count : 1, size ? size : 1);
  if (!block) out_of_memory();
  return block;
}

void *standin_resize(void *block, size_t count, size_t size) {
  if (size && count > SIZE_MAX / size) out_of_memory();
  void *resized = realloc(block, count && size ? count * size : 1);
  if (!resized) out_of_memory();
  return resized;
}

char *standin_copy(const char *bytes, size_t length) {
  char *copy = standin_allocate(length + 1, 1);
  if (length) memcpy(copy, bytes, length);
  return copy;
}

void standin_text_reserve(struct standin_text *text, size_t more) {
  if (more <= text->capacity - text->length) return;
  size_t capacity = text->capacity ? text->capacity : 256;
  while (capacity - text->length < more) {
    if (capacity > SIZE_MAX / 2) out_of_memory();
    capacity *= 2;
  }
  text->data = standin_resize(text->data, capacity, 1);
  text->capacity = capacity;
}

void standin_text_add(struct standin_text *text, const void *bytes, size_t length) {
  if (!length) return;
  standin_text_reserve(text, length);
  memcpy(text->data + text->length, bytes, length);
  text->length += length;
}

void standin_text_add_string(struct standin_text *text, const char *string) {
  standin_text_add(text, string, strlen(string));
}

/* Tries with a little room first, which is enough nearly always. */
void standin_text_print(struct standin_text *text, const char *format, ...) {
  int length = 128;
  do {
    standin_text_reserve(text, (size_t)length + 1);
    size_t room = text->capacity - text->length;
    va_list arguments;
    va_start(arguments, format);
    length = vsnprintf(text->data + text->length, room, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    if ((size_t)length < room) break;
  } while (true);
  text->length += (size_t)length;
}

void standin_text_release(struct standin_text *text) {
  free(text->data);
  *text = (struct standin_text){0};
}

uint64_t standin_hash(uint64_t seed, const void *bytes, size_t length) {
  uint64_t hash = seed ? seed : UINT64_C(14695981039346656037);
  for (const unsigned char *byte = bytes, *end = byte + length; byte < end; byte++)
    hash = (hash ^ *byte) * UINT64_C(1099511628211);
  return hash;
}

size_t standin_count_characters(const char *bytes, size_t length) {
  size_t characters = 0;
  for (size_t i = 0; i < length; i++) characters += ((unsigned char)bytes[i] & 0xC0) != 0x80;
  return characters;
}

bool standin_is_utf8(const char *bytes, size_t length) {
  const unsigned char *byte = (const unsigned char *)bytes, *end = byte + length;
  while (byte < end) {
    if ((*byte >= 0x80 && *byte < 0xC2) || *byte > 0xF4) return false;
    size_t more = *byte < 0x80 ? 0 : *byte < 0xE0 ? 1 : *byte < 0xF0 ? 2 : 3;
    if (more >= (size_t)(end - byte)) return false;
    if ((*byte == 0xE0 && byte[1] < 0xA0) || (*byte == 0xED && byte[1] > 0x9F)) return false;
    if ((*byte == 0xF0 && byte[1] < 0x90) || (*byte == 0xF4 && byte[1] > 0x8F)) return false;
    for (size_t i = 1; i <= more; i++)
      if ((byte[i] & 0xC0) != 0x80) return false;
    byte += more + 1;
  }
  return true;
}
