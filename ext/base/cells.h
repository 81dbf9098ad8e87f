/* Values packed one behind the other: a byte of type, and a number, or a text with its size before it and a zero behind it. */
#ifndef ONPAGE_CELLS_H
#define ONPAGE_CELLS_H

#include "base/buffer.h"
#include "base/value.h"

/* Appends a value; that memory ran out shows in the buffer. */
void cells_append(struct buffer *cells, const struct value *value);
/* The value at *at, which moves on to the next one. Its text belongs to the cells. */
struct value cells_read(const char **at);

#endif
