/*
** Whether a response fits its request. A complete response may belong to another request: it came late on a connection that is
** used again, or out of a gateway's cache. Its tasks[0].data, which echoes the request, shows that.
**
** Tests: tests/e2e/test_echo.c.
*/
#ifndef ONPAGE_RESPONSE_CHECK_H
#define ONPAGE_RESPONSE_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/page.h"
#include "wire/request.h"

/* What a response is compared with. */
struct asked {
  const char *task_id;      /* or NULL */
  struct position position; /* limit 0: unknown */
};

/* Whether the echo differs from what was asked; message then says how. A key that the echo lacks is not compared. */
bool response_is_foreign(const struct asked *asked, const struct page_echo *echo, char *message, size_t size);
/* Whether a success is garbled: it has no list of items although its total is larger than the rows before it. message then says
** so. */
bool response_is_garbled(const struct asked *asked, const struct page *page, char *message, size_t size);

#endif
