/*
** The API's client.
**
** A call makes attempts, each of them one HTTP request. Its verdict (verdict.h) says whether it ends the call, or what changes
** for the next attempt: only the time (a transient fault), or the form of the body. A call owns its transfer and its parser; the
** client owns the connections and lists its calls, so that client_run can move all of them on.
*/
#include "client/client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/status.h"
#include "base/clock.h"
#include "client/attempt.h"
#include "client/call_cache.h"
#include "client/call_log.h"
#include "client/receive.h"

enum { PARSE_SLICE = 1 << 16 }; /* bytes that are parsed between two looks at the sockets: some 0.7 ms */
enum { SLICE_MS = 100 };        /* longest wait between two looks at an interruption */

_Static_assert((int)HTTP_IDLE_MAX >= (int)IN_FLIGHT_MAX, "connections would be closed between requests");

/* ---- The client ---- */

struct client *client_new(const struct config *config, struct request_log *log, const struct client_hooks *hooks) {
  struct client *client = calloc(1, sizeof *client);
  if (client == NULL) return NULL;
  client->config = config;
  client->log = log;
  client->context = hooks->context;
  client->interrupted = hooks->interrupted;
  client->window = IN_FLIGHT_MAX;
  client->learnt.generation = config_generation(config);
  client->learnt.array_body = config_is_dataforseo(config);
  client->learnt.cache = cache_new();
  client->learnt.totals = totals_new();
  client->http = client->learnt.cache != NULL && client->learnt.totals != NULL ? http_new() : NULL;
  if (client->http == NULL) {
    client_free(client);
    return NULL;
  }
  return client;
}

void client_free(struct client *client) {
  if (client == NULL) return;
  http_free(client->http);
  cache_free(client->learnt.cache);
  totals_free(client->learnt.totals);
  rate_release(&client->rate);
  free(client);
}

const struct config *client_config(const struct client *client) {
  return client->config;
}

/* What was learnt of the base URL and account in force; nothing yet if either has changed. */
static struct learnt *current(struct client *client) {
  struct learnt *learnt = &client->learnt;
  unsigned generation = config_generation(client->config);
  if (learnt->generation == generation) return learnt;
  cache_clear(learnt->cache);
  totals_clear(learnt->totals);
  *learnt = (struct learnt){.generation = generation,
                            .array_body = config_is_dataforseo(client->config),
                            .cache = learnt->cache,
                            .totals = learnt->totals};
  rate_forget_hold(&client->rate);
  return learnt;
}

struct capabilities *client_capabilities(struct client *client) {
  return &current(client)->capabilities;
}

struct totals *client_totals(struct client *client) {
  return current(client)->totals;
}

int client_max_in_flight(struct client *client) {
  enum { DATAFORSEO_AT_ONCE = 20 }; /* of the IN_FLIGHT_MAX that it takes: the account may be in use elsewhere */
  int number = (int)config_number(client->config, OPTION_MAX_IN_FLIGHT);
  if (number > 0) return number;
  return config_is_dataforseo(client->config) ? DATAFORSEO_AT_ONCE : rate_at_once(current(client)->plan_limit);
}

void client_clear_cache(struct client *client) {
  cache_clear(client->learnt.cache);
  client->clearings++;
}

bool client_is_full(const struct client *client) {
  return memory_budget_is_full(&client->memory);
}

unsigned client_clearings(const struct client *client) {
  return client->clearings;
}

static bool has_room(struct client *client) {
  return client->running < client->window && client->running < client_max_in_flight(client);
}

static bool has_memory(const struct call *call) {
  return call_is_expected(call) || memory_budget_has_room(&call->client->memory, call->client->unsettled);
}

/* ---- Calls ---- */

