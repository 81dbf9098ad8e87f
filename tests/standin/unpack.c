/*
** Reading a file of items, packed or not.
*/
#include "unpack.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { CHUNK = 1 << 16 };

static int complain(const char *path, const char *reason) {
  fprintf(stderr, "stand-in API: %s: %s\n", path, reason);
  return -1;
}

static int read_plain(struct standin_text *text, FILE *file, const char *path) {
  size_t got;
  do {
    standin_text_reserve(text, CHUNK);
    got = fread(text->data + text->length, 1, CHUNK, file);
    text->length += got;
  } while (got);
  return ferror(file) ? complain(path, strerror(errno)) : 0;
}

static int read_packed(struct standin_text *text, FILE *file, const char *path) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, UINT64_MAX, LZMA_CONCATENATED) != LZMA_OK) return complain(path, "no memory to unpack");
  unsigned char packed[CHUNK];
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK) {
    if (!stream.avail_in && !feof(file)) {
      stream.next_in = packed;
      stream.avail_in = fread(packed, 1, sizeof packed, file);
      if (ferror(file)) break;
    }
    standin_text_reserve(text, CHUNK);
    stream.next_out = (unsigned char *)text->data + text->length;
    stream.avail_out = text->capacity - text->length;
    state = lzma_code(&stream, feof(file) ? LZMA_FINISH : LZMA_RUN);
    text->length = text->capacity - stream.avail_out;
  }
  lzma_end(&stream);
  if (ferror(file)) return complain(path, strerror(errno));
  return state == LZMA_STREAM_END ? 0 : complain(path, "damaged, or not in the xz format");
}

int standin_unpack(struct standin_text *text, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return complain(path, strerror(errno));
  size_t length = strlen(path);
  bool packed = length > 3 && !strcmp(path + length - 3, ".xz");
  int result = packed ? read_packed(text, file, path) : read_plain(text, file, path);
  fclose(file);
  return result;
}
