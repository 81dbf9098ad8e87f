/*
** The API's client.
**
** A call goes through attempts. Each attempt is one HTTP request; its verdict (verdict.h) says whether it ends the call or what the
** next attempt has to change: nothing but the time (a passing fault), or the body's form. A call owns its transfer and its
** parser; the client owns the connections and knows its calls, so that it can move them all.
*/
#include "client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buffer.h"
#include "cache.h"
#include "clock.h"
#include "fit.h"
#include "http.h"
#include "memory.h"
#include "parser.h"
#include "rate.h"
#include "verdict.h"

enum {
  SLICE_MS = 100,          /* longest wait between two looks at an interruption */
  BACK_OFF_MS = 500,       /* before the second attempt; doubled for each further one, */
  BACK_OFF_MAX_MS = 30000, /* up to this */
  QUEUE_MIN_MS = 500,      /* between two looks at a crawl that is queued: as long as it has been waited for, at least this, */
  QUEUE_MAX_MS = 10000,    /* at most this */
  UNREACHED_RETRIES = 1,   /* while no answer has ever come: a wrong host doesn't become right by waiting */
  WINDOW_MAX = 30,         /* requests at once: what the API allows at most */
  KEPT_MAX = 8 << 20,      /* bytes of an answer that is kept: a page of 1,000 links has half a megabyte */
  CODE_INVALID_FIELD = 40501,
  CODE_INVALID_BODY = 40503
};

struct client {
  const struct config *config;
  struct request_log *log;
  struct client_host host;
  struct http *http;
  struct cache *cache; /* answers of finished crawls, of the base URL and the account in force */
  unsigned clearings;  /* of the cache, by the user */
  struct call *calls;  /* all that are not ended */
  int running;         /* calls with a transfer */
  struct memory memory;
  const struct call *expected; /* the call that the reader waits for; NULL: he doesn't */
  int readers;                 /* cursors that are open */
  int64_t waited_ms;           /* for their queries, in all */
  int window;                  /* how many may be; narrowed when the API says that it is too many, widened as answers come */
  struct rate rate;
  long plan_limit;     /* requests a minute that the account's plan allows, as answers say; 0: not known */
  unsigned generation; /* of the config that what follows was learnt under */
  bool other_form;     /* the base URL takes the body form that it doesn't publish */
  bool reached;        /* an answer has come from it */
  struct dialect dialect;
  struct totals *totals;
};

enum call_state { CALL_WAITING, CALL_RUNNING, CALL_DONE };

struct call {
  struct client *client;
  struct call *next;
  const struct endpoint *endpoint;
  uint64_t columns; /* to be read from the page */
  struct position position;
  enum keeping keeping;
  enum call_state state;
  unsigned generation;
  const char *method;
  char *url;
  char *task_id; /* or NULL */
  char *token;   /* of the position, or NULL */
  char *body;    /* one JSON object, or NULL for GET */
  bool other_form;
  bool both_forms_tried;
  int attempt; /* requests sent */
  int retries; /* of them, because of a passing fault */
  int64_t created_ms;
  int64_t due_ms; /* CALL_WAITING: when to send */
  char *sent;     /* the body in the form that was sent */
  int64_t started_ms;
  int64_t duration_ms;   /* of the last attempt */
  int64_t started_at_ms; /* wall clock */
  struct http_transfer *transfer;
  struct page_parser *parser;
  struct buffer answer; /* its bytes, if the answer may be kept */
  bool put_off;         /* there was no memory for the answer beside others: it is asked for again */
  bool foreign;         /* the answer is to another question, */
  char misfit[200];     /* … as this shows */
  struct call *leader;  /* CALL_WAITING: a call on its way that asks the same; its answer may be kept by then */
  struct error error;   /* of the last attempt that failed; with `failed`, of the call */
  /* CALL_DONE: */
  struct page *page;
  bool failed;
  bool too_long; /* the API took too long for it */
  int status;
};

/* ---- Time ---- */

static int64_t wall_clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- The client ---- */

