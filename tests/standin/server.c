/*
** The HTTP side over libmicrohttpd: one thread a connection, so that a request may wait in its thread and a response is
** computed beside the others. Routes, credentials and the order in which a request is checked are here; what a response says
** is in response.c, how it travels in reply.c.
*/
#include <arpa/inet.h>
#include <errno.h>
#include <json-c/json.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latency.h"
#include "reply.h"
#include "scope.h"
#include "state.h"

enum { MOST_AT_ONCE = 30, BODY_MOST = 1 << 24 };

/* A host of the API: where it lives and the credentials it takes ("test-login:test-password" in base64). */
static const struct host {
  const char *base;
  const char *authorization;
  bool is_gateway; /* prices its responses, and may lack endpoints */
} hosts[] = {
    {"/apis/v1/dataforseo", "Bearer test-key", true},
    {"/v3", "Basic dGVzdC1sb2dpbjp0ZXN0LXBhc3N3b3Jk", false},
};

/* The task-level code of a crawl that has no page to give; 0: it has. */
static const int crawl_codes[] = {
    [STANDIN_FINISHED] = 0,   [STANDIN_IN_PROGRESS] = 0, [STANDIN_QUEUED] = 40602,
    [STANDIN_HANDED] = 40601, [STANDIN_EXPIRED] = 40403, [STANDIN_NO_RESULTS] = 40102,
};

int standin_crawl_code(enum standin_crawl crawl) {
  return crawl_codes[crawl] ? crawl_codes[crawl] : 20000;
}

/* What is known of a request when it is checked. */
struct call {
  struct standin *standin;
  struct MHD_Connection *connection;
  struct standin_exchange *exchange;
  const struct host *host;        /* NULL: the path belongs to none */
  enum standin_endpoint endpoint; /* STANDIN_ENDPOINT_COUNT: none */
  const char *task_id;            /* in the path; NULL: none */
};

static const char *header(struct MHD_Connection *connection, const char *name) {
  return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static void find_route(struct call *call, const char *method, const char *path) {
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
    size_t length = strlen(hosts[i].base);
    if (strncmp(path, hosts[i].base, length) != 0 || path[length] != '/') continue;
    call->host = &hosts[i];
    call->endpoint = standin_endpoint_find(method, path + length, &call->task_id);
  }
}

static void fail(const struct call *call, struct standin_response *response, enum standin_level level, int http_status,
                 int code, const struct standin_query *query) {
  struct standin_failure failure = {.level = level, .http_status = http_status, .code = code};
  standin_response_failure(response, &call->exchange->readings, query, &failure);
}

static bool is_fault(const struct standin_exchange *exchange, enum standin_fault_kind kind) {
  return exchange->has_fault && exchange->fault.kind == kind;
}

static bool is_json(const char *content_type) {
  static const char json[] = "application/json";
  return content_type && !strncmp(content_type, json, sizeof json - 1) && strchr("; ", content_type[sizeof json - 1]);
}

/* Where a well-formed request may go on: not past the offsets that are accepted, nor by a token that is too old. */
static int check_reach(const struct call *call, const struct standin_query *query, struct standin_failure *failure) {
  const struct standin_readings *readings = &call->exchange->readings;
  if (query->has_token && readings->token_life && call->exchange->number - query->token.issued > readings->token_life) {
    standin_refuse_field(failure, "search_after_token");
    return -1;
  }
  if (query->has_token || !readings->offset_most || query->offset <= readings->offset_most) return 0;
  switch (readings->offset_refusal) {
    case STANDIN_OFFSET_40501: standin_refuse_field(failure, "offset"); break;
    case STANDIN_OFFSET_50401: *failure = (struct standin_failure){.level = STANDIN_AT_TASK, .code = 50401}; break;
    case STANDIN_OFFSET_HTTP_504: *failure = (struct standin_failure){.level = STANDIN_AT_GATEWAY, .http_status = 504}; break;
  }
  return -1;
}

