/* The tables of status codes. Codes that aren't listed go by their range: 5xxxx and HTTP 5xx may pass, any other is final. */
#include "api/status.h"

#include <stddef.h>

#define HINT_KEY                                                                                                               \
  "set the key: SELECT onpage_config('api_key', '…') or AISA_API_KEY; for DataForSEO the options login and password"
#define HINT_MONEY "top up the account or raise its cost limit, then run the query again"
/* The gateway has been seen to respond with 402 to an unknown key. */
#define HINT_MONEY_OR_KEY "check the key, which may be a wrong one; else " HINT_MONEY
#define HINT_RATE "set the option rate_limit to the requests a minute that the plan allows"
#define HINT_FEWER "set the option max_in_flight to the requests at once that the plan allows"
#define HINT_LATER "run the query again later, or set the option max_retries higher"
#define HINT_FILTER "check the column filters and the pattern of regex(), or set the option pushdown to off"
#define HINT_LENGTH "use fewer or shorter values in the conditions, or set the option pushdown to off"
#define HINT_BODY "check task_id, tag and filters"
#define HINT_QUEUED "the crawl is queued and has not begun; try later or set the option wait_s"
#define HINT_URL "check the option base_url"

/* Sources: the error table of DataForSEO's appendix, as far as it concerns reading a crawl. */
static const struct status codes[] = {
    {20000, REACTION_SUCCESS, "success", NULL},
    {40100, REACTION_STOP, "not authorized", HINT_KEY},
    {40102, REACTION_NO_RESULTS, "no results", NULL},
    {40104, REACTION_STOP, "not authorized: the account is not verified", "verify the account with the provider"},
    {40200, REACTION_STOP, "payment required", HINT_MONEY},
    {40202, REACTION_WAIT, "over the rate of requests a minute", HINT_RATE},
    {40203, REACTION_STOP, "over the account's cost limit", HINT_MONEY},
    {40209, REACTION_FEWER, "too many requests at once", HINT_FEWER},
    {40210, REACTION_STOP, "insufficient funds", HINT_MONEY},
    {40401, REACTION_STOP, "no such task", "check the task_id, and that the key is of the account that made the crawl"},
    {40403, REACTION_STOP, "the results have expired", "results are kept for 30 days after the crawl; crawl again"},
    {40501, REACTION_FILTER, "a field is not accepted", HINT_FILTER},
    {40502, REACTION_FILTER, "the request counts as empty", HINT_FILTER},
    {40503, REACTION_BODY, "the form of the request is not accepted", HINT_BODY},
    {40506, REACTION_FILTER, "a field is unknown", HINT_FILTER},
    {40601, REACTION_QUEUED, "the crawl has been accepted and has not begun", HINT_QUEUED},
    {40602, REACTION_QUEUED, "the crawl is queued and has not begun", HINT_QUEUED},
    {50000, REACTION_RETRY, "a fault of the API", HINT_LATER},
    {50001, REACTION_RETRY, "the API is unavailable", HINT_LATER},
    {50301, REACTION_RETRY, "a service behind the API is unavailable", HINT_LATER},
    {50303, REACTION_RETRY, "the API is being updated", HINT_LATER},
    {50304, REACTION_RETRY, "a service behind the API is unavailable", HINT_LATER},
    {50401, REACTION_RETRY, "the API took too long", HINT_LATER},
};

static const struct status http_statuses[] = {
    {200, REACTION_SUCCESS, "success", NULL},
    {400, REACTION_BODY, "the form of the request is not accepted", HINT_BODY},
    {401, REACTION_STOP, "not authorized", HINT_KEY},
    {402, REACTION_STOP, "payment required", HINT_MONEY_OR_KEY},
    {403, REACTION_STOP, "not authorized", HINT_KEY},
    {404, REACTION_STOP, "not found", HINT_URL},
    {408, REACTION_RETRY, "the server waited too long for the request", HINT_LATER},
    {421, REACTION_RETRY, "the server is not the right one for the request", HINT_LATER},
    {413, REACTION_FILTER, "the request is too large", HINT_LENGTH},
    {414, REACTION_FILTER, "the request is too large", HINT_LENGTH},
    {422, REACTION_BODY, "the form of the request is not accepted", HINT_BODY},
    {425, REACTION_RETRY, "the request came too early for the server", HINT_LATER},
    {429, REACTION_WAIT, "over the rate of requests a minute", HINT_RATE},
    {431, REACTION_FILTER, "the request is too large", HINT_LENGTH},
    {500, REACTION_RETRY, "a fault of the server", HINT_LATER},
    {502, REACTION_RETRY, "a fault behind the gateway", HINT_LATER},
    {503, REACTION_RETRY, "the server is unavailable", HINT_LATER},
    {504, REACTION_RETRY, "the server behind the gateway took too long", HINT_LATER},
};

/* Rows for codes that aren't listed, by range. */
struct code_range {
  long first, last;
  struct status status;
};

static const struct code_range code_ranges[] = {
    {0, 0, {0, REACTION_STOP, "a response without a status code", HINT_URL}},
    {20000, 20099, {0, REACTION_SUCCESS, "success", NULL}},
    {50000, 59999, {0, REACTION_RETRY, "a fault of the API", HINT_LATER}},
};

static const struct code_range http_ranges[] = {
    {200, 299, {0, REACTION_SUCCESS, "success", NULL}},
    {300, 399, {0, REACTION_STOP, "a redirect, which is not followed", HINT_URL}},
    {500, 599, {0, REACTION_RETRY, "a fault of the server", HINT_LATER}},
};

static const struct status unknown = {0, REACTION_STOP, "an unknown status", NULL};

static const struct status *find(const struct status *rows, size_t row_count, const struct code_range *ranges,
                                 size_t range_count, long code) {
  for (size_t i = 0; i < row_count; i++)
    if (rows[i].code == code) return &rows[i];
  for (size_t i = 0; i < range_count; i++)
    if (code >= ranges[i].first && code <= ranges[i].last) return &ranges[i].status;
  return &unknown;
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

const struct status *status_of_code(int code) {
  return find(codes, COUNT(codes), code_ranges, COUNT(code_ranges), code);
}

const struct status *status_of_http(long http_status) {
  return find(http_statuses, COUNT(http_statuses), http_ranges, COUNT(http_ranges), http_status);
}
