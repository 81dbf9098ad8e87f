/*
** The API as the tables see it. A call asks for one page: the client adds credentials, chooses the form of the body, retries,
** keeps to limits and budgets, and the call ends with a page or an error. Calls run side by side, and only while client_run,
** client_wait or call_wait is running.
**
** Tests: tests/unit/client/test_client_calls.c.
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
struct client_hooks {
  void *context;
  bool (*interrupted)(void *context); /* asked about every 100 ms of waiting */
};

/* Config and log are borrowed and must outlive the client. NULL when memory ran out. */
struct client *client_new(const struct config *config, struct request_log *log, const struct client_hooks *hooks);
void client_free(struct client *client); /* also for NULL; no call may be left */

const struct config *client_config(const struct client *client);
/* How many requests may be in flight: what the option says, else what is known of the account's plan. */
int client_max_in_flight(struct client *client);
/* Drops the responses in the cache. */
void client_clear_cache(struct client *client);
/* How often client_clear_cache was called: who keeps rows elsewhere drops them when it changes. */
unsigned client_clearings(const struct client *client);
/* Whether the responses in flight and those that wait to be read take as much memory as they may. */
bool client_is_full(const struct client *client);
/* What is known of the base URL in force; scans read it, and add what responses show. */
struct capabilities *client_capabilities(struct client *client);
/* Totals of the base URL and account in force. */
struct totals *client_totals(struct client *client);
/* Requests available_filters and notes in the capabilities what it lists, and that it was asked; nothing is listed by a
** response that is an error. -1: it could not be sent, was interrupted, or took too much time or memory. */
CHECKED int client_ask_available(struct client *client, const struct endpoint *endpoint, struct error *error);

/* The reader of a query begins and ends. Queries that are read at the same time on one connection share one time limit, since
** SQLite doesn't tell a table which of its cursors belong to one statement. */
void client_enter(struct client *client);
void client_leave(struct client *client);

/* Starts a call of the endpoint. Fails without a request when credentials are missing or the budget is spent. */
CHECKED int call_start(struct client *client, const struct call_request *request, struct call **call, struct error *error);
/* Moves all calls on, waiting up to wait_ms for something to happen. Neither interruption nor time limit is looked at. */
CHECKED int client_run(struct client *client, int wait_ms, struct error *error);
/* client_run for up to 100 ms, on behalf of a reader. -1 also if it is interrupted, or has waited for as long as the option
** query_timeout_s allows. */
CHECKED int client_wait(struct client *client, struct error *error);
/* Tells that the reader waits for the call: it goes on even where memory is scarce. */
void call_expect(const struct call *call);
/* client_wait until the call is done, then takes its result. 0: *page is the response, which the caller frees, or NULL for a crawl
** without results (40102). -1: *status is the API's status code, or 0. */
CHECKED int call_wait(struct call *call, struct page **page, int *status, struct error *error);
/* Ends the call, done or not, and frees it; also for NULL. */
void call_end(struct call *call);

bool call_is_done(const struct call *call);
/* Whether the response is here, be it parsed or not. */
bool call_is_received(const struct call *call);
/* The head (wire/head.h) of a response that is on its way, or not parsed yet, and that is a success as far as it tells.
** NULL: not known. Belongs to the call, until client_run is called again. */
const struct page *call_head(const struct call *call);
/* These are about a call that is done. */
bool call_is_cached(const struct call *call);      /* its response came from the cache */
bool call_took_too_long(const struct call *call);  /* it failed since the API took too long (50401, HTTP 504) */
int64_t call_duration_ms(const struct call *call); /* of its last attempt, or of the one that the cached response is from */

#endif
