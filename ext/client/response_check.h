/*
** Whether a response fits its question. A response may be whole and yet be another's: one that came late on a connection which is used
** again, or out of a gateway's cache. tasks[0].data echoes the request, and shows it.
*/
#ifndef ONPAGE_RESPONSE_CHECK_H
#define ONPAGE_RESPONSE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/page.h"
#include "wire/request.h"

/* What a response can be held to. */
struct asked {
  const char *task_id;      /* or NULL */
  struct position position; /* limit 0: not known */
};

/* Whether the echo says something else than was asked: message is then what. A key that the echo lacks says nothing. */
bool response_is_foreign(const struct asked *asked, const struct page_echo *echo, char *message, size_t size);
/* Whether a success is garbled: it has no list of items, though it promises rows behind those before it. message then says so. */
bool response_is_garbled(const struct asked *asked, const struct page *page, char *message, size_t size);

#endif