struct client *client_new(const struct config *config, struct request_log *log, const struct client_host *host) {
  struct client *client = calloc(1, sizeof *client);
  if (client == NULL) return NULL;
  client->config = config;
  client->log = log;
  client->host = *host;
  client->generation = config_generation(config);
  client->window = WINDOW_MAX;
  client->cache = cache_new();
  client->totals = totals_new();
  client->http = client->cache != NULL && client->totals != NULL ? http_new() : NULL;
  if (client->http == NULL) {
    client_free(client);
    return NULL;
  }
  return client;
}

void client_free(struct client *client) {
  if (client == NULL) return;
  http_free(client->http);
  cache_free(client->cache);
  totals_free(client->totals);
  rate_release(&client->rate);
  free(client);
}

const struct config *client_config(const struct client *client) {
  return client->config;
}

/* What was learnt of one base URL means nothing for another. */
static void forget_other_base(struct client *client) {
  unsigned generation = config_generation(client->config);
  if (client->generation == generation) return;
  client->generation = generation;
  client->other_form = false;
  client->plan_limit = 0;
  client->reached = false;
  rate_forget_hold(&client->rate);
  client->dialect = (struct dialect){0};
  cache_clear(client->cache);
  totals_clear(client->totals);
}

struct totals *client_totals(struct client *client) {
  forget_other_base(client);
  return client->totals;
}

int client_max_in_flight(struct client *client) {
  enum { DATAFORSEO_AT_ONCE = 20 }; /* of the 30 that it takes: the account may be in use elsewhere */
  int number = (int)config_number(client->config, OPTION_MAX_IN_FLIGHT);
  if (number > 0) return number;
  forget_other_base(client);
  return config_is_dataforseo(client->config) ? DATAFORSEO_AT_ONCE : rate_at_once(client->plan_limit);
}

void client_clear_cache(struct client *client) {
  cache_clear(client->cache);
  client->clearings++;
}

bool client_is_full(const struct client *client) {
  return memory_is_full(&client->memory);
}

unsigned client_clearings(const struct client *client) {
  return client->clearings;
}

struct dialect *client_dialect(struct client *client) {
  forget_other_base(client);
  return &client->dialect;
}

/* ---- Ends of a call ---- */

/* Gives up what was kept of the answer, but for a note that nothing of it is. */
static void drop_answer(struct call *call, bool for_good) {
  call->client->memory.held -= call->answer.size;
  buffer_release(&call->answer);
  call->answer.failed = for_good;
}

static void end_attempt(struct call *call) {
  if (call->transfer != NULL) call->client->running--;
  http_end(call->transfer);
  call->transfer = NULL;
  page_parser_free(call->parser);
  call->parser = NULL;
  drop_answer(call, false);
  call->put_off = false;
  call->foreign = false;
  free(call->sent);
  call->sent = NULL;
}

/* The calls that have waited for this one go their own ways. */
static void dismiss_followers(const struct call *leader) {
  for (struct call *call = leader->client->calls; call != NULL; call = call->next)
    if (call->leader == leader) call->leader = NULL;
}

static void finish(struct call *call, struct page *page) {
  end_attempt(call);
  dismiss_followers(call);
  call->page = page;
  call->state = CALL_DONE;
}

static void finish_failed(struct call *call, int status) {
  end_attempt(call);
  dismiss_followers(call);
  call->failed = true;
  call->status = status;
  call->state = CALL_DONE;
}

/* ---- One attempt ---- */

static size_t cache_size(const struct client *client) {
  return config_bytes(client->config, OPTION_CACHE_MB);
}

/* Looks whether an answer that is complete is this call's; a connection that brought another's is out of step. */
static void check_echo(struct call *call) {
  const struct asked asked = {.task_id = call->task_id, .position = call->position};
  struct page_echo echo;
  page_parser_echo(call->parser, &echo);
  call->foreign = call->body != NULL && fit_is_foreign(&asked, &echo, call->misfit, sizeof call->misfit);
  if (call->foreign) http_refuse(call->transfer);
}