static int start(struct client *client, const struct call_request *request, const char *method, const char *path,
                 struct call **started, struct error *error) {
  const char *task_id = request->task_id;
  const char *body = request->body;
  const char *token = request->position.token;
  const struct learnt *learnt = current(client);
  struct call *call = calloc(1, sizeof *call);
  if (call == NULL) return error_no_memory(error);
  struct buffer url = {0};
  buffer_append_text(&url, config_base_url(client->config));
  buffer_append_text(&url, path);
  call->client = client;
  call->created_ms = clock_now_ms();
  call->endpoint = request->endpoint;
  call->columns = request->columns;
  call->position = request->position;
  call->cache_use = request->cache_use;
  call->method = method;
  call->generation = learnt->generation;
  call->array_body = learnt->array_body;
  call->url = buffer_take(&url);
  call->task_id = call_copy_text(task_id);
  call->body = call_copy_text(body);
  call->position.token = call->token = call_copy_text(token);
  struct call **link = &client->calls; /* at the end, since the oldest is sent first */
  while (*link != NULL) link = &(*link)->next;
  *link = call;
  int result = 0;
  if (call->url == NULL || (task_id != NULL && call->task_id == NULL) || (body != NULL && call->body == NULL) ||
      (token != NULL && call->token == NULL))
    result = error_no_memory(error);
  else if (!(has_memory(call) && call_take_from_cache(call)) && (call->leader = call_find_leader(call)) == NULL &&
           has_memory(call) && has_room(client))
    result = attempt_send(call, error);
  if (result != 0) {
    call_end(call);
    return -1;
  }
  *started = call;
  return 0;
}

int call_start(struct client *client, const struct call_request *request, struct call **call, struct error *error) {
  return start(client, request, "POST", request->endpoint->path, call, error);
}

void call_end(struct call *call) {
  if (call == NULL) return;
  struct call **link = &call->client->calls;
  while (*link != NULL && *link != call) link = &(*link)->next;
  if (*link != NULL) *link = call->next;
  call_release_followers(call);
  if (call->client->expected == call) call->client->expected = NULL;
  if (call->transfer != NULL) call_log_cut_off(call, "its response was not needed any more");
  call_end_attempt(call);
  page_free(call->page);
  free(call->url);
  free(call->task_id);
  free(call->token);
  free(call->body);
  free(call);
}

bool call_is_done(const struct call *call) {
  return call->state == CALL_DONE;
}

bool call_is_received(const struct call *call) {
  return call->state == CALL_RECEIVED || call->state == CALL_DONE;
}

const struct page *call_head(const struct call *call) {
  if (call->parser == NULL || call->mismatch[0] != '\0') return NULL;
  const struct page *head = page_parser_head(call->parser);
  return head != NULL && status_of_code(page_status(head))->reaction == REACTION_SUCCESS ? head : NULL;
}

/* Sends the calls that are due. Reduces *wait_ms to the time until the next one is. */
static void send_due(struct client *client, int *wait_ms) {
  int64_t now = clock_now_ms();
  for (struct call *call = client->calls; call != NULL; call = call->next) {
    if (call->state != CALL_WAITING || call->leader != NULL) continue;
    if (!has_memory(call)) {
      call_release_followers(call); /* a reader may wait for one of them */
    } else if (call->attempts == 0 && call_take_from_cache(call)) {
      *wait_ms = 0; /* it is done */
    } else if (call->due_ms > now) {
      if (call->due_ms - now < *wait_ms) *wait_ms = (int)(call->due_ms - now);
    } else if (has_room(client) && attempt_send(call, &call->error) != 0) {
      call_fail(call, 0);
      *wait_ms = 0;
    }
  }
}

/* Notes which responses are here. A response that broke off isn't parsed to its end. Whether any is new. */
static bool note_arrivals(struct client *client) {
  bool any = false;
  for (struct call *call = client->calls; call != NULL; call = call->next) {
    const struct http_result *result = call->state == CALL_RUNNING ? http_result_of(call->transfer) : NULL;
    if (result == NULL) continue;
    call->state = CALL_RECEIVED;
    call->duration_ms = clock_now_ms() - call->started_ms;
    client->running--;
    if (result->outcome != HTTP_DONE) inbox_release(&call->inbox, &client->memory);
    any = true;
  }
  return any;
}

