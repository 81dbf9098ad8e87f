/*
** The head of a response: what precedes its items, as a page without any. The API writes status, total and token there, so
** that they are known while the items are still on their way. What follows the items may differ: only the whole page tells
** for certain.
*/
#ifndef ONPAGE_HEAD_H
#define ONPAGE_HEAD_H

#include <stddef.h>

#include "api/endpoint.h"
#include "base/buffer.h"
#include "wire/page.h"

/* Zeroed, it is at the start of a response. */
struct head {
  struct buffer text;
  struct page *page; /* NULL before its end, and if there is none */
};

/* Adds bytes of the head. */
void head_append(struct head *head, const char *bytes, size_t size);
/* Makes the page of what was added, which ends in the list of items. held: as of page_new. */
void head_end(struct head *head, const struct endpoint *endpoint, size_t *held);
void head_release(struct head *head);

#endif
