/* Sending an attempt, and reacting to its verdict. */
#include "client/attempt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client/account.h"
#include "client/call_cache.h"
#include "client/call_log.h"
#include "client/receive.h"
#include "client/response_check.h"
#include "client/trace.h"
#include "client/verdict.h"

enum {
  BACK_OFF_MS = 500,       /* before the second attempt; doubled for each further one, */
  BACK_OFF_MAX_MS = 30000, /* … up to this */
  QUEUE_MIN_MS = 500,   /* between two attempts for a queued crawl: as long as the call has waited so far, but at least this, */
  QUEUE_MAX_MS = 10000, /* … and at most this */
  UNREACHED_RETRIES = 1, /* if the base URL has never responded: waiting doesn't help if it is wrong */
  CODE_INVALID_BODY = 40503
};

static int make_body(struct call *call, struct error *error) {
  if (call->body == NULL) return 0;
  struct buffer body = {0};
  if (call->array_body) buffer_append_text(&body, "[");
  buffer_append_text(&body, call->body);
  if (call->array_body) buffer_append_text(&body, "]");
  call->sent = buffer_take(&body);
  return call->sent != NULL ? 0 : error_no_memory(error);
}

int attempt_send(struct call *call, struct error *error) {
  struct client *client = call->client;
  const struct config *config = client->config;
  struct credentials credentials;
  int64_t budget = config_number(config, OPTION_MAX_REQUESTS);
  if (call->generation != config_generation(config))
    return error_set(error, "base_url or the credentials were changed while a query was running");
  if (config_credentials(config, &credentials, error) != 0 || config_check_ca_file(config, error) != 0) return -1;
  if (budget > 0 &&
      request_log_sent(client->log) + client->unsettled >= budget) /* unsettled attempts are logged when they end */
    return error_set(error, "the budget of %" PRId64 " requests is spent: raise the option max_requests to go on", budget);
  int64_t delay;
  if (rate_delay(&client->rate, config_number(config, OPTION_RATE_LIMIT), clock_now_ms(), &delay, error) != 0) return -1;
  if (delay > 0) { /* stays waiting */
    call->due_ms = clock_now_ms() + delay;
    return 0;
  }
  if (make_body(call, error) != 0) return -1;
  call->parser = page_parser_new(call->endpoint, call->columns, &client->memory.held);
  if (call->parser == NULL) return error_no_memory(error);
  call->keeps = call_may_keep(call, 0);
  page_parser_keep(call->parser, call->keeps);
  const struct http_request request = {
      .method = call->method,
      .url = call->url,
      .body = call->sent,
      .body_size = call->sent != NULL ? strlen(call->sent) : 0,
      .bearer = credentials.bearer,
      .login = credentials.login,
      .password = credentials.password,
      .ca_file = config_text(config, OPTION_CA_FILE),
      .timeout_ms = config_number(config, OPTION_TIMEOUT_MS),
      .connect_timeout_ms = config_number(config, OPTION_CONNECT_TIMEOUT_MS),
      .response_max = config_bytes(config, OPTION_MAX_RESPONSE_MB),
      .header_names = account_header_names,
      .on_bytes = receive_bytes,
      .context = call,
  };
  if (http_start(client->http, &request, &call->transfer, error) != 0) return -1;
  client->unsettled++;
  client->running++;
  call->attempts++;
  trace(config, "request: %s %s, attempt %d: %d rows from %lld%s", call->method, call->endpoint->path, call->attempts,
        call->position.limit, (long long)call->position.rows_before, call->token != NULL ? ", by token" : "");
  call->started_ms = clock_now_ms();
  rate_note_sent(&client->rate, call->started_ms);
  call->started_at_ms = clock_wall_ms();
  call->state = CALL_RUNNING;
  return 0;
}

/* The time before the next attempt: what the response asks for, else twice the last one, with jitter so that calls that failed
** together are not repeated together. */
static int64_t back_off_ms(const struct call *call, const struct http_result *result) {
  if (result->retry_after_s >= 0) return (int64_t)result->retry_after_s * 1000;
  int64_t delay = BACK_OFF_MAX_MS;
  if (call->attempts < 7) delay = (int64_t)BACK_OFF_MS << (call->attempts - 1);
  if (delay > BACK_OFF_MAX_MS) delay = BACK_OFF_MAX_MS;
  return delay / 2 + (call->started_at_ms * 7919 + (int64_t)call->attempts * 104729) % (delay / 2 + 1);
}

/* Whether the API, or the gateway before it, reports a time-out of its own. */
static bool took_too_long(const struct verdict *verdict) {
  return verdict->code == 50401 || (verdict->code == 0 && verdict->http_status == 504);
}

