/*
** An attempt: sending it, and from its verdict to the next step.
*/
#include "client/attempt.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "client/account.h"
#include "client/call_cache.h"
#include "client/call_log.h"
#include "client/response_check.h"
#include "client/verdict.h"

enum {
  BACK_OFF_MS = 500,       /* before the second attempt; doubled for each further one, */
  BACK_OFF_MAX_MS = 30000, /* up to this */
  QUEUE_MIN_MS = 500,      /* between two looks at a crawl that is queued: as long as it has been waited for, at least this, */
  QUEUE_MAX_MS = 10000,    /* at most this */
  UNREACHED_RETRIES = 1,   /* while no response has ever come: a wrong host doesn't become right by waiting */
  CODE_INVALID_BODY = 40503
};

/* Looks whether a response that is complete is this call's; a connection that brought another's is out of step. */
static void check_echo(struct call *call) {
  const struct asked asked = {.task_id = call->task_id, .position = call->position};
  struct page_echo echo;
  page_parser_echo(call->parser, &echo);
  if (call->body != NULL && response_is_foreign(&asked, &echo, call->mismatch, sizeof call->mismatch))
    http_refuse(call->transfer);
}

static void take_bytes(void *context, const char *bytes, size_t size) {
  struct call *call = context;
  struct memory_budget *memory = &call->client->memory;
  if (call->put_off) return;
  bool complete = page_parser_is_complete(call->parser);
  page_parser_feed(call->parser, bytes, size);
  if (!complete && page_parser_is_complete(call->parser)) check_echo(call);
  call_keep_bytes(call, bytes, size);
  if (memory_budget_is_full(memory) && call->response.size > 0) call_drop_response(call, true);
  if (!memory_budget_is_full(memory) || call_is_expected(call)) return;
  call->put_off = true;
  http_refuse(call->transfer);
}

/* Whether a body goes as [{…}] or {…}: as the host publishes it, unless the other form was found to be the one. */
static bool sends_array(const struct call *call) {
  return config_is_dataforseo(call->client->config) != call->array_body;
}

static int make_body(struct call *call, struct error *error) {
  if (call->body == NULL) return 0;
  struct buffer body = {0};
  bool array = sends_array(call);
  if (array) buffer_append_text(&body, "[");
  buffer_append_text(&body, call->body);
  if (array) buffer_append_text(&body, "]");
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
  if (budget > 0 && request_log_sent(client->log) + client->running >= budget) /* those on their way are logged when they end */
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
      .on_bytes = take_bytes,
      .context = call,
  };
  if (http_start(client->http, &request, &call->transfer, error) != 0) return -1;
  client->running++;
  call->attempt++;
  call->started_ms = clock_now_ms();
  rate_note_sent(&client->rate, call->started_ms);
  call->started_at_ms = clock_wall_ms();
  call->state = CALL_RUNNING;
  return 0;
}

/* The time before the next attempt: what the response asks for, else twice the last one, with jitter so that callers that failed
** together don't come back together. */
static int64_t back_off_ms(const struct call *call, const struct http_result *result) {
  if (result->retry_after_s >= 0) return (int64_t)result->retry_after_s * 1000;
  int64_t delay = BACK_OFF_MAX_MS;
  if (call->attempt < 7) delay = (int64_t)BACK_OFF_MS << (call->attempt - 1);
  if (delay > BACK_OFF_MAX_MS) delay = BACK_OFF_MAX_MS;
  return delay / 2 + (call->started_at_ms * 7919 + (int64_t)call->attempt * 104729) % (delay / 2 + 1);
}

/* Whether the API, or the gateway before it, gave up on its own work. */
static bool took_too_long(const struct verdict *verdict) {
  return verdict->code == 50401 || (verdict->code == 0 && verdict->http_status == 504);
}

