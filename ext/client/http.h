/*
** Bytes over HTTP: requests side by side on one pool of connections, without threads. JSON, retries and the meaning of
** credentials are above it.
**
** libcurl's multi interface does the work, only while http_run is being called. A struct http and its transfers belong to one
** thread at a time. After a fork they may be used in the child as well: its transfers have ended (HTTP_TRANSIENT) and new ones
** get connections of their own, while the parent's are unaffected.
**
** Tests: tests/unit/client/test_http_responses.c.
*/
#ifndef ONPAGE_HTTP_H
#define ONPAGE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "client/http_exchange.h"

struct http;
struct http_transfer;

enum { HTTP_IDLE_MAX = 32 }; /* idle connections that are kept */

/* Fails if the process has a libcurl that is too old: nothing else may be called then. */
CHECKED int http_check_library(struct error *error);
/* NULL if libcurl can't be set up. */
struct http *http_new(void);
/* Closes the connections and ends all transfers, whose pointers must not be used again; also for NULL. */
void http_free(struct http *http);

/* Starts a transfer. The strings of *request are copied; on_bytes is called until the transfer is done or ended. */
CHECKED int http_start(struct http *http, const struct http_request *request, struct http_transfer **transfer,
                       struct error *error);
/* Moves all transfers on, waiting at most wait_ms for something to happen; 0: doesn't wait. Waits without any transfer, too, so
** that a loop around it never spins. Fails if libcurl itself does, but not if a transfer ran out of memory, since libcurl
** reports the same for a header line that is too long, and the host process would roll back its work: such a transfer is
** HTTP_PERMANENT. */
CHECKED int http_run(struct http *http, int wait_ms, struct error *error);
/* The result if the transfer is done, else NULL. Belongs to the transfer. */
const struct http_result *http_result_of(const struct http_transfer *transfer);
/* Stops a transfer, as HTTP_DONE, and closes its connection: at once, or from within on_bytes as soon as that has returned. */
void http_abort(struct http_transfer *transfer);
/* Transfers that are started from now on use none of the connections that this one could have used. For when something seems to
** be wrong with the connection itself. */
void http_distrust(struct http_transfer *transfer);
/* Ends a transfer, done or not, and frees it, without waiting; also for NULL. */
void http_end(struct http_transfer *transfer);

/* "libcurl/7.88.1 OpenSSL/3.0.11 …", in static memory. */
const char *http_version(void);

#endif