/* Whether the API takes too long for such a large offset, as its documents warn: a token has to be used instead. Only the
** second time, since the first could be a connection that died. */
static bool is_too_deep(const struct call *call, const struct http_result *result, const struct verdict *verdict) {
  return (took_too_long(verdict) || result->timed_out) && call->retries > 0 && call->token == NULL &&
         call->position.offset > call->endpoint->offset_advised_max;
}

static int64_t retries_allowed(const struct client *client, const struct http_result *result) {
  int64_t allowed = config_number(client->config, OPTION_MAX_RETRIES);
  return result->outcome == HTTP_UNREACHED && !client->learnt.reached && allowed > UNREACHED_RETRIES ? UNREACHED_RETRIES
                                                                                                     : allowed;
}

static void try_at_once(struct call *call) {
  call->due_ms = clock_now_ms();
  call_end_attempt(call);
  call->state = CALL_WAITING;
}

/* Waits for another attempt, if max_retries allows it. */
static bool try_later(struct call *call, const struct http_result *result, enum reaction reaction) {
  if (call->retries >= retries_allowed(call->client, result)) return false;
  call->retries++;
  call->due_ms = clock_now_ms() + back_off_ms(call, result);
  if (reaction == REACTION_WAIT) rate_hold(&call->client->rate, call->due_ms);
  call_end_attempt(call);
  call->state = CALL_WAITING;
  return true;
}

/* Waits for another attempt for a crawl that has not begun, if wait_s allows it. */
static bool try_when_begun(struct call *call) {
  int64_t now = clock_now_ms();
  int64_t waited = now - call->created_ms;
  int64_t left = config_number(call->client->config, OPTION_WAIT_S) * 1000 - waited;
  if (left <= 0) return false;
  int64_t delay = waited < QUEUE_MIN_MS ? QUEUE_MIN_MS : waited > QUEUE_MAX_MS ? QUEUE_MAX_MS : waited;
  call->due_ms = now + (delay < left ? delay : left);
  call_end_attempt(call);
  call->state = CALL_WAITING;
  return true;
}

/* Repeats the call with the other form of the body, once. */
static bool try_other_form(struct call *call) {
  if (call->body == NULL || call->both_forms_tried) return false;
  call->both_forms_tried = true;
  call->array_body = !call->array_body;
  try_at_once(call);
  return true;
}

/* A server may announce that it closes an idle connection by an unrequested response (408). If a request is sent just then,
** that looks like its response, so the request is repeated as if it had not been sent. */
static bool try_elsewhere(struct call *call, const struct http_result *result) {
  if (result->status != 408 || !result->reused || call->attempts > 1) return false;
  try_at_once(call);
  return true;
}

/* Halves the window when the API reports too many requests, and widens it by one with each success. */
static void adapt_window(struct client *client, enum reaction reaction) {
  if (reaction == REACTION_FEWER || reaction == REACTION_WAIT)
    client->window = client->unsettled > 1 ? client->unsettled / 2 : 1;
  else if (reaction == REACTION_SUCCESS && client->window < IN_FLIGHT_MAX)
    client->window++;
}

/* The API's code, or if there is only an HTTP status, a code with the same consequence. */
static int code_of(const struct verdict *verdict) {
  if (verdict->code != 0) return verdict->code;
  return verdict->reaction == REACTION_FILTER ? CODE_INVALID_FIELD : verdict->reaction == REACTION_BODY ? CODE_INVALID_BODY : 0;
}

/* Notes that tokens name cursors on the API's side: at once, since another scan may use this one's token before the reader of the
** response looks at it. */
static void learn_repeated_token(struct call *call) {
  if (call->generation == call->client->learnt.generation) call->client->learnt.capabilities.tokens_repeat = true;
  call_strand_followers(call);
}

/* Whether the response is of a place after the one that was asked for: the token names a cursor on the API's side, which an attempt
** may have moved whose response was lost. */
static bool is_past_place(const struct call *call) {
  return call->token != NULL && call->response_lost && call->client->learnt.capabilities.tokens_repeat;
}