/* Whether it is the depth of the offset that the API takes too long for, as the documents warn: the token is there for that. The second
** time, for the first could be a connection that died. */
static bool is_too_deep(const struct call *call, const struct http_result *result, const struct verdict *verdict) {
  return (took_too_long(verdict) || result->timed_out) && call->retries > 0 && call->token == NULL &&
         call->position.offset > call->endpoint->offset_rows;
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

/* Tries again later if the option allows it. */
static bool try_later(struct call *call, const struct http_result *result, enum reaction reaction) {
  if (call->retries >= retries_allowed(call->client, result)) return false;
  call->retries++;
  call->due_ms = clock_now_ms() + back_off_ms(call, result);
  if (reaction == REACTION_WAIT) rate_hold(&call->client->rate, call->due_ms);
  call_end_attempt(call);
  call->state = CALL_WAITING;
  return true;
}

/* Asks again for a crawl that has not begun, as long as the option lets it wait. */
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

/* Tries the other form of the body, once. */
static bool try_other_form(struct call *call) {
  if (call->body == NULL || call->both_forms_tried) return false;
  call->both_forms_tried = true;
  call->array_body = !call->array_body;
  try_at_once(call);
  return true;
}

/* A server that closes a connection because nothing was asked for a while may say so by a response to nothing (408). It looks like one to the
** request that was on its way just then, which then goes again as if it had not been sent. */
static bool try_elsewhere(struct call *call, const struct http_result *result) {
  if (result->status != 408 || !result->reused || call->attempt > 1) return false;
  try_at_once(call);
  return true;
}

/* Halves the window when the API is asked too much at once or too often, and widens it again response by response. */
static void adapt_window(struct client *client, enum reaction reaction) {
  if (reaction == REACTION_FEWER || reaction == REACTION_WAIT)
    client->window = client->running > 1 ? client->running / 2 : 1;
  else if (reaction == REACTION_SUCCESS && client->window < IN_FLIGHT_MAX)
    client->window++;
}

/* The API's code, or one that has the same consequence where only HTTP says so. */
static int code_of(const struct verdict *verdict) {
  if (verdict->code != 0) return verdict->code;
  return verdict->reaction == REACTION_FILTER ? CODE_INVALID_FIELD : verdict->reaction == REACTION_BODY ? CODE_INVALID_BODY : 0;
}

/* Takes over page. */
static void react(struct call *call, const struct http_result *result, struct page *page, const struct verdict *verdict) {
  bool again = false;
  bool too_deep = is_too_deep(call, result, verdict);
  bool understood = verdict->reaction == REACTION_SUCCESS || verdict->reaction == REACTION_NO_RESULTS ||
                    verdict->reaction == REACTION_FILTER || verdict->reaction == REACTION_QUEUED;
  /* Whatever it thinks of its content, the API could read the body. */
  if (understood && call->body != NULL && call->generation == call->client->learnt.generation)
    call->client->learnt.array_body = call->array_body;
  switch (verdict->reaction) {
    case REACTION_SUCCESS:
      if (call->body != NULL) call_keep_response(call, page);
      if (call_repeats_token(call, page)) call_strand_followers(call);
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
      again = !too_deep && (try_elsewhere(call, result) || try_later(call, result, verdict->reaction));
      break;
    case REACTION_QUEUED: again = try_when_begun(call); break;
    case REACTION_FILTER:
    case REACTION_STOP: break;
  }
  verdict_explain(verdict, call->attempt, &call->error);
  if (!again) {
    call->too_long = too_deep || took_too_long(verdict);
    call_fail(call, code_of(verdict));
  }
  page_free(page);
}

/* A response that isn't the one to this question is a passing fault, whatever it says. So is one that promises links and has no list of
** them; if it has a token and comes again, it may be a page without links on the way to others. */
static void doubt(const struct call *call, const struct page *page, struct verdict *verdict) {
  const struct asked asked = {.task_id = call->task_id, .position = call->position};
  bool garbled = verdict->reaction == REACTION_SUCCESS && call->body != NULL &&
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

/* The response of a call that nobody waits for yet has grown too large for what is held: others come first. */
static void put_off(struct call *call) {
  memory_budget_note_least(&call->client->memory, page_parser_peak(call->parser));
  call_log_cut_off(call, "it would take too much memory beside the responses that come before it");
  try_at_once(call);
  call_dismiss_followers(call); /* a reader may wait for one of them */
}

void attempt_settle(struct call *call) {
  if (call->put_off) {
    put_off(call);
    return;
  }
  const struct http_result result = *http_done(call->transfer);
  struct page *page = NULL;
  struct error parse_error = {.message = ""};
  if (result.outcome == HTTP_DONE && page_parser_finish(call->parser, &page, &parse_error) != 0) page = NULL;
  struct verdict verdict;
  const struct attempt attempt = {.result = &result, .parser = call->parser, .page = page, .parse_error = &parse_error};
  call->duration_ms = clock_now_ms() - call->started_ms;
  verdict_judge(&verdict, &attempt, call->client->config);
  if (page != NULL) memory_budget_note(&call->client->memory, page_parser_peak(call->parser) + call->response.size);
  if (page != NULL) doubt(call, page, &verdict);
  call_log_attempt(call, &result, page, &verdict);
  long rate_limit = account_rate_limit(&result);
  if (rate_limit > 0 && call->generation == call->client->learnt.generation) call->client->learnt.plan_limit = rate_limit;
  if (result.outcome == HTTP_DONE) call->client->learnt.reached = true;
  if (verdict.suspect) http_distrust(call->transfer);
  adapt_window(call->client, verdict.reaction);
  if (parse_error.kind == ERROR_NO_MEMORY) { /* asking again would cost another request, and no less memory */
    call->error = parse_error;
    call_fail(call, 0);
  } else {
    react(call, &result, page, &verdict);
  }
}
