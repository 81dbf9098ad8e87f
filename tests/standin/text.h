/*
** A growing buffer of bytes, and allocation that never fails: memory running out ends the program with a message, which is
** right for a test server and keeps every other file free of clean-up paths that no test would reach.
*/
#ifndef STANDIN_TEXT_H
#define STANDIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty buffer. data is not terminated. */
struct standin_text {
  char *data;
  size_t length;
  size_t capacity;
};

void *standin_allocate(size_t count, size_t size);            /* zeroed; the caller frees */
void *standin_resize(void *block, size_t count, size_t size); /* realloc */
char *standin_copy(const char *bytes, size_t length);         /* terminated copy; the caller frees */

void standin_text_reserve(struct standin_text *text, size_t more); /* room for that many bytes more */
void standin_text_add(struct standin_text *text, const void *bytes, size_t length);
void standin_text_add_string(struct standin_text *text, const char *string);
void standin_text_print(struct standin_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void standin_text_release(struct standin_text *text); /* leaves it empty */

/* FNV-1a, 64 bits: seed is 0 for a new hash or the hash so far. */
uint64_t standin_hash(uint64_t seed, const void *bytes, size_t length);

bool standin_is_utf8(const char *bytes, size_t length);
/* Characters of valid UTF-8. */
size_t standin_count_characters(const char *bytes, size_t length);

#endif