/* Keeps the answer's bytes, if they may be kept, and may be worth it. */
static void keep_bytes(struct call *call, const char *bytes, size_t size) {
  struct client *client = call->client;
  size_t most = cache_size(client) < KEPT_MAX ? cache_size(client) : KEPT_MAX;
  size_t before = call->answer.size;
  if (call->body == NULL || call->answer.failed) return;
  if (before + size > most) {
    drop_answer(call, true);
    return;
  }
  buffer_append(&call->answer, bytes, size);
  client->memory.held += call->answer.size - before;
}

/* Whether the reader waits for the call, or for one that waits for it. */
static bool is_expected(const struct call *call) {
  const struct call *expected = call->client->expected;
  return expected != NULL && (expected == call || expected->leader == call);
}

static void take_bytes(void *context, const char *bytes, size_t size) {
  struct call *call = context;
  struct memory *memory = &call->client->memory;
  if (call->put_off) return;
  bool complete = page_parser_is_complete(call->parser);
  page_parser_feed(call->parser, bytes, size);
  if (!complete && page_parser_is_complete(call->parser)) check_echo(call);
  keep_bytes(call, bytes, size);
  if (memory_is_full(memory) && call->answer.size > 0) drop_answer(call, true);
  if (!memory_is_full(memory) || is_expected(call)) return;
  call->put_off = true;
  http_refuse(call->transfer);
}

/* Whether a body goes as [{…}] or {…}: as the host publishes it, unless the other form was found to be the one. */
static bool sends_array(const struct call *call) {
  return config_is_dataforseo(call->client->config) != call->other_form;
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

static int send_attempt(struct call *call, struct error *error) {
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
      .answer_max = config_bytes(config, OPTION_MAX_ANSWER_MB),
      .on_bytes = take_bytes,
      .context = call,
  };
  if (http_start(client->http, &request, &call->transfer, error) != 0) return -1;
  client->running++;
  call->attempt++;
  call->started_ms = clock_now_ms();
  rate_note_sent(&client->rate, call->started_ms);
  call->started_at_ms = wall_clock_ms();
  call->state = CALL_RUNNING;
  return 0;
}

/* ---- The log ---- */

static char *copy_text(const char *text) {
  return text != NULL ? strdup(text) : NULL;
}

static void log_attempt(const struct call *call, const struct http_result *result, const struct page *page,
                        const struct verdict *verdict) {
  struct crawl_state state = {.total_items = -1};
  struct error ignored;
  int64_t items = -1;
  if (page != NULL && verdict->reaction == REACTION_SUCCESS && page_crawl_state(page, &state, &ignored) == 0)
    items = (int64_t)page_item_count(page);
  struct request_record record = {
      .started_at_ms = call->started_at_ms,
      .table_name = copy_text(call->endpoint->table),
      .task_id = copy_text(call->task_id),
      .method = call->method,
      .url = copy_text(call->url),
      .body = copy_text(call->sent),
      .attempt = call->attempt,
      .http_status = verdict->http_status,
      .status_code = verdict->code,
      .status_message = copy_text(result->outcome == HTTP_DONE ? verdict->message : NULL),
      .items = items,
      .total_items_count = items >= 0 ? state.total_items : -1,
      .bytes = result->bytes,
      .duration_ms = call->duration_ms,
      .cost = result->price >= 0 || page == NULL ? result->price : page_cost(page),
      .error = copy_text(verdict->reaction == REACTION_SUCCESS ? NULL : verdict->message),
  };
  request_log_append(call->client->log, &record);
}

/* A request whose answer was cut off has been made all the same. */
static void log_cut_off(const struct call *call, const char *why) {
  const struct http_result result = {.outcome = HTTP_PASSING, .status = 0, .retry_after_s = -1, .price = -1};
  struct verdict verdict = {.reaction = REACTION_STOP};
  snprintf(verdict.message, sizeof verdict.message, "cut off: %s", why);
  log_attempt(call, &result, NULL, &verdict);
}

/* ---- The cache ---- */