/* Ends the call or prepares its next attempt. Takes over page. */
static void react(struct call *call, const struct http_result *result, struct page *page, const struct verdict *verdict) {
  bool again = false;
  bool too_deep = is_too_deep(call, result, verdict);
  bool understood = verdict->reaction == REACTION_SUCCESS || verdict->reaction == REACTION_NO_RESULTS ||
                    verdict->reaction == REACTION_FILTER || verdict->reaction == REACTION_QUEUED;
  /* Whatever the API objected to, it could parse the body. */
  if (understood && call->body != NULL && call->generation == call->client->learnt.generation)
    call->client->learnt.array_body = call->array_body;
  switch (verdict->reaction) {
    case REACTION_SUCCESS:
      if (call_repeats_token(call, page)) learn_repeated_token(call);
      if (is_past_place(call)) {
        page_free(page);
        call_strand_followers(call);
        error_set(&call->error, "search_after_token may have moved on");
        call_fail(call, CODE_INVALID_FIELD);
        return;
      }
      if (call->body != NULL) call_keep_response(call, page);
      call_finish(call, page);
      return;
    case REACTION_NO_RESULTS:
      page_free(page);
      call_finish(call, NULL);
      return;
    case REACTION_BODY: again = try_other_form(call); break;
    case REACTION_WAIT:
    case REACTION_FEWER:
    case REACTION_RETRY:
      if (verdict->reaction == REACTION_RETRY && (page == NULL || call->mismatch[0] != '\0')) call->response_lost = true;
      again = !too_deep && (try_elsewhere(call, result) || try_later(call, result, verdict->reaction));
      break;
    case REACTION_QUEUED: again = try_when_begun(call); break;
    case REACTION_FILTER:
    case REACTION_STOP: break;
  }
  verdict_explain(verdict, call->attempts, &call->error);
  if (!again) {
    call->too_long = too_deep || took_too_long(verdict);
    call_fail(call, code_of(verdict));
  }
  page_free(page);
}

/* Turns the verdict into a transient fault if the response belongs to another request (it may have been stopped for that, and page
** is NULL), or if its total promises links but it has no list of them. The latter is accepted the second time if it has a token:
** there may be a page without links before others. */
static void doubt(const struct call *call, const struct page *page, struct verdict *verdict) {
  const struct asked asked = {.task_id = call->task_id, .position = call->position};
  bool garbled = page != NULL && verdict->reaction == REACTION_SUCCESS && call->body != NULL &&
                 (page_token(page) == NULL || call->retries == 0) &&
                 response_is_garbled(&asked, page, verdict->message, sizeof verdict->message);
  bool foreign = call->mismatch[0] != '\0';
  if (!foreign && !garbled) return;
  if (foreign) snprintf(verdict->message, sizeof verdict->message, "%s", call->mismatch);
  verdict->reaction = REACTION_RETRY;
  verdict->suspect = true;
  verdict->code = 0;
  verdict->hint = NULL;
}

/* Stops an attempt whose response, which no reader waits for yet, takes too much memory beside others. */
static void put_off(struct call *call) {
  memory_budget_note_least(&call->client->memory, page_parser_peak(call->parser) + call->inbox.bytes.size);
  call_log_cut_off(call, "it would take too much memory beside the responses that come before it");
  call->response_lost = true;
  try_at_once(call);
  call_release_followers(call); /* a reader may be waiting for one of them */
}

void attempt_settle(struct call *call) {
  if (call->put_off) {
    put_off(call);
    return;
  }
  const struct http_result result = *http_result_of(call->transfer);
  struct page *page = NULL;
  struct error parse_error = {.message = ""};
  if (result.outcome == HTTP_DONE && page_parser_finish(call->parser, &page, &parse_error) != 0) page = NULL;
  struct verdict verdict;
  const struct attempt_outcome attempt = {.result = &result, .parser = call->parser, .page = page, .parse_error = &parse_error};
  verdict_judge(&verdict, &attempt, call->client->config);
  if (page != NULL) memory_budget_note(&call->client->memory, page_parser_peak(call->parser) + call->inbox.peak);
  doubt(call, page, &verdict);
  call_log_attempt(call, &result, page, &verdict);
  trace(call->client->config, "response: %d (HTTP %ld) after %" PRId64 " ms%s%s", verdict.code, verdict.http_status,
        call->duration_ms, verdict.reaction != REACTION_SUCCESS ? ": " : "",
        verdict.reaction != REACTION_SUCCESS ? verdict.message : "");
  long rate_limit = account_rate_limit(&result);
  if (rate_limit > 0 && call->generation == call->client->learnt.generation) call->client->learnt.plan_limit = rate_limit;
  if (result.outcome == HTTP_DONE) call->client->learnt.reached = true;
  if (verdict.suspect) http_distrust(call->transfer);
  adapt_window(call->client, verdict.reaction);
  if (parse_error.kind == ERROR_NO_MEMORY) { /* another attempt would need as much */
    call->error = parse_error;
    call_fail(call, 0);
  } else {
    react(call, &result, page, &verdict);
  }
}