/* Gives the token after the page what it has beside its place. */
static void prepare_token(const struct call *call, struct standin_query *query) {
  struct standin *standin = call->standin;
  if (query->has_token && query->token.cursor) query->start = standin_cursor_get(standin, query->token.cursor);
  if (query->token.cursor) return;
  if (call->exchange->readings.token_life)
    query->token.issued = call->exchange->number; /* else equal requests have equal responses */
  if (call->exchange->readings.token_same) query->token.cursor = standin_cursor_new(standin);
}

static void answer_task(const struct call *call, struct standin_query *query, struct standin_response *response) {
  const struct standin_readings *readings = &call->exchange->readings;
  struct standin_held held = {0};
  int code = standin_task_hold(call->standin, query->id, &held) ? crawl_codes[held.crawl] : 40401;
  if (!code && readings->unknown_page_code && !standin_scope_knows(query, &held)) code = readings->unknown_page_code;
  if (code) {
    fail(call, response, STANDIN_AT_TASK, 0, code, query);
  } else {
    prepare_token(call, query);
    struct standin_items *scoped = standin_scope_apply(query, &held);
    struct standin_held seen = held;
    if (scoped) seen.tables[query->endpoint->table] = scoped;
    if (query->endpoint->shape == STANDIN_SHAPE_GROUPS)
      standin_response_groups(response, readings, query, &seen);
    else
      standin_response_page(response, readings, query, &seen);
    standin_items_free(scoped);
    standin_cursor_set(call->standin, query->token.cursor, response->next);
  }
  if (held.tables[0]) standin_task_release(call->standin, &held);
}

static void answer_query(const struct call *call, struct standin_response *response) {
  struct standin_exchange *exchange = call->exchange;
  const struct standin_readings *readings = &exchange->readings;
  struct standin_query query = {0};
  struct standin_failure failure = {0};
  struct json_object *echo = is_fault(exchange, STANDIN_FAULT_ECHO) ? json_tokener_parse(exchange->fault.text) : NULL;
  int refused = standin_query_read(&query, call->endpoint, exchange->body.data, exchange->body.length, readings, &failure) ||
                check_reach(call, &query, &failure);
  if (echo) query.data = echo;
  exchange->offset = query.has_token ? 0 : query.offset;
  if (refused)
    standin_response_failure(response, readings, &query, &failure);
  else if (query.endpoint->shape == STANDIN_SHAPE_TASKS)
    standin_response_tasks(response, call->standin, readings, &query);
  else
    answer_task(call, &query, response);
  json_object_put(echo);
  standin_text_release(&failure.message);
  standin_query_release(&query);
}

/* A crawl without pages has a summary. */
static void answer_summary(const struct call *call, struct standin_response *response) {
  const char *task_id = is_fault(call->exchange, STANDIN_FAULT_FOREIGN) ? call->exchange->fault.text : call->task_id;
  struct standin_query query = {.endpoint = &standin_descriptors[call->endpoint], .id = task_id};
  struct standin_held held = {0};
  int code = standin_task_hold(call->standin, task_id, &held) ? crawl_codes[held.crawl] : 40401;
  if (code && code != crawl_codes[STANDIN_NO_RESULTS])
    fail(call, response, STANDIN_AT_TASK, 0, code, &query);
  else
    standin_response_summary(response, &call->exchange->readings, task_id, &held);
  if (held.tables[0]) standin_task_release(call->standin, &held);
}

static void answer_get(const struct call *call, struct standin_response *response) {
  const struct standin_readings *readings = &call->exchange->readings;
  switch (standin_descriptors[call->endpoint].shape) {
    case STANDIN_SHAPE_READY: standin_response_tasks(response, call->standin, readings, NULL); break;
    case STANDIN_SHAPE_SUMMARY: answer_summary(call, response); break;
    case STANDIN_SHAPE_FILTERS:
      if (readings->available_fails)
        fail(call, response, STANDIN_AT_ENVELOPE, 0, 50000, NULL);
      else
        standin_response_filters(response, readings);
      break;
    default: break; /* asked by POST */
  }
}

