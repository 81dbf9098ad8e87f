/* Cells aren't aligned, so numbers are copied as bytes, of which compilers make one load or store. */
#include "base/cells.h"

#include <string.h>

/* Bytes of a value after its type. */
static size_t content_size(const struct value *value) {
  switch (value->type) {
    case VALUE_NULL: break;
    case VALUE_INTEGER: return sizeof value->integer;
    case VALUE_REAL: return sizeof value->real;
    case VALUE_TEXT:
    case VALUE_BLOB: return sizeof value->size + value->size + 1;
  }
  return 0;
}

void cells_append(struct buffer *cells, const struct value *value) {
  char *cell = buffer_extend(cells, 1 + content_size(value));
  if (cell == NULL) return;
  *cell++ = (char)value->type;
  switch (value->type) {
    case VALUE_NULL: break;
    case VALUE_INTEGER: memcpy(cell, &value->integer, sizeof value->integer); break;
    case VALUE_REAL: memcpy(cell, &value->real, sizeof value->real); break;
    case VALUE_TEXT:
    case VALUE_BLOB:
      memcpy(cell, &value->size, sizeof value->size);
      if (value->size > 0) memcpy(cell + sizeof value->size, value->text, value->size);
      cell[sizeof value->size + value->size] = '\0';
      break;
  }
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
