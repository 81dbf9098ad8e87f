/*
** Setting up libcurl for a transfer: the request, its credentials, and what is the same for all of them.
**
** Tests: tests/unit/client/test_http_connections.c.
*/
#ifndef ONPAGE_HTTP_SETUP_H
#define ONPAGE_HTTP_SETUP_H

#include <curl/curl.h>

#include "client/http_exchange.h"

/* Sets up an easy handle for a request, except its callbacks. The headers are those of a POST, and are borrowed as long as the
** handle exists; a GET has all but the first. libcurl copies all strings. */
CURLcode http_set_up(CURL *easy, const struct http_request *request, struct curl_slist *headers);

#endif