/* A gateway that lacks the endpoint says so before it looks at credentials. */
static bool is_offered(const struct call *call) {
  const struct standin_readings *readings = &call->exchange->readings;
  return call->endpoint < STANDIN_ENDPOINT_COUNT && !(call->host->is_gateway && readings->not_offered >> call->endpoint & 1);
}

/* The response without any fault. */
static void answer_truly(const struct call *call, struct standin_response *response) {
  const struct standin_exchange *exchange = call->exchange;
  const char *authorization = header(call->connection, "Authorization");
  bool is_post = call->endpoint < STANDIN_ENDPOINT_COUNT && standin_descriptors[call->endpoint].key_count;
  if (!is_offered(call))
    fail(call, response, exchange->readings.not_offered_as_html ? STANDIN_AT_GATEWAY : STANDIN_AT_ENVELOPE, 404, 40400, NULL);
  else if (!authorization || strcmp(authorization, call->host->authorization) != 0)
    fail(call, response, STANDIN_AT_ENVELOPE, 401, 40100, NULL);
  else if (exchange->in_flight > MOST_AT_ONCE)
    fail(call, response, STANDIN_AT_ENVELOPE, 0, 40209, NULL);
  else if (is_post && !is_json(header(call->connection, "Content-Type")))
    fail(call, response, STANDIN_AT_ENVELOPE, 0, 40503, NULL);
  else if (is_post)
    answer_query(call, response);
  else
    answer_get(call, response);
}

static void answer_with_text(struct standin_response *response, int http_status, const char *text) {
  response->http_status = http_status;
  standin_text_add_string(&response->body, text);
  response->content_type = strchr("{[", *text) ? NULL : *text == '<' ? "text/html" : "text/plain";
}

/* A fault at the task echoes the request when that can be read. */
static void answer_task_fault(const struct call *call, struct standin_response *response, struct standin_failure *failure) {
  const struct standin_exchange *exchange = call->exchange;
  struct standin_query query = {0};
  struct standin_failure ignored = {0};
  standin_query_read(&query, call->endpoint, exchange->body.data, exchange->body.length, &exchange->readings, &ignored);
  if (call->task_id) query.id = call->task_id;
  standin_response_failure(response, &exchange->readings, &query, failure);
  standin_text_release(&ignored.message);
  standin_query_release(&query);
}

static void replace_all(struct standin_text *body, const char *old, const char *new) {
  struct standin_text edited = {0};
  size_t length = strlen(old), at = 0;
  while (at < body->length) {
    bool here = length && body->length - at >= length && !memcmp(body->data + at, old, length);
    standin_text_add(&edited, here ? new : body->data + at, here ? strlen(new) : 1);
    at += here ? length : 1;
  }
  standin_text_release(body);
  *body = edited;
}

/* Repeats what it has repeated, so that it takes few steps. */
static void flood(struct standin_text *body, const struct standin_fault *fault) {
  struct standin_text filler = {0};
  size_t wanted = fault->size > body->length ? fault->size - body->length : 0, length = strlen(fault->with);
  wanted += (length - wanted % length) % length; /* whole fillers */
  standin_text_add_string(&filler, fault->with);
  while (filler.length < wanted) {
    standin_text_reserve(&filler, filler.length);
    standin_text_add(&filler, filler.data, filler.length);
  }
  standin_text_add(body, filler.data, wanted);
  standin_text_release(&filler);
}

