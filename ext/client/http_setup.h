/* What a transfer asks libcurl for: the request, whose credentials it carries, and what holds whatever is asked. */
#ifndef ONPAGE_HTTP_SETUP_H
#define ONPAGE_HTTP_SETUP_H

#include <curl/curl.h>

#include "client/http_exchange.h"

/* Sets an easy handle up for a request, all but its callbacks. The headers are those of a POST, borrowed for as long as the handle
** lives; a GET begins at the second. libcurl copies all strings. */
CURLcode http_set_up(CURL *easy, const struct http_request *request, struct curl_slist *headers);

#endif
