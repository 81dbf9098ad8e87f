/*
** The bytes of a response that have been received and not yet parsed. Receiving is cheap and comes first: parsing waits until
** nothing else can be done.
*/
#ifndef ONPAGE_INBOX_H
#define ONPAGE_INBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "client/memory_budget.h"

/* Zeroed, it is empty. */
struct inbox {
  struct buffer bytes;
  size_t parsed; /* of them: they are removed later */
  size_t peak;   /* the most bytes that it has had */
};

/* False, with nothing changed, when memory ran out. The bytes are added to memory->held, and to memory->unparsed until they
** are parsed. */
bool inbox_append(struct inbox *inbox, struct memory_budget *memory, const char *bytes, size_t size);
/* The bytes to be parsed next; *size of them. Valid until the next call. */
const char *inbox_unparsed(const struct inbox *inbox, size_t *size);
/* Notes that the next `size` bytes have been parsed. */
void inbox_pass(struct inbox *inbox, struct memory_budget *memory, size_t size);
/* Empties it. */
void inbox_release(struct inbox *inbox, struct memory_budget *memory);

#endif
