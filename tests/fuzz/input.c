/* An input in pieces. */
#include "input.h"

#include <string.h>

unsigned input_byte(struct fuzz_input *input) {
  if (input->size == 0) return 0;
  input->size--;
  return (unsigned char)*input->bytes++;
}

char *input_text(struct fuzz_input *input) {
  size_t size = strnlen(input->bytes, input->size);
  char *text = malloc(size + 1);
  must(text != NULL, "out of memory");
  memcpy(text, input->bytes, size);
  text[size] = '\0';
  if (size < input->size) size++;
  input->bytes += size;
  input->size -= size;
  return text;
}

char *input_rest(struct fuzz_input *input, size_t *size) {
  char *text = malloc(input->size > 0 ? input->size : 1);
  must(text != NULL, "out of memory");
  memcpy(text, input->bytes, input->size);
  *size = input->size;
  input->bytes += input->size;
  input->size = 0;
  return text;
}