/* What is asked, wherever it is sent: the cache is emptied when base URL or account change. NULL when memory ran out. */
static char *cache_key(const struct call *call) {
  struct buffer key = {0};
  buffer_append_text(&key, call->url);
  buffer_append_text(&key, " ");
  buffer_append_text(&key, call->body);
  return buffer_take(&key);
}

/* Whether the answer leads on by the token that asked for it: it names a place on the API's side then, which has moved on. */
static bool repeats_token(const struct call *call, const struct page *page) {
  const char *token = page_token(page);
  return call->token != NULL && token != NULL && strcmp(token, call->token) == 0;
}

/* Keeps the answer of a crawl that has finished. One that is still running will be another the next time. */
static void keep_answer(struct call *call, const struct page *page) {
  struct client *client = call->client;
  struct crawl_state state;
  struct error ignored;
  size_t size = call->answer.size;
  if (size == 0 || call->answer.failed || call->generation != client->generation) return;
  if (call->keeping == KEEPING_NOTHING || repeats_token(call, page)) return;
  if (page_crawl_state(page, &state, &ignored) != 0 || state.progress == NULL || strcmp(state.progress, "finished") != 0)
    return;
  int64_t expires = clock_now_ms() + config_number(client->config, OPTION_CACHE_TTL_S) * 1000;
  char *key = cache_key(call);
  if (key != NULL) cache_put(client->cache, key, call->answer.data, size, call->duration_ms, expires, cache_size(client));
  free(key);
}

static void log_cached(const struct call *call, const struct page *page) {
  struct crawl_state state = {.total_items = -1};
  struct error ignored;
  (void)page_crawl_state(page, &state, &ignored);
  struct request_record record = {
      .started_at_ms = wall_clock_ms(),
      .table_name = copy_text(call->endpoint->table),
      .task_id = copy_text(call->task_id),
      .method = call->method,
      .url = copy_text(call->url),
      .body = copy_text(call->body),
      .attempt = 1,
      .status_code = page_status(page),
      .items = (int64_t)page_item_count(page),
      .total_items_count = state.total_items,
      .from_cache = true,
  };
  request_log_append(call->client->log, &record);
}

/* Ends the call with an answer that was kept, if there is one. */
static bool take_from_cache(struct call *call) {
  struct cached_answer answer;
  struct page *page = NULL;
  if (call->body == NULL || call->keeping != KEEPING_SHARES || cache_size(call->client) == 0) return false;
  char *key = cache_key(call);
  bool found = key != NULL && cache_get(call->client->cache, key, clock_now_ms(), &answer);
  free(key);
  if (!found) return false;
  struct page_parser *parser = page_parser_new(call->endpoint, call->columns, &call->client->memory.held);
  if (parser != NULL) page_parser_feed(parser, answer.bytes, answer.size);
  int result = parser != NULL ? page_parser_finish(parser, &page, &call->error) : error_no_memory(&call->error);
  page_parser_free(parser);
  if (result != 0 && call->error.kind != ERROR_NO_MEMORY) return false;
  if (result != 0) {
    finish_failed(call, 0);
    return true;
  }
  log_cached(call, page);
  call->duration_ms = answer.duration_ms;
  finish(call, page);
  return true;
}

/* A call on its way that asks the same; its answer may serve both. */
static struct call *find_leader(const struct call *call) {
  if (call->body == NULL || call->keeping != KEEPING_SHARES || cache_size(call->client) == 0) return NULL;
  for (struct call *other = call->client->calls; other != call; other = other->next)
    if (other->state != CALL_DONE && other->leader == NULL && other->keeping != KEEPING_NOTHING &&
        other->generation == call->generation && other->body != NULL && strcmp(other->url, call->url) == 0 &&
        strcmp(other->body, call->body) == 0)
      return other;
  return NULL;
}

/* ---- From a verdict to the next step ---- */

/* The time before the next attempt: what the answer asks for, else twice the last one, with jitter so that callers that failed
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

/* Whether it is the depth of the offset that the API takes too long for, as the documents warn: the token is there for that. */
static bool is_too_deep(const struct call *call, const struct verdict *verdict) {
  return took_too_long(verdict) && call->retries > 0 && call->token == NULL &&
         call->position.offset > call->endpoint->offset_rows;
}

