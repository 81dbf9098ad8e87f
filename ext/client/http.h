/*
** Bytes over HTTP: requests side by side on one pool of connections, without threads. Knows nothing of JSON, retries or
** whose credentials it sends.
**
** libcurl's multi interface does the work; it moves only while http_run is being called. A struct http and its transfers belong
** to one thread at a time. After a fork they may be used in the child as well: its transfers are then over (HTTP_PASSING) and
** new ones get connections of their own, while the parent goes on undisturbed.
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

/* Fails when the process has a libcurl that is too old: nothing else may be called then. */
CHECKED int http_check_library(struct error *error);
/* The pool of connections; NULL when libcurl can't be set up. */
struct http *http_new(void);
/* Closes the connections; also for NULL. Transfers that were not ended yet are ended: their pointers must not be used again. */
void http_free(struct http *http);

/* Starts a transfer. The strings of *request are copied; on_bytes is called until the transfer is done or ended. */
CHECKED int http_start(struct http *http, const struct http_request *request, struct http_transfer **transfer,
                       struct error *error);
/* Moves all transfers on, waiting at most wait_ms for something to happen (0: only look; cheap). With nothing under way it
** waits just the same, so that a loop around it never spins. Fails when libcurl itself does. That a transfer ran out of memory is no
** reason to: libcurl says so of a header line that is too long, too, and the host would undo its work. Such a transfer is HTTP_PERMANENT. */
CHECKED int http_run(struct http *http, int wait_ms, struct error *error);
/* The result if the transfer is done, NULL while it is under way. Belongs to the transfer. */
const struct http_result *http_done(const struct http_transfer *transfer);
/* From within on_bytes: no more of the response is wanted, and its connection is not to be used again. The transfer ends as done. */
void http_refuse(struct http_transfer *transfer);
/* No transfer that is started from now on uses a connection that this one could have used. To be called when something seems to be wrong
** with the connection itself. */
void http_distrust(struct http_transfer *transfer);
/* Ends a transfer, done or not, and frees it, at once; also for NULL. */
void http_end(struct http_transfer *transfer);

/* "libcurl/7.88.1 OpenSSL/3.0.11 …", in static memory. */
const char *http_version(void);

#endif
