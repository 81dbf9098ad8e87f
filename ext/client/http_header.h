/* What a response's header lines say beside libcurl's own interests. */
#ifndef ONPAGE_HTTP_HEADER_H
#define ONPAGE_HTTP_HEADER_H

#include <stddef.h>

#include "client/http_exchange.h"

/* Notes the price and the rate limit in *result if the line, which need not end in a zero, is about them. */
void http_read_header(struct http_result *result, const char *line, size_t size);
/* As before the first line. */
void http_forget_headers(struct http_result *result);

#endif