static int64_t retries_allowed(const struct client *client, const struct http_result *result) {
  int64_t allowed = config_number(client->config, OPTION_MAX_RETRIES);
  return result->outcome == HTTP_UNREACHED && !client->reached && allowed > UNREACHED_RETRIES ? UNREACHED_RETRIES : allowed;
}

/* Tries again later if the option allows it. */
static bool try_later(struct call *call, const struct http_result *result, enum reaction reaction) {
  if (call->retries >= retries_allowed(call->client, result)) return false;
  call->retries++;
  call->due_ms = clock_now_ms() + back_off_ms(call, result);
  if (reaction == REACTION_WAIT) rate_hold(&call->client->rate, call->due_ms);
  end_attempt(call);
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
  end_attempt(call);
  call->state = CALL_WAITING;
  return true;
}

static void try_at_once(struct call *call) {
  call->due_ms = clock_now_ms();
  end_attempt(call);
  call->state = CALL_WAITING;
}

/* Tries the other form of the body, once. */
static bool try_other_form(struct call *call) {
  if (call->body == NULL || call->both_forms_tried) return false;
  call->both_forms_tried = true;
  call->other_form = !call->other_form;
  try_at_once(call);
  return true;
}

/* A server that closes a connection because nothing was asked for a while may say so by an answer to nothing (408). It looks like one to the
** request that was on its way just then, which then goes again as if it had not been sent. */
static bool try_elsewhere(struct call *call, const struct http_result *result) {
  if (result->status != 408 || !result->reused || call->attempt > 1) return false;
  try_at_once(call);
  return true;
}

static bool has_room(struct client *client) {
  return client->running < client->window && client->running < client_max_in_flight(client);
}

static bool has_memory(const struct call *call) {
  return is_expected(call) || memory_has_room(&call->client->memory, call->client->running);
}

/* Halves the window when the API is asked too much at once or too often, and widens it again answer by answer. */
static void adapt_window(struct client *client, enum reaction reaction) {
  if (reaction == REACTION_FEWER || reaction == REACTION_WAIT)
    client->window = client->running > 1 ? client->running / 2 : 1;
  else if (reaction == REACTION_SUCCESS && client->window < WINDOW_MAX)
    client->window++;
}

/* The token of these calls is the leader's alone, as it turns out: to them it is as good as forgotten. */
static void strand_followers(const struct call *leader) {
  for (struct call *call = leader->client->calls; call != NULL; call = call->next) {
    if (call->leader != leader) continue;
    call->leader = NULL;
    error_set(&call->error, "search_after_token belongs to another scan");
    finish_failed(call, CODE_INVALID_FIELD);
  }
}

/* The API's code, or one that has the same consequence where only HTTP says so. */
static int code_of(const struct verdict *verdict) {
  if (verdict->code != 0) return verdict->code;
  return verdict->reaction == REACTION_FILTER ? CODE_INVALID_FIELD : verdict->reaction == REACTION_BODY ? CODE_INVALID_BODY : 0;
}

/* Takes over page. */
static void react(struct call *call, const struct http_result *result, struct page *page, const struct verdict *verdict) {
  bool again = false;
  bool understood = verdict->reaction == REACTION_SUCCESS || verdict->reaction == REACTION_NO_RESULTS ||
                    verdict->reaction == REACTION_FILTER || verdict->reaction == REACTION_QUEUED;
  /* Whatever it thinks of its content, the API could read the body. */
  if (understood && call->body != NULL && call->generation == call->client->generation)
    call->client->other_form = call->other_form;
  switch (verdict->reaction) {
    case REACTION_SUCCESS:
      if (call->body != NULL) keep_answer(call, page);
      if (repeats_token(call, page)) strand_followers(call);
      finish(call, page);
      return;
    case REACTION_NO_RESULTS:
      page_free(page);
      finish(call, NULL);
      return;
    case REACTION_BODY: again = try_other_form(call); break;
    case REACTION_WAIT:
    case REACTION_FEWER:
    case REACTION_RETRY:
      again = !is_too_deep(call, verdict) && (try_elsewhere(call, result) || try_later(call, result, verdict->reaction));
      break;
    case REACTION_QUEUED: again = try_when_begun(call); break;
    case REACTION_FILTER:
    case REACTION_STOP: break;
  }
  verdict_explain(verdict, call->attempt, &call->error);
  if (!again) {
    call->too_long = took_too_long(verdict);
    finish_failed(call, code_of(verdict));
  }
  page_free(page);
}

