/* Packing values. Nothing is aligned, so numbers are copied byte by byte, which compilers turn into one load. */
#include "cells.h"

#include <string.h>

void cells_append(struct buffer *cells, const struct value *value) {
  char head[1 + sizeof(int64_t)] = {(char)value->type};
  size_t size = 1;
  switch (value->type) {
    case VALUE_NULL: break;
    case VALUE_INTEGER:
      memcpy(head + 1, &value->integer, sizeof value->integer);
      size += sizeof value->integer;
      break;
    case VALUE_REAL:
      memcpy(head + 1, &value->real, sizeof value->real);
      size += sizeof value->real;
      break;
    case VALUE_TEXT:
    case VALUE_BLOB:
      memcpy(head + 1, &value->size, sizeof value->size);
      size += sizeof value->size;
      break;
  }
  buffer_append(cells, head, size);
  if (value->type != VALUE_TEXT && value->type != VALUE_BLOB) return;
  buffer_append(cells, value->text, value->size);
  buffer_append(cells, "", 1);
}

struct value cells_read(const char **at) {
  const char *from = *at;
  struct value value = {.type = (enum value_type) * from++};
  switch (value.type) {
    case VALUE_NULL: break;
    case VALUE_INTEGER:
      memcpy(&value.integer, from, sizeof value.integer);
      from += sizeof value.integer;
      break;
    case VALUE_REAL:
      memcpy(&value.real, from, sizeof value.real);
      from += sizeof value.real;
      break;
    case VALUE_TEXT:
    case VALUE_BLOB:
      memcpy(&value.size, from, sizeof value.size);
      value.text = from + sizeof value.size;
      from = value.text + value.size + 1;
      break;
  }
  *at = from;
  return value;
}
