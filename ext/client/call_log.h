/* What the request log learns of a call. */
#ifndef ONPAGE_CALL_LOG_H
#define ONPAGE_CALL_LOG_H

#include "client/call.h"
#include "client/verdict.h"

/* A copy to be freed; NULL for NULL, and when memory ran out. */
char *call_copy_text(const char *text);
/* An attempt that has ended; page may be NULL. */
void call_log_attempt(const struct call *call, const struct http_result *result, const struct page *page,
                      const struct verdict *verdict);
/* A request whose response was not waited for has been made all the same. */
void call_log_cut_off(const struct call *call, const char *why);
/* A response that was kept. */
void call_log_cached(const struct call *call, const struct page *page);

#endif
