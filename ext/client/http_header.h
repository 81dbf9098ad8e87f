/*
** Keeps the values of chosen response headers.
**
** Tests: tests/unit/client/test_account.c.
*/
#ifndef ONPAGE_HTTP_HEADER_H
#define ONPAGE_HTTP_HEADER_H

#include <stddef.h>

#include "client/http_exchange.h"

/* Copies the value of a header line, which needs no zero at its end, into *result if its name is in the list, which may be NULL. */
void http_keep_header(struct http_result *result, const char *const *names, const char *line, size_t size);
/* Empties the values: a response of status 1xx comes before the real one, and its headers don't count. */
void http_forget_headers(struct http_result *result);

#endif