static void answer_call(const struct call *call, struct standin_response *response) {
  const struct standin_fault *fault = &call->exchange->fault;
  struct standin_failure failure = {.http_status = fault->http_status, .code = fault->code};
  if (!call->exchange->has_fault) {
    answer_truly(call, response);
    return;
  }
  if (fault->text) standin_text_add_string(&failure.message, fault->text);
  switch (fault->kind) {
    case STANDIN_FAULT_HTTP:
      answer_with_text(response, fault->http_status,
                       fault->text ? fault->text
                                   : "{\"error\":{\"type\":\"upstream_error\",\"code\":\"planted\",\"message\":\"a planted "
                                     "fault\",\"request_id\":\"req_0002\"}}");
      break;
    case STANDIN_FAULT_BODY: answer_with_text(response, 200, fault->text ? fault->text : ""); break;
    case STANDIN_FAULT_ENVELOPE:
      failure.level = STANDIN_AT_ENVELOPE;
      standin_response_failure(response, &call->exchange->readings, NULL, &failure);
      break;
    case STANDIN_FAULT_TASK: answer_task_fault(call, response, &failure); break;
    case STANDIN_FAULT_REDIRECT: answer_with_text(response, fault->http_status, ""); break;
    case STANDIN_FAULT_ENDLESS:
    case STANDIN_FAULT_FLOOD:
      answer_with_text(response, 200, fault->text ? fault->text : "");
      if (fault->kind == STANDIN_FAULT_FLOOD) flood(&response->body, fault);
      break;
    case STANDIN_FAULT_EDIT:
      answer_truly(call, response);
      replace_all(&response->body, fault->text, fault->with);
      break;
    case STANDIN_FAULT_TRUNCATE:
    case STANDIN_FAULT_RESET:
    case STANDIN_FAULT_STALL:
    case STANDIN_FAULT_ECHO:
    case STANDIN_FAULT_FOREIGN:
    case STANDIN_FAULT_LATE:
    case STANDIN_FAULT_HOLD:
    case STANDIN_FAULT_DRIP: answer_truly(call, response); break;
  }
  standin_text_release(&failure.message);
}

/* A drip's next byte is due. */
static bool pause_drip(void *context, size_t place, size_t size) {
  const struct standin_exchange *exchange = context;
  (void)size;
  return standin_wait(exchange->standin, exchange, (unsigned)(place + 1) * exchange->fault.delay_ms);
}

/* The next piece is not held back any more. */
static bool pause_hold(void *context, size_t place, size_t size) {
  const struct standin_exchange *exchange = context;
  return place + size <= exchange->held_from || standin_wait_for_next(exchange->standin, exchange, exchange->fault.delay_ms);
}

/* The next piece has gone over the line. */
static bool pause_line(void *context, size_t place, size_t size) {
  struct standin_exchange *exchange = context;
  (void)place;
  return standin_pass(exchange->standin, exchange, size);
}

/* Pieces of some milliseconds, so that connections which share a line go on side by side. */
static size_t piece_of_line(const struct standin_readings *readings) {
  enum { LEAST = 256, MOST = 1 << 14, PIECES_A_SECOND = 250 };
  size_t slowest = readings->bandwidth;
  if (!slowest || (readings->connection_bandwidth && readings->connection_bandwidth < slowest))
    slowest = readings->connection_bandwidth;
  size_t piece = slowest / PIECES_A_SECOND;
  return piece < LEAST ? LEAST : piece > MOST ? MOST : piece;
}

