/*
** What the fuzz targets share: an input taken in pieces, and properties that must hold.
**
** A target is a file fuzz_NAME.c with one function for libFuzzer; its corpus is the folder corpus/NAME, its words are in NAME.dict.
** Texts are copies of exactly their size, so that the address sanitizer sees a step beyond.
*/
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the process, which libFuzzer takes for a find, unless the property holds. */
#define must(property, ...)                                                                                                    \
  do {                                                                                                                         \
    if (!(property)) {                                                                                                         \
      fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #property);                                                           \
      fprintf(stderr, __VA_ARGS__);                                                                                            \
      fprintf(stderr, "\n");                                                                                                   \
      abort();                                                                                                                 \
    }                                                                                                                          \
  } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_input {
  const char *bytes; /* that are left */
  size_t size;
};

/* The next byte; 0 at the end. */
unsigned input_byte(struct fuzz_input *input);
/* The next bytes up to a zero, which is skipped, or the end; zero-terminated. The caller frees them. */
char *input_text(struct fuzz_input *input);
/* All that is left, not zero-terminated. The caller frees it. */
char *input_rest(struct fuzz_input *input, size_t *size);

#endif
