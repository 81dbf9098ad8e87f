/*
** What the request log records of a call.
**
** Tests: tests/unit/client/test_client_reports.c.
*/
#ifndef ONPAGE_CALL_LOG_H
#define ONPAGE_CALL_LOG_H

#include "client/call.h"
#include "client/verdict.h"

/* Logs an attempt that has ended; page is the response, or NULL. */
void call_log_attempt(const struct call *call, const struct http_result *result, const struct page *page,
                      const struct verdict *verdict);
/* Logs an attempt that ends before its response: the request has been made all the same. */
void call_log_cut_off(const struct call *call, const char *why);
/* Logs a response that came from the cache. */
void call_log_cached(const struct call *call, const struct page *page);

#endif
