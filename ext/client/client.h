/*
** The API as seen by the tables: a call is one request, with its credentials, its body's form, its retries and budgets; its
** response is a page or an error. Calls run side by side and move only while client_run or call_wait is being called.
*/
#ifndef ONPAGE_CLIENT_H
#define ONPAGE_CLIENT_H

#include <stdbool.h>

#include "api/endpoint.h"
#include "base/error.h"
#include "client/call_request.h"
#include "client/config.h"
#include "client/request_log.h"
#include "client/totals.h"
#include "plan/capabilities.h"
#include "wire/page.h"

struct client;
struct call;

/* What the client needs of the program around it. */
struct client_host {
  void *context;
  bool (*interrupted)(void *context); /* asked about every 100 ms of waiting */
};

/* Config and log are borrowed and must outlive the client. NULL when memory ran out. */
struct client *client_new(const struct config *config, struct request_log *log, const struct client_host *host);
void client_free(struct client *client); /* also for NULL; no call may be left */

const struct config *client_config(const struct client *client);
/* How many requests may be under way at once: as the option says, else as is known of the account's plan. */
int client_max_in_flight(struct client *client);
/* Forgets the responses that were kept; how often that has been done tells others who keep rows to do the same. */
void client_clear_cache(struct client *client);
unsigned client_clearings(const struct client *client);
/* Whether the responses on their way and those that wait to be read take as much memory as they may. */
bool client_is_full(const struct client *client);
/* What is known of the base URL in force: to be read for a query, and taught by its responses. */
struct capabilities *client_capabilities(struct client *client);
/* Totals of the base URL and account in force. */
struct totals *client_totals(struct client *client);
/* Asks available_filters, once a base URL, and notes the response in the capabilities. A failure other than an interruption is
** noted as "nothing more": those columns stay local. */
CHECKED int client_ask_available(struct client *client, const struct endpoint *endpoint, struct error *error);

/* Starts a call of the endpoint. Fails without a request when credentials are missing or the budget is spent. */
CHECKED int call_start(struct client *client, const struct call_request *request, struct call **call, struct error *error);
/* A query begins to read, and ends. Those that read at the same time on one connection count as one: SQLite doesn't tell a table which of
** its cursors belong together. */
void client_enter(struct client *client);
void client_leave(struct client *client);
/* Waits until something happens, for 100 ms at most. -1: interrupted, or the query has waited for as long as the option query_timeout_s
** allows, all its waits together. */
CHECKED int client_wait(struct client *client, struct error *error);
/* Moves all calls on, waiting at most wait_ms. */
CHECKED int client_run(struct client *client, int wait_ms, struct error *error);
bool call_is_done(const struct call *call);
/* Says that the reader waits for the call: where memory is scarce it goes on alone. */
void call_expect(const struct call *call);
/* Waits until the call is done. -1: as client_wait. */
CHECKED int call_await(struct call *call, struct error *error);
/* Whether the response of a call that is done came from the cache. */
bool call_is_cached(const struct call *call);
/* Whether a call that failed did so since the API took too long for it (50401, HTTP 504). */
bool call_took_too_long(const struct call *call);
/* What the last attempt of a call that is done took. */
int64_t call_duration_ms(const struct call *call);
/* The same, and takes its result. With 0 *page is the response, the caller's to free, or NULL for a crawl without results
** (40102). With -1 *status is the API's status code, 0 if it gave none. */
CHECKED int call_wait(struct call *call, struct page **page, int *status, struct error *error);
/* Ends the call, done or not, and frees it; also for NULL. */
void call_end(struct call *call);

#endif
