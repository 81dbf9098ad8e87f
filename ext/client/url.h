/* Base URLs, as libcurl reads them. */
#ifndef ONPAGE_URL_H
#define ONPAGE_URL_H

#include <stdbool.h>

#include "base/error.h"

/* Checks a base URL: http or https, a host, no user, no query, no fragment; http for loopback hosts only (localhost,
** 127.0.0.0/8, [::1]). On success *origin is scheme://host:port in lower case with the default port filled in, *base the URL
** without a slash at its end; the caller frees both. Either may be NULL if it is not wanted. Messages start with a verb, so
** that the caller can put the option's name before them, and never repeat more of the URL than its host: it may hold a password. */
CHECKED int url_check_base(const char *url, char **base, char **origin, struct error *error);

#endif