/* Parses a slice of what has been received: first of the response that the reader waits for, then of the oldest. */
static void parse_slice(struct client *client) {
  size_t left = PARSE_SLICE;
  for (struct call *call = client->calls; call != NULL && left > 0; call = call->next)
    if (call_is_expected(call)) left -= receive_parse(call, left);
  for (struct call *call = client->calls; call != NULL && left > 0; call = call->next) left -= receive_parse(call, left);
}

static void settle_parsed(struct client *client) {
  for (struct call *call = client->calls; call != NULL; call = call->next)
    if (call->state == CALL_RECEIVED && (call->put_off || receive_is_parsed(call))) attempt_settle(call);
}

/* When a response has come, its parsing waits for the next time: the requests that follow it leave first. */
int client_run(struct client *client, int wait_ms, struct error *error) {
  send_due(client, &wait_ms);
  if (client->memory.unparsed > 0) wait_ms = 0;
  if (http_run(client->http, wait_ms, error) != 0) return -1;
  if (!note_arrivals(client)) {
    parse_slice(client);
    note_arrivals(client); /* some may have been stopped */
  }
  settle_parsed(client);
  send_due(client, &wait_ms);
  return 0;
}

void client_enter(struct client *client) {
  if (client->readers++ == 0) client->waited_ms = 0;
}

void client_leave(struct client *client) {
  client->readers--;
}

/* How long the queries may still wait, at most SLICE_MS. */
static int wait_left_ms(const struct client *client) {
  int64_t allowed_ms = config_number(client->config, OPTION_QUERY_TIMEOUT_S) * 1000;
  int64_t left_ms = allowed_ms - client->waited_ms;
  if (allowed_ms == 0 || left_ms > SLICE_MS) return SLICE_MS;
  return left_ms > 0 ? (int)left_ms : 0;
}

/* Makes the error of a query that has waited too long, with the last fault if there was one. */
static int refuse_to_wait(const struct client *client, struct error *error) {
  const struct call *call = client->calls;
  while (call != NULL && (call->state == CALL_DONE || call->error.message[0] == '\0')) call = call->next;
  return error_set(error, "the query has waited for %" PRId64 " s, which is what the option query_timeout_s allows%s%s",
                   config_number(client->config, OPTION_QUERY_TIMEOUT_S), call != NULL ? "; " : "",
                   call != NULL ? call->error.message : "");
}

int client_wait(struct client *client, struct error *error) {
  if (client->interrupted(client->context)) return error_interrupted(error);
  int wait_ms = wait_left_ms(client);
  if (wait_ms == 0) return refuse_to_wait(client, error);
  int64_t begin_ms = clock_now_ms();
  int result = client_run(client, wait_ms, error);
  client->waited_ms += clock_now_ms() - begin_ms;
  return result;
}

void call_expect(const struct call *call) {
  call->client->expected = call;
}

bool call_is_cached(const struct call *call) {
  return call->attempts == 0 && !call->failed;
}

bool call_took_too_long(const struct call *call) {
  return call->too_long;
}

int64_t call_duration_ms(const struct call *call) {
  return call->duration_ms;
}

int call_wait(struct call *call, struct page **page, int *status, struct error *error) {
  *status = 0;
  call_expect(call);
  while (call->state != CALL_DONE)
    if (client_wait(call->client, error) != 0) return -1;
  if (call->failed) {
    *error = call->error;
    *status = call->status;
    return -1;
  }
  *page = call->page;
  call->page = NULL;
  return 0;
}

int client_ask_available(struct client *client, const struct endpoint *endpoint, struct error *error) {
  struct call *call;
  struct page *page = NULL;
  int status;
  struct capabilities *capabilities = client_capabilities(client);
  const struct call_request request = {.endpoint = endpoint};
  if (start(client, &request, "GET", "/on_page/available_filters", &call, error) != 0) return -1;
  int result = call_wait(call, &page, &status, error);
  call_end(call);
  if (result != 0 && (error->kind != ERROR_FAILED || wait_left_ms(client) == 0)) return -1;
  capabilities->available_asked = true;
  if (result == 0 && page != NULL) capabilities->available = page_available(page);
  page_free(page);
  return 0;
}