/* An answer that isn't the one to this question is a passing fault, whatever it says. So is one that promises links and has no list of
** them; if it has a token and comes again, it may be a page without links on the way to others. */
static void doubt(const struct call *call, const struct page *page, struct verdict *verdict) {
  const struct asked asked = {.task_id = call->task_id, .position = call->position};
  bool garbled = verdict->reaction == REACTION_SUCCESS && call->body != NULL &&
                 (page_token(page) == NULL || call->retries == 0) &&
                 fit_is_garbled(&asked, page, verdict->message, sizeof verdict->message);
  if (!call->foreign && !garbled) return;
  if (call->foreign) snprintf(verdict->message, sizeof verdict->message, "%s", call->misfit);
  verdict->reaction = REACTION_RETRY;
  verdict->suspect = true;
  verdict->code = 0;
  verdict->hint = NULL;
}

/* The answer of a call that nobody waits for yet has grown too large for what is held: others come first. */
static void put_off(struct call *call) {
  memory_note_least(&call->client->memory, page_parser_size(call->parser));
  log_cut_off(call, "it would take too much memory beside the answers that come before it");
  try_at_once(call);
}

static void settle(struct call *call) {
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
  if (page != NULL) memory_note(&call->client->memory, page_size(page));
  if (page != NULL) doubt(call, page, &verdict);
  log_attempt(call, &result, page, &verdict);
  if (result.rate_limit > 0 && call->generation == call->client->generation) call->client->plan_limit = result.rate_limit;
  if (result.outcome == HTTP_DONE) call->client->reached = true;
  if (verdict.suspect) http_distrust(call->transfer);
  adapt_window(call->client, verdict.reaction);
  if (parse_error.kind == ERROR_NO_MEMORY) { /* asking again would cost another request, and no less memory */
    call->error = parse_error;
    finish_failed(call, 0);
  } else {
    react(call, &result, page, &verdict);
  }
}

/* ---- Calls ---- */

static int start(struct client *client, const struct question *question, const char *method, const char *path,
                 struct call **started, struct error *error) {
  const char *task_id = question->task_id;
  const char *body = question->body;
  const char *token = question->position.token;
  forget_other_base(client);
  struct call *call = calloc(1, sizeof *call);
  if (call == NULL) return error_no_memory(error);
  struct buffer url = {0};
  buffer_append_text(&url, config_base_url(client->config));
  buffer_append_text(&url, path);
  call->client = client;
  call->created_ms = clock_now_ms();
  call->endpoint = question->endpoint;
  call->columns = question->columns;
  call->position = question->position;
  call->keeping = question->keeping;
  call->method = method;
  call->generation = client->generation;
  call->other_form = client->other_form;
  call->url = buffer_take(&url);
  call->task_id = copy_text(task_id);
  call->body = copy_text(body);
  call->position.token = call->token = copy_text(token);
  struct call **link = &client->calls; /* the oldest comes first, and is sent first */
  while (*link != NULL) link = &(*link)->next;
  *link = call;
  int result = 0;
  if (call->url == NULL || (task_id != NULL && call->task_id == NULL) || (body != NULL && call->body == NULL) ||
      (token != NULL && call->token == NULL))
    result = error_no_memory(error);
  else if (!(has_memory(call) && take_from_cache(call)) && (call->leader = find_leader(call)) == NULL && has_memory(call) &&
           has_room(client))
    result = send_attempt(call, error);
  if (result != 0) {
    call_end(call);
    return -1;
  }
  *started = call;
  return 0;
}