/* MHD_NO makes libmicrohttpd close the connection without a response. */
static enum MHD_Result finish(struct call *call) {
  struct standin_exchange *exchange = call->exchange;
  const struct standin_readings *readings = &exchange->readings;
  const struct standin_fault *fault = &exchange->fault;
  bool reset = is_fault(exchange, STANDIN_FAULT_RESET), redirected = is_fault(exchange, STANDIN_FAULT_REDIRECT);
  bool endless = is_fault(exchange, STANDIN_FAULT_ENDLESS), holding = is_fault(exchange, STANDIN_FAULT_HOLD);
  bool dripping = is_fault(exchange, STANDIN_FAULT_DRIP) || holding;
  struct standin_response response = {0};
  answer_call(call, &response);
  bool gzip = !readings->no_gzip && !dripping && !endless && standin_accepts_gzip(header(call->connection, "Accept-Encoding"));
  bool paced = (readings->bandwidth || readings->connection_bandwidth) && !dripping && !endless;
  if (gzip) standin_reply_compress(&response); /* before the wait: work is a part of the latency, not added to it */
  unsigned delay = exchange->latency_ms = standin_latency(readings, exchange->number, exchange->offset);
  exchange->held_from = response.body.length / 2;
  if (exchange->has_fault && fault->delay_ms > delay && !holding) delay = fault->delay_ms;
  if (!standin_wait(call->standin, exchange, delay) || reset) {
    standin_settle(call->standin, exchange, NULL);
    standin_text_release(&response.body);
    return MHD_NO;
  }
  struct standin_reply reply = {
      .gzip = gzip,
      .truncate = is_fault(exchange, STANDIN_FAULT_TRUNCATE),
      .priced = call->host && call->host->is_gateway && response.http_status == 200,
      .plan_limit = readings->plan_limit,
      .plan_header_short = readings->plan_header_short,
      .retry_after = fault->retry_after,
      .location = redirected ? fault->text : NULL,
      .filler = endless ? fault->with : NULL,
      .pause = holding    ? pause_hold
               : dripping ? pause_drip
               : paced    ? pause_line
                          : NULL,
      .piece = holding    ? 256
               : dripping ? 1
                          : piece_of_line(readings),
      .context = exchange,
  };
  standin_settle(call->standin, exchange, &response);
  return standin_reply_send(call->connection, &response, &reply);
}

static size_t connection_number(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? (size_t)(uintptr_t)info->socket_context : 0;
}

/* libmicrohttpd calls this when the headers are in, for each piece of the body, and at the body's end. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *path, const char *method,
                                  const char *version, const char *piece, size_t *piece_size, void **request_context) {
  (void)version;
  struct standin *standin = context;
  struct standin_exchange *exchange = *request_context;
  if (!exchange) {
    *request_context = standin_enter(standin, connection_number(connection));
    return MHD_YES;
  }
  if (*piece_size) {
    if (exchange->body.length < BODY_MOST) standin_text_add(&exchange->body, piece, *piece_size);
    *piece_size = 0;
    return MHD_YES;
  }
  struct call call = {.standin = standin, .connection = connection, .exchange = exchange, .endpoint = STANDIN_ENDPOINT_COUNT};
  find_route(&call, method, path);
  char *body = standin_copy(exchange->body.data, exchange->body.length);
  struct standin_request request = {.method = method,
                                    .path = path,
                                    .body = body,
                                    .authorization = header(connection, "Authorization"),
                                    .user_agent = header(connection, "User-Agent"),
                                    .connection = exchange->connection,
                                    .in_flight = exchange->in_flight};
  standin_arrive(standin, exchange, &request, call.endpoint);
  free(body);
  return finish(&call);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
                         enum MHD_RequestTerminationCode reason) {
  (void)connection, (void)reason;
  standin_leave(context, *request_context);
  *request_context = NULL;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode reason) {
  (void)connection;
  if (reason == MHD_CONNECTION_NOTIFY_STARTED) *socket_context = (void *)(uintptr_t)standin_connect(context);
}

int standin_serve(struct standin *standin, unsigned port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  standin->daemon = MHD_start_daemon(
      MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL, on_request,
      standin, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, on_completed, standin,
      MHD_OPTION_NOTIFY_CONNECTION, on_connection, standin, MHD_OPTION_END);
  if (!standin->daemon) {
    fprintf(stderr, "stand-in API: can't listen on port %u of 127.0.0.1: %s\n", port, strerror(errno));
    return -1;
  }
  standin->port = MHD_get_daemon_info(standin->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
  return 0;
}

void standin_close(struct standin *standin) {
  if (standin->daemon) MHD_stop_daemon(standin->daemon);
  standin->daemon = NULL;
}
