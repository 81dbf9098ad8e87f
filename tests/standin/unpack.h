/* A whole file in memory, unpacked when its name ends in .xz. */
#ifndef STANDIN_UNPACK_H
#define STANDIN_UNPACK_H

#include "text.h"

/* Appends to text. -1 after a message on standard error. */
int standin_unpack(struct standin_text *text, const char *path);

#endif