int call_start(struct client *client, const struct question *question, struct call **call, struct error *error) {
  return start(client, question, "POST", question->endpoint->path, call, error);
}

void call_end(struct call *call) {
  if (call == NULL) return;
  struct call **link = &call->client->calls;
  while (*link != NULL && *link != call) link = &(*link)->next;
  if (*link != NULL) *link = call->next;
  dismiss_followers(call);
  if (call->client->expected == call) call->client->expected = NULL;
  if (call->state == CALL_RUNNING) log_cut_off(call, "its answer was not wanted any more");
  end_attempt(call);
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

/* Sends the calls that are due. *wait_ms becomes shorter if one is due before. */
static void send_due(struct client *client, int *wait_ms) {
  int64_t now = clock_now_ms();
  for (struct call *call = client->calls; call != NULL; call = call->next) {
    if (call->state != CALL_WAITING || call->leader != NULL || !has_memory(call)) continue;
    if (call->attempt == 0 && take_from_cache(call)) {
      *wait_ms = 0; /* there is something to look at */
    } else if (call->due_ms > now) {
      if (call->due_ms - now < *wait_ms) *wait_ms = (int)(call->due_ms - now);
    } else if (has_room(client) && send_attempt(call, &call->error) != 0) {
      finish_failed(call, 0);
      *wait_ms = 0;
    }
  }
}

int client_run(struct client *client, int wait_ms, struct error *error) {
  send_due(client, &wait_ms);
  if (http_run(client->http, wait_ms, error) != 0) return -1;
  for (struct call *call = client->calls; call != NULL; call = call->next)
    if (call->state == CALL_RUNNING && http_done(call->transfer) != NULL) settle(call);
  send_due(client, &wait_ms);
  return 0;
}

void client_enter(struct client *client) {
  if (client->readers++ == 0) client->waited_ms = 0;
}

void client_leave(struct client *client) {
  client->readers--;
}

/* How long the queries may still wait, at most a slice. */
static int wait_left_ms(const struct client *client) {
  int64_t allowed_ms = config_number(client->config, OPTION_QUERY_TIMEOUT_S) * 1000;
  int64_t left_ms = allowed_ms - client->waited_ms;
  if (allowed_ms == 0 || left_ms > SLICE_MS) return SLICE_MS;
  return left_ms > 0 ? (int)left_ms : 0;
}

/* Says what the time was spent on, if there was a fault. */
static int refuse_to_wait(const struct client *client, struct error *error) {
  const struct call *call = client->calls;
  while (call != NULL && (call->state == CALL_DONE || call->error.message[0] == '\0')) call = call->next;
  return error_set(error, "the query has waited for %" PRId64 " s, which is what the option query_timeout_s allows%s%s",
                   config_number(client->config, OPTION_QUERY_TIMEOUT_S), call != NULL ? "; " : "",
                   call != NULL ? call->error.message : "");
}

int client_wait(struct client *client, struct error *error) {
  if (client->host.interrupted(client->host.context)) return error_interrupted(error);
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

int call_await(struct call *call, struct error *error) {
  call_expect(call);
  while (call->state != CALL_DONE)
    if (client_wait(call->client, error) != 0) return -1;
  return 0;
}

bool call_is_cached(const struct call *call) {
  return call->attempt == 0 && !call->failed;
}

bool call_took_too_long(const struct call *call) {
  return call->too_long;
}

int64_t call_duration_ms(const struct call *call) {
  return call->duration_ms;
}

int call_wait(struct call *call, struct page **page, int *status, struct error *error) {
  *status = 0;
  if (call_await(call, error) != 0) return -1;
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
  struct dialect *dialect = client_dialect(client);
  const struct question question = {.endpoint = endpoint};
  if (start(client, &question, "GET", "/on_page/available_filters", &call, error) != 0) return -1;
  int result = call_wait(call, &page, &status, error);
  call_end(call);
  if (result != 0 && (error->kind != ERROR_FAILED || wait_left_ms(client) == 0)) return -1;
  dialect->available_asked = true;
  if (result == 0 && page != NULL) dialect->available = page_available(page);
  page_free(page);
  return 0;
}
