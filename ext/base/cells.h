/* Values packed one after another: a byte for the type, then either a number, or a size, text and zero byte. */
#ifndef ONPAGE_CELLS_H
#define ONPAGE_CELLS_H

#include "base/buffer.h"
#include "base/value.h"

/* Appends a value; a failure shows in the buffer. */
void cells_append(struct buffer *cells, const struct value *value);
/* The value at *at, which moves to the next one. Its text belongs to the cells. */
struct value cells_read(const char **at);

#endif
