/* What the headers of a response say of the account: the price of the request, and the plan's rate limit. */
#ifndef ONPAGE_ACCOUNT_H
#define ONPAGE_ACCOUNT_H

#include "client/http_exchange.h"

/* header_names of a request (http_exchange.h), for the functions below. */
extern const char *const account_header_names[];

/* The price in USD; -1 without. */
double account_price(const struct http_result *result);
/* Requests a minute that the plan allows; -1 without. */
long account_rate_limit(const struct http_result *result);

#endif
