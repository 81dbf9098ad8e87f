/*
** The client's reactions: body forms, retries, budgets, interruption, messages and log. Linked with an http.h of its
** own, below, which answers from a script, keeps what it was sent, and says that one may come back at once, so that
** nothing here waits.
*/
#include "client/client.h"

#include "../unit.h"
#include "base/buffer.h"
#include "client/http.h"

#define RESULT "\"result\":[{\"crawl_progress\":\"finished\",\"total_items_count\":1,\"items\":[{\"type\":\"a\"}]}]"
#define TASK_RESPONSE(code, rest) "{\"status_code\":20000,\"cost\":0.5,\"tasks\":[{\"status_code\":" code "," rest "}]}"
#define GOOD TASK_RESPONSE("20000", RESULT)
#define REFUSED TASK_RESPONSE("40503", "\"status_message\":\"POST Data Is Invalid.\"")
#define SECRET "s3cret-key"
#define BASIC "bWU6czNjcmV0LWtleQ" /* me:s3cret-key in base64 */
#define BODY "{\"id\":\"t\"}"

/* ---- An http.h with a script ---- */

struct response {
  enum http_outcome outcome;
  long status; /* 0: 200 for HTTP_DONE */
  const char *body;
  const char *message;
  long retry_after_s; /* 0: at once */
  long rate_limit;    /* 0: no such header */
  bool reused;
  bool timed_out;
};

struct http_transfer {
  struct http_request request;
  struct http_result result;
  bool done;
  bool refused;
  struct http_transfer *next;
};

enum { REQUESTS_MAX = 16 };

static struct {
  const struct response *script;
  size_t script_size; /* the last response is repeated */
  size_t sent;        /* requests so far */
  char *bodies[REQUESTS_MAX];
  char urls[REQUESTS_MAX][128];
  char methods[REQUESTS_MAX][8];
  char keys[REQUESTS_MAX][64]; /* bearer, or login:password */
  size_t response_max;         /* of the last request */
  size_t live;                 /* transfers that were not ended */
  size_t refused;              /* … that were told to */
  size_t distrusted;           /* calls of http_distrust */
  size_t runs;
  size_t run_limit; /* a loop beyond it is endless */
  bool silent;      /* no response comes */
  struct http_transfer *transfers;
  void (*before_response)(void);
} fake;

struct http *http_new(void) {
  return malloc(1);
}

void http_free(struct http *http) {
  assert_int_equal(fake.live, 0);
  free(http);
}

int http_start(struct http *http, const struct http_request *request, struct http_transfer **transfer, struct error *error) {
  (void)http;
  (void)error;
  assert_true(fake.sent < REQUESTS_MAX);
  struct http_transfer *made = calloc(1, sizeof *made);
  assert_non_null(made);
  const struct response *response = &fake.script[fake.sent < fake.script_size ? fake.sent : fake.script_size - 1];
  made->request = *request;
  made->result = (struct http_result){.outcome = response->outcome,
                                      .price = -1,
                                      .bytes = 77,
                                      .retry_after_s = response->retry_after_s,
                                      .reused = response->reused,
                                      .timed_out = response->timed_out};
  made->result.rate_limit = response->rate_limit > 0 ? response->rate_limit : -1;
  if (response->outcome == HTTP_DONE) made->result.status = response->status != 0 ? response->status : 200;
  if (response->message != NULL) snprintf(made->result.message, sizeof made->result.message, "%s", response->message);
  made->request.body = response->body; /* from here on: the response's */
  made->next = fake.transfers;
  fake.transfers = made;
  fake.response_max = request->response_max;
  fake.bodies[fake.sent] = strdup(request->body != NULL ? request->body : "");
  snprintf(fake.urls[fake.sent], sizeof fake.urls[0], "%s", request->url);
  snprintf(fake.methods[fake.sent], sizeof fake.methods[0], "%s", request->method);
  if (request->bearer != NULL)
    snprintf(fake.keys[fake.sent], sizeof fake.keys[0], "%s", request->bearer);
  else
    snprintf(fake.keys[fake.sent], sizeof fake.keys[0], "%s:%s", request->login, request->password);
  fake.sent++;
  fake.live++;
  *transfer = made;
  return 0;
}

/* Ends the oldest transfer: one response a run, byte by byte unless it is a large one. */
int http_run(struct http *http, int wait_ms, struct error *error) {
  (void)http;
  (void)wait_ms;
  (void)error;
  if (++fake.runs > fake.run_limit) fail_msg("the client waits without end");
  struct http_transfer *oldest = NULL;
  for (struct http_transfer *transfer = fake.transfers; transfer != NULL; transfer = transfer->next)
    if (!transfer->done) oldest = transfer;
  if (oldest == NULL || fake.silent) return 0;
  if (fake.before_response != NULL) fake.before_response();
  size_t size = oldest->request.body != NULL ? strlen(oldest->request.body) : 0;
  size_t piece = 1 + size / 10000;
  for (size_t at = 0; at < size && !oldest->refused; at += piece)
    oldest->request.on_bytes(oldest->request.context, oldest->request.body + at, size - at < piece ? size - at : piece);
  oldest->done = true;
  return 0;
}

const struct http_result *http_done(const struct http_transfer *transfer) {
  return transfer->done ? &transfer->result : NULL;
}

void http_refuse(struct http_transfer *transfer) {
  transfer->refused = true;
  fake.refused++;
}

void http_distrust(struct http_transfer *transfer) {
  assert_true(transfer->done);
  fake.distrusted++;
}

void http_end(struct http_transfer *transfer) {
  if (transfer == NULL) return;
  struct http_transfer **link = &fake.transfers;
  while (*link != transfer) link = &(*link)->next;
  *link = transfer->next;
  free(transfer);
  fake.live--;
}

const char *http_version(void) {
  return "fake";
}

/* ---- Fixture ---- */

static struct fixture {
  struct config *config;
  struct request_log *log;
  struct client *client;
  size_t patience; /* times that `interrupted` says no; 0: always */
} fixture;

static struct error error;

static bool interrupted(void *context) {
  struct fixture *this = context;
  return this->patience > 0 && --this->patience == 0;
}

static void set(const char *name, const char *value) {
  if (config_set(fixture.config, name, value, &error) != 0) fail_msg("%s", error.message);
}

static void play(const struct response *script, size_t size) {
  fake.script = script;
  fake.script_size = size;
}

static void set_up(void) {
  static const struct response good = {.body = GOOD};
  memset(&fake, 0, sizeof fake);
  fake.run_limit = 1000;
  play(&good, 1);
  fixture = (struct fixture){.config = config_new(), .log = request_log_new()};
  const struct client_host host = {.context = &fixture, .interrupted = interrupted};
  fixture.client = client_new(fixture.config, fixture.log, &host);
  assert_non_null(fixture.client);
  set("api_key", SECRET);
  set("cache_mb", "0");
}

static void tear_down(void) {
  client_free(fixture.client);
  request_log_free(fixture.log);
  config_free(fixture.config);
  for (size_t i = 0; i < fake.sent; i++) free(fake.bodies[i]);
}

static int start_call(const char *task_id, const char *body, struct call **call) {
  const struct call_request request = {.endpoint = &endpoint_links, .columns = UINT64_MAX, .task_id = task_id, .body = body};
  return call_start(fixture.client, &request, call, &error);
}

/* One call, waited for. What it came to: 0 with a page, 1 without, -1; *status (may be NULL) as call_wait. */
static int ask(int *status) {
  struct call *call;
  struct page *page = NULL;
  int code = 0;
  if (start_call("t", BODY, &call) != 0) return -1;
  int result = call_wait(call, &page, &code, &error);
  call_end(call);
  if (status != NULL) *status = code;
  if (result == 0 && page == NULL) result = 1;
  page_free(page);
  return result;
}

/* ---- Requests ---- */

static void test_one_request(void **state) {
  (void)state;
  set_up();
  assert_int_equal(ask(NULL), 0);
  assert_int_equal(fake.sent, 1);
  assert_string_equal(fake.methods[0], "POST");
  assert_string_equal(fake.urls[0], "https://api.aisa.one/apis/v1/dataforseo/on_page/links");
  assert_string_equal(fake.bodies[0], BODY);
  assert_string_equal(fake.keys[0], SECRET);
  tear_down();
}

static void test_nothing_is_sent_without_credentials(void **state) {
  (void)state;
  set_up();
  set("api_key", "");
  assert_int_equal(ask(NULL), -1);
  assert_non_null(strstr(error.message, "api_key"));
  assert_int_equal(fake.sent, 0);
  tear_down();
}

/* ---- Body forms ---- */

static void test_body_forms(void **state) {
  static const struct {
    bool dataforseo;
    struct response responses[4];
    size_t responses_size;
    const char *forms; /* of the requests of two calls: { or [ */
    int first, second; /* what the calls come to */
  } cases[] = {
      {false, {{.body = GOOD}}, 1, "{{", 0, 0},
      {true, {{.body = GOOD}}, 1, "[[", 0, 0},
      {false, {{.body = REFUSED}, {.body = GOOD}}, 2, "{[[", 0, 0},
      {true, {{.body = REFUSED}, {.body = GOOD}}, 2, "[{{", 0, 0},
      {false, {{.status = 400, .body = "Bad Request"}, {.body = GOOD}}, 2, "{[[", 0, 0},
      {false, {{.status = 422, .body = "{\"detail\":[]}"}, {.body = GOOD}}, 2, "{[[", 0, 0},
      /* The other form is tried once a call. */
      {false, {{.body = REFUSED}}, 1, "{[{[", -1, -1},
      {false, {{.body = REFUSED}, {.body = REFUSED}, {.body = GOOD}}, 3, "{[{", -1, 0},
      /* What worked may change. */
      {false, {{.body = REFUSED}, {.body = GOOD}, {.body = REFUSED}, {.body = GOOD}}, 4, "{[[{", 0, 0},
      /* Any other response says that the form was understood, too. */
      {false, {{.body = REFUSED}, {.body = TASK_RESPONSE("40102", "\"result\":null")}, {.body = GOOD}}, 3, "{[[", 1, 0},
      {false, {{.body = REFUSED}, {.body = TASK_RESPONSE("40501", "\"result\":null")}, {.body = GOOD}}, 3, "{[[", -1, 0},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char forms[REQUESTS_MAX + 1] = "";
    set_up();
    if (cases[i].dataforseo) {
      set("base_url", "https://api.dataforseo.com/v3");
      set("login", "me");
      set("password", "pass");
    }
    play(cases[i].responses, cases[i].responses_size);
    assert_int_equal(ask(NULL), cases[i].first);
    assert_int_equal(ask(NULL), cases[i].second);
    for (size_t j = 0; j < fake.sent; j++) {
      forms[j] = fake.bodies[j][0];
      assert_string_equal(fake.bodies[j], forms[j] == '[' ? "[" BODY "]" : BODY);
      assert_string_equal(fake.keys[j], cases[i].dataforseo ? "me:pass" : SECRET);
    }
    if (strcmp(forms, cases[i].forms) != 0) fail_msg("case %zu: %s", i, forms);
    tear_down();
  }
}

static void test_what_was_learnt_belongs_to_a_base_url(void **state) {
  static const struct response responses[] = {{.body = REFUSED}, {.body = GOOD}, {.body = GOOD}};
  (void)state;
  set_up();
  play(responses, LENGTH(responses));
  assert_int_equal(ask(NULL), 0);
  client_capabilities(fixture.client)->text_in_rejected = true;
  set("base_url", "http://127.0.0.1:1/x");
  set("api_key", "other");
  assert_false(client_capabilities(fixture.client)->text_in_rejected);
  assert_int_equal(ask(NULL), 0);
  assert_int_equal(fake.bodies[2][0], '{');
  assert_string_equal(fake.urls[2], "http://127.0.0.1:1/x/on_page/links");
  assert_string_equal(fake.keys[2], "other");
  tear_down();
}

/* ---- Retries ---- */

static const struct response passing[] = {
    {.body = TASK_RESPONSE("50000", "\"result\":null")},
    {.body = "{\"status_code\":50401,\"status_message\":\"Timeout.\",\"tasks\":null}"},
    {.body = "{\"status_code\":50301,\"tasks\":[]}"},
    {.body = "{\"status_code\":40202,\"tasks\":null}"},
    {.body = "{\"status_code\":40209,\"tasks\":null}"},
    {.status = 429, .body = "slow down"},
    {.status = 408, .body = "<html>too slow</html>"},
    {.status = 421, .body = ""},
    {.status = 425, .body = "early"},
    {.status = 500, .body = "<html><h1>Oops</h1>"},
    {.status = 502, .body = ""},
    {.status = 503, .body = "{\"error\":\"later\"}"},
    {.status = 504, .body = "x"},
    {.status = 599, .body = "x"},
    {.status = 500, .body = GOOD}, /* a success that HTTP calls a failure */
    {.outcome = HTTP_PASSING, .message = "connection reset"},
    {.body = ""},
    {.body = "{\"status_code\":20000,\"tasks\":[{\"status_co"},
    {.body = "{\"tasks\":[]}"},
    {.body = "<html>a page of the proxy</html>"},
    {.body = "[]"},
};

static const struct response permanent[] = {
    {.body = TASK_RESPONSE("40401", "\"result\":null")},
    {.body = "{\"status_code\":40100,\"tasks\":null}"},
    {.body = "{\"status_code\":40200,\"tasks\":null}"},
    {.body = "{\"status_code\":40403,\"tasks\":null}"},
    {.body = "{\"status_code\":40501,\"tasks\":null}"},
    {.body = "{\"status_code\":40506,\"tasks\":null}"},
    {.body = "{\"status_code\":40602,\"tasks\":null}"},
    {.body = "{\"status_code\":49999,\"tasks\":null}"},
    {.status = 401, .body = "{\"status_code\":40100}"},
    {.status = 401, .body = "no"},
    {.status = 402, .body = "no"},
    {.status = 403, .body = "no"},
    {.status = 404, .body = "no"},
    {.status = 301, .body = ""},
    {.status = 418, .body = GOOD},
    {.outcome = HTTP_PERMANENT, .message = "a proxy refuses"},
    {.outcome = HTTP_UNTRUSTED, .message = "certificate has expired"},
    {.outcome = HTTP_TOO_LARGE, .message = "too large"},
    {.status = 503, .body = "{\"error\":\"tomorrow\"}", .retry_after_s = 601}, /* nobody waits that long */
};

static void check_attempts(const struct response *responses, size_t count, size_t attempts) {
  for (size_t i = 0; i < count; i++) {
    set_up();
    set("max_retries", "2");
    play(&responses[i], 1);
    int result = ask(NULL);
    if (result != -1 || fake.sent != attempts) fail_msg("response %zu: %d after %zu requests", i, result, fake.sent);
    assert_int_equal(strstr(error.message, "(3 attempts)") != NULL, attempts == 3);
    assert_int_equal(request_log_sent(fixture.log), attempts);
    tear_down();
  }
}

static void test_passing_faults_are_tried_again(void **state) {
  (void)state;
  check_attempts(passing, LENGTH(passing), 3);
}

static void test_permanent_ones_are_not(void **state) {
  (void)state;
  check_attempts(permanent, LENGTH(permanent), 1);
}

static void test_success_after_faults(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(passing); i++) {
    const struct response responses[] = {passing[i], passing[(i + 1) % LENGTH(passing)], {.body = GOOD}};
    set_up();
    set("max_retries", "2");
    play(responses, LENGTH(responses));
    assert_int_equal(ask(NULL), 0);
    assert_int_equal(fake.sent, 3);
    assert_string_equal(fake.bodies[0], fake.bodies[2]);
    tear_down();
  }
}

static void test_number_of_retries(void **state) {
  static const struct response other_form_late[] = {{.body = REFUSED}, {.status = 500, .body = ""}, {.body = GOOD}};
  (void)state;
  set_up();
  set("max_retries", "0");
  play(&passing[0], 1);
  assert_int_equal(ask(NULL), -1);
  assert_int_equal(fake.sent, 1);
  tear_down();
  /* Another form is no retry: that one is still to be had. */
  set_up();
  set("max_retries", "1");
  play(other_form_late, LENGTH(other_form_late));
  int result = ask(NULL);
  if (result != 0) fail_msg("%s", error.message);
  tear_down();
}

/* A host that was never reached is given up soon; one that was may be so again. */
static void test_unreached(void **state) {
  static const struct response never[] = {{.outcome = HTTP_UNREACHED, .message = "no such host"}};
  static const struct response once[] = {{.body = GOOD}, {.outcome = HTTP_UNREACHED, .message = "no such host"}};
  (void)state;
  set_up();
  play(never, LENGTH(never));
  for (size_t i = 1; i < 3; i++) {
    assert_int_equal(ask(NULL), -1);
    assert_int_equal(fake.sent, 2 * i);
    assert_string_equal(error.message, "no response from the API: no such host (2 attempts)");
  }
  set("max_retries", "0");
  assert_int_equal(ask(NULL), -1);
  assert_int_equal(fake.sent, 5);
  tear_down();

  set_up();
  play(once, LENGTH(once));
  set("max_retries", "3");
  assert_int_equal(ask(NULL), 0);
  assert_int_equal(ask(NULL), -1);
  assert_int_equal(fake.sent, 1 + 4);
  set("base_url", "http://127.0.0.1:1"); /* of this one nothing is known */
  set("api_key", "other");
  assert_int_equal(ask(NULL), -1);
  assert_int_equal(fake.sent, 5 + 2);
  tear_down();
}

/* Which faults may be the connection's. */
static void test_distrust(void **state) {
  static const struct {
    struct response response;
    bool distrusted;
  } cases[] = {
      {{.body = GOOD}, false},
      {{.body = TASK_RESPONSE("50000", "\"result\":null")}, false},
      {{.status = 500, .body = "<html><h1>Oops</h1>"}, false},
      {{.status = 503, .body = "{\"error\":\"later\"}"}, false},
      {{.status = 429, .body = "slow down"}, false},
      {{.status = 401, .body = "no"}, false},
      {{.status = 408, .body = ""}, true},
      {{.status = 421, .body = ""}, true},
      {{.body = ""}, true},
      {{.body = "{\"status_code\":20000,\"tasks\":[{\"status_co"}, true},
      {{.body = "[]"}, true},
      {{.outcome = HTTP_PASSING, .message = "timed out"}, true},
      {{.outcome = HTTP_UNREACHED, .message = "refused"}, true},
      {{.outcome = HTTP_UNTRUSTED, .message = "expired"}, false},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    set_up();
    set("max_retries", "0");
    play(&cases[i].response, 1);
    (void)ask(NULL);
    if (fake.distrusted != cases[i].distrusted) fail_msg("case %zu: %zu", i, fake.distrusted);
    tear_down();
  }
}

/* What a server says when it closes a connection that was kept is not meant for the request that was on its way. */
static void test_last_words(void **state) {
  static const struct {
    struct response responses[3];
    int result;
    size_t sent;
  } cases[] = {
      {{{.status = 408, .reused = true}, {.body = GOOD}}, 0, 2},
      {{{.status = 408}, {.body = GOOD}}, -1, 1},
      {{{.status = 408, .reused = true}, {.status = 408, .reused = true}, {.body = GOOD}}, -1, 2},
      {{{.status = 503, .reused = true}, {.body = GOOD}}, -1, 1},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    set_up();
    set("max_retries", "0");
    play(cases[i].responses, LENGTH(cases[i].responses));
    assert_int_equal(ask(NULL), cases[i].result);
    assert_int_equal(fake.sent, cases[i].sent);
    tear_down();
  }
}

/* What is too deep for the API is not asked for again and again: the second time is the last. */
static void test_deep_offsets(void **state) {
  static const struct {
    long long offset;
    struct response response;
    bool too_long;
    size_t sent;
  } cases[] = {
      {30000, {.outcome = HTTP_PASSING, .message = "timed out", .timed_out = true}, true, 2},
      {30000, {.status = 504, .body = "x"}, true, 2},
      {30000, {.outcome = HTTP_PASSING, .message = "reset"}, false, 4},
      {10000, {.outcome = HTTP_PASSING, .message = "timed out", .timed_out = true}, false, 4},
      {10000, {.status = 504, .body = "x"}, true, 4},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct response responses[] = {cases[i].response, cases[i].response, cases[i].response, cases[i].response};
    const struct call_request request = {.endpoint = &endpoint_links,
                                         .columns = UINT64_MAX,
                                         .task_id = "t",
                                         .body = BODY,
                                         .position = {.offset = cases[i].offset, .limit = 1000}};
    struct call *call;
    struct page *page;
    int status;
    set_up();
    set("max_retries", "3");
    play(responses, LENGTH(responses));
    assert_int_equal(call_start(fixture.client, &request, &call, &error), 0);
    assert_int_equal(call_wait(call, &page, &status, &error), -1);
    assert_int_equal(call_took_too_long(call), cases[i].too_long);
    assert_int_equal(fake.sent, cases[i].sent);
    call_end(call);
    tear_down();
  }
}

static void change_base(void) {
  fake.before_response = NULL;
  set("base_url", "http://127.0.0.1:1");
  set("api_key", "other");
}

/* Who asks too often is told to wait, and so is everybody else; but for other faults it is one call alone. */
static void test_waiting_is_for_all(void **state) {
  static const struct {
    struct response response;
    size_t sent;
  } cases[] = {
      {{.status = 429, .body = "slow down", .retry_after_s = 600}, 1},
      {{.body = "{\"status_code\":40202,\"tasks\":null}", .retry_after_s = 600}, 1},
      {{.status = 503, .body = "busy", .retry_after_s = 600}, 2},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct response responses[] = {cases[i].response, {.body = GOOD}};
    struct call *first, *second;
    struct page *page;
    int status;
    set_up();
    set("max_in_flight", "1");
    play(responses, LENGTH(responses));
    assert_int_equal(start_call("t", "1", &first), 0);
    assert_int_equal(start_call("t", "2", &second), 0);
    fixture.patience = 20;
    assert_int_equal(call_wait(first, &page, &status, &error), -1);
    assert_int_equal(error.kind, ERROR_INTERRUPTED);
    assert_int_equal(fake.sent, cases[i].sent);
    assert_true(call_is_done(second) == (cases[i].sent == 2));
    call_end(first);
    call_end(second);
    /* What one API asked for doesn't hold back the next. */
    change_base();
    fixture.patience = 0;
    assert_int_equal(ask(NULL), 0);
    tear_down();
  }
}

/* ---- What a call comes to ---- */

static void test_outcomes(void **state) {
  static const struct {
    struct response response;
    int result, status;
  } cases[] = {
      {{.body = GOOD}, 0, 0},
      {{.body = TASK_RESPONSE("40102", "\"result\":null")}, 1, 0},
      {{.body = TASK_RESPONSE("40501", "\"result\":null")}, -1, 40501},
      {{.body = "{\"status_code\":40100}"}, -1, 40100},
      {{.status = 404, .body = "x"}, -1, 0},
      {{.outcome = HTTP_PERMANENT, .message = "x"}, -1, 0},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    int status = 99;
    set_up();
    play(&cases[i].response, 1);
    assert_int_equal(ask(&status), cases[i].result);
    assert_int_equal(status, cases[i].status);
    tear_down();
  }
}

static void test_messages(void **state) {
  static const struct {
    struct response response;
    const char *parts[3];
  } cases[] = {
      {{.body = TASK_RESPONSE("40401", "\"status_message\":\"Task Not Found.\"")},
       {"40401: Task Not Found; check the task_id"}},
      {{.body = "{\"status_code\":40100,\"status_message\":\"Who?\"}"}, {"40100: Who?", "; set the key"}},
      {{.body = "{\"status_code\":40602,\"tasks\":null}"}, {"40602", "has not begun", "wait_s"}},
      {{.status = 402, .body = "{\"error\":{\"type\":\"x\",\"message\":\"No credit\"}}"},
       {"HTTP 402: No credit", "; check the key"}},
      {{.status = 404, .body = "<html><h1>Not</h1><p>there"}, {"HTTP 404: Not there", "base_url"}},
      {{.status = 403, .body = ""}, {"HTTP 403: not authorized"}},
      {{.body = TASK_RESPONSE("40401", "\"result\":null")}, {"40401: no such task; check the task_id"}},
      {{.body = "{\"status_code\":40999,\"tasks\":null}"}, {"40999: an unknown status"}},
      {{.body = "{\"status_code\":40100,\"status_message\":\"Wait...\"}"}, {"40100: Wait...; set the key"}},
      {{.status = 418, .body = "{\"nothing\":\"useful\"}"}, {"HTTP 418: {\"nothing\":\"useful\"}"}},
      {{.outcome = HTTP_PERMANENT, .message = "no such thing"}, {"no response from the API: no such thing"}},
      {{.outcome = HTTP_UNTRUSTED, .message = "certificate has expired"},
       {"no response from the API: certificate has expired; ", "ca_file", "base_url"}},
      {{.outcome = HTTP_TOO_LARGE, .message = "too large"},
       {"no response from the API: too large; ", "max_response_mb", "page_size"}},
      {{.body = "{\"error\":{\"message\":\"No such key\"}}"},
       {"HTTP 200: a response without status_code: No such key", "base_url"}},
      {{.body = "{\"tasks\":[]}"}, {"HTTP 200: a response without status_code: {\"tasks\":[]}"}},
      {{.status = 429, .body = "Slow down", .retry_after_s = 86400}, {"HTTP 429: Slow down (to be asked again in 86400 s); "}},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    set_up();
    play(&cases[i].response, 1);
    assert_int_equal(ask(NULL), -1);
    for (size_t j = 0; j < LENGTH(cases[i].parts) && cases[i].parts[j] != NULL; j++)
      if (strstr(error.message, cases[i].parts[j]) == NULL) fail_msg("case %zu: %s", i, error.message);
    tear_down();
  }
}

/* ---- Budget and interruption ---- */

static void test_budget(void **state) {
  (void)state;
  set_up();
  set("max_requests", "2");
  assert_int_equal(ask(NULL), 0);
  assert_int_equal(ask(NULL), 0);
  assert_int_equal(ask(NULL), -1);
  assert_non_null(strstr(error.message, "budget of 2 requests"));
  assert_non_null(strstr(error.message, "max_requests"));
  assert_int_equal(fake.sent, 2);
  tear_down();
  /* A retry is a request, too. */
  set_up();
  set("max_requests", "2");
  play(&passing[0], 1);
  assert_int_equal(ask(NULL), -1);
  assert_non_null(strstr(error.message, "budget"));
  assert_int_equal(fake.sent, 2);
  tear_down();
}

/* The transfer is ended; the request was made all the same, and shows in the log. */
static void test_interruption(void **state) {
  (void)state;
  set_up();
  fixture.patience = 5;
  fake.silent = true;
  assert_int_equal(ask(NULL), -1);
  assert_int_equal(error.kind, ERROR_INTERRUPTED);
  assert_int_equal(fake.runs, 4);
  assert_int_equal(fake.live, 0);
  assert_int_equal(fake.sent, 1);
  assert_int_equal(request_log_sent(fixture.log), 1);
  tear_down();
}

/* A call isn't continued with another host or another key. */
static void test_base_url_changed_meanwhile(void **state) {
  (void)state;
  set_up();
  play(&passing[0], 1);
  fake.before_response = change_base;
  assert_int_equal(ask(NULL), -1);
  assert_non_null(strstr(error.message, "changed"));
  assert_int_equal(fake.sent, 1);
  tear_down();
}

/* ---- Side by side ---- */

static void test_calls_in_flight(void **state) {
  enum { CALLS = 5 };
  struct call *calls[CALLS];
  (void)state;
  set_up();
  set("max_in_flight", "2");
  for (int i = 0; i < CALLS; i++) {
    char body[32];
    snprintf(body, sizeof body, "{\"n\":%d}", i);
    assert_int_equal(start_call("t", body, &calls[i]), 0);
  }
  assert_int_equal(fake.sent, 2);
  for (int i = 0; i < CALLS; i++) {
    struct page *page;
    int status;
    assert_true(fake.live <= 2);
    assert_int_equal(call_wait(calls[i], &page, &status, &error), 0);
    assert_true(call_is_done(calls[i]));
    page_free(page);
    call_end(calls[i]);
  }
  for (int i = 0; i < CALLS; i++) assert_int_equal(fake.bodies[i][5], '0' + i); /* the oldest first */
  tear_down();
}

/* How many may be in flight: as set; else 20 at DataForSEO, and elsewhere what the newest response that says so allows. */
static void test_plans(void **state) {
  static const struct {
    long rate_limit;
    int at_once;
  } plans[] = {{0, 5}, {60, 5}, {599, 5}, {600, 20}, {2999, 20}, {3000, 30}, {999999, 30}, {0, 30}, {60, 5}};
  (void)state;
  set_up();
  assert_int_equal(client_max_in_flight(fixture.client), 5);
  for (size_t i = 0; i < LENGTH(plans); i++) {
    const struct response response = {.body = GOOD, .rate_limit = plans[i].rate_limit};
    play(&response, 1);
    assert_int_equal(ask(NULL), 0);
    assert_int_equal(client_max_in_flight(fixture.client), plans[i].at_once);
  }
  const struct response large = {.body = GOOD, .rate_limit = 3000};
  play(&large, 1);
  assert_int_equal(ask(NULL), 0);
  set("max_in_flight", "7");
  assert_int_equal(client_max_in_flight(fixture.client), 7);
  set("max_in_flight", "auto");
  assert_int_equal(client_max_in_flight(fixture.client), 30);
  set("api_key", "of another account");
  assert_int_equal(client_max_in_flight(fixture.client), 5);
  assert_int_equal(ask(NULL), 0);
  assert_int_equal(client_max_in_flight(fixture.client), 30);
  set("base_url", "http://localhost:1");
  assert_int_equal(client_max_in_flight(fixture.client), 5);
  set("base_url", "https://api.dataforseo.com/v3");
  set("login", "me");
  set("password", SECRET);
  assert_int_equal(client_max_in_flight(fixture.client), 20);
  const struct response dataforseo = {.body = GOOD, .rate_limit = 2000};
  play(&dataforseo, 1);
  assert_int_equal(ask(NULL), 0);
  assert_int_equal(client_max_in_flight(fixture.client), 20);
  tear_down();
}

/* Ended calls, sent or not, leave nothing behind and let the others go on. */
static void test_ended_calls_make_room(void **state) {
  struct call *first, *second, *third;
  struct page *page;
  int status;
  (void)state;
  set_up();
  set("max_in_flight", "1");
  assert_int_equal(start_call("t", "1", &first), 0);
  assert_int_equal(start_call("t", "2", &second), 0);
  assert_int_equal(start_call(NULL, "3", &third), 0);
  call_end(second);
  call_end(first);
  assert_int_equal(fake.live, 0);
  assert_int_equal(call_wait(third, &page, &status, &error), 0);
  page_free(page);
  assert_int_equal(fake.sent, 2);
  assert_string_equal(fake.bodies[1], "3");
  call_end(third);
  call_end(NULL);
  tear_down();
}

/* ---- available_filters ---- */

static void test_available_filters(void **state) {
  static const struct response named = {
      .body = TASK_RESPONSE("20000", "\"result\":[{\"links\":{\"text\":\"str\",\"image_alt\":\"num\",\"type\":\"str\"}}]")};
  static const struct response failed = {.body = "{\"status_code\":40400}"};
  (void)state;
  set_up();
  play(&named, 1);
  assert_int_equal(client_ask_available(fixture.client, &endpoint_links, &error), 0);
  assert_string_equal(fake.methods[0], "GET");
  assert_string_equal(fake.urls[0], "https://api.aisa.one/apis/v1/dataforseo/on_page/available_filters");
  struct capabilities *capabilities = client_capabilities(fixture.client);
  assert_true(capabilities->available_asked);
  assert_true((capabilities->available >> endpoint_column(&endpoint_links, "text") & 1) == 1);
  assert_true((capabilities->available >> endpoint_column(&endpoint_links, "image_alt") & 1) ==
              0); /* of a type that doesn't fit */
  tear_down();

  set_up();
  play(&failed, 1);
  assert_int_equal(client_ask_available(fixture.client, &endpoint_links, &error), 0);
  assert_true(client_capabilities(fixture.client)->available_asked);
  assert_true(client_capabilities(fixture.client)->available == 0);
  tear_down();

  set_up();
  fake.silent = true;
  fixture.patience = 2;
  assert_int_equal(client_ask_available(fixture.client, &endpoint_links, &error), -1);
  assert_int_equal(error.kind, ERROR_INTERRUPTED);
  assert_false(client_capabilities(fixture.client)->available_asked);
  tear_down();
}

/* ---- The log ---- */

static void test_log(void **state) {
  static const struct response responses[] = {{.status = 503, .body = "busy"}, {.body = GOOD}};
  (void)state;
  set_up();
  play(responses, LENGTH(responses));
  assert_int_equal(ask(NULL), 0);
  const struct request_record *first = request_log_get(fixture.log, 0), *second = request_log_get(fixture.log, 1);
  assert_non_null(second);
  assert_null(request_log_get(fixture.log, 2));
  assert_int_equal(first->seq, 1);
  assert_int_equal(first->attempt, 1);
  assert_int_equal(first->http_status, 503);
  assert_int_equal(first->status_code, 0);
  assert_int_equal(first->items, -1);
  assert_int_equal(first->total_items_count, -1);
  assert_string_equal(first->error, "busy");
  assert_int_equal(second->seq, 2);
  assert_int_equal(second->attempt, 2);
  assert_int_equal(second->http_status, 200);
  assert_int_equal(second->status_code, 20000);
  assert_int_equal(second->items, 1);
  assert_int_equal(second->total_items_count, 1);
  assert_int_equal(second->bytes, 77);
  assert_true(second->cost == 0.5);
  assert_null(second->error);
  assert_false(second->from_cache);
  assert_string_equal(second->table_name, "onpage_links");
  assert_string_equal(second->task_id, "t");
  assert_string_equal(second->method, "POST");
  assert_string_equal(second->url, fake.urls[0]);
  assert_string_equal(second->body, BODY);
  tear_down();
}

/* ---- Responses kept ---- */

/* However long they may be kept, and however much of them there may be. */
static void test_kept(void **state) {
  static const char *const seconds[] = {"3600", "2592000", "2147483647"};
  (void)state;
  for (size_t i = 0; i < LENGTH(seconds); i++) {
    set_up();
    set("cache_ttl_s", seconds[i]);
    set("cache_mb", "4096");
    assert_int_equal(ask(NULL), 0);
    assert_int_equal(ask(NULL), 0);
    assert_int_equal(fake.sent, 1);
    tear_down();
  }
}

/* ---- Size ---- */

/* A response of more values than memory should be spent on is refused, whatever its bytes. */
static void test_values(void **state) {
  static const struct {
    const char *piece;
    size_t count;
    int result;
  } cases[] = {{"0,", 90000, 0},   {"0,", 120000, -1},      {"{},", 10000, 0},
               {"{},", 20000, -1}, {"[[],[]],", 20000, -1}, {"\",\",", 90000, -1}};
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct buffer body = {0};
    buffer_append_text(&body, "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000," RESULT "}],\"more\":[");
    for (size_t k = 0; k < cases[i].count; k++) buffer_append_text(&body, cases[i].piece);
    buffer_append_text(&body, "0]}");
    set_up();
    const struct response response = {.body = body.data};
    play(&response, 1);
    assert_int_equal(ask(NULL), cases[i].result);
    if (cases[i].result != 0 && strstr(error.message, "more values than any page") == NULL)
      fail_msg("%s: %s", cases[i].piece, error.message);
    assert_int_equal(fake.sent, 1);
    tear_down();
    buffer_release(&body);
  }
}

/* Bytes are counted by http.h; the option says how many. */
static void test_response_max(void **state) {
  (void)state;
  set_up();
  assert_int_equal(ask(NULL), 0);
  assert_true(fake.response_max == (size_t)64 << 20);
  set("max_response_mb", "3");
  assert_int_equal(ask(NULL), 0);
  assert_true(fake.response_max == (size_t)3 << 20);
  tear_down();
}

/* ---- Secrets ---- */

static void check_has_no_secret(const char *text) {
  if (text != NULL && (strstr(text, SECRET) != NULL || strstr(text, BASIC) != NULL || strstr(text, "s3cret") != NULL))
    fail_msg("%s", text);
}

/* An API may repeat what it was sent. */
static void test_no_credential_is_shown(void **state) {
  static char cut_off[1200];
  static const struct response responses[] = {
      {.status = 401, .body = "{\"error\":{\"message\":\"no such key: " SECRET "\"}}"},
      {.status = 401, .body = "Bearer " SECRET " " SECRET},
      {.body = "{\"status_code\":40100,\"status_message\":\"" SECRET "\"}"},
      {.body = TASK_RESPONSE("40100", "\"status_message\":\"key " SECRET "!\"")},
      {.status = 401, .body = "<p>" SECRET "</p>"},
      {.outcome = HTTP_PERMANENT, .message = "bad header: " SECRET},
      {.status = 401, .body = "Authorization: Basic " BASIC "=="},
      {.status = 401, .body = "{\"headers\":{\"Authorization\":\"Basic " BASIC "==\",\"key\":\"" SECRET "\"}}"},
      {.status = 401, .body = cut_off}, /* what is kept of a response ends in the middle of it */
  };
  (void)state;
  memset(cut_off, 'x', sizeof cut_off - 1);
  memcpy(cut_off + 1024 - strlen("s3cret"), SECRET, strlen(SECRET));
  for (size_t i = 0; i < LENGTH(responses); i++)
    for (int basic = 0; basic < 2; basic++) {
      set_up();
      if (basic) set("base_url", "https://api.dataforseo.com/v3");
      set("login", "me");
      set("password", SECRET);
      play(&responses[i], 1);
      assert_int_equal(ask(NULL), -1);
      check_has_no_secret(error.message);
      const struct request_record *record = request_log_get(fixture.log, 0);
      check_has_no_secret(record->status_message);
      check_has_no_secret(record->error);
      check_has_no_secret(record->url);
      check_has_no_secret(record->body);
      tear_down();
    }
}

/* White space in a key is another when a message has been made one line of a response's text. */
static void test_blanks_in_a_credential(void **state) {
  static const char *const keys[] = {"my  key  of blanks", "my\xC2\xA0key\xC2\xA0of\xE3\x80\x80 blanks",
                                     "my \xC2\xA0key\xE2\x80\x8B of blanks"};
  static const char *const texts[] = {"no such key: %s", "{\"message\":\"%s is not known\"}", "<p>%s</p>", "{\"x\":[\"%s\"]}"};
  (void)state;
  for (size_t i = 0; i < LENGTH(keys) * LENGTH(texts); i++) {
    char body[200];
    const char *key = keys[i % LENGTH(keys)];
    const struct response response = {.status = 401, .body = body};
    snprintf(body, sizeof body, texts[i / LENGTH(keys)], key); /* NOLINT: a text of the table */
    set_up();
    set("api_key", key);
    play(&response, 1);
    assert_int_equal(ask(NULL), -1);
    if (strstr(error.message, "blanks") != NULL) fail_msg("%s", error.message);
    assert_null(strstr(request_log_get(fixture.log, 0)->status_message, "blanks"));
    tear_down();
  }
}

/* What a page of HTML has of a key may look like a tag in it, and is taken out. */
static void test_tags_in_a_credential(void **state) {
  static const char *const bodies[] = {"<p>no such key: secret<b>of-mine</p>", "<p>no such key: secret&lt;b&gt;of-mine</p>",
                                       "{\"message\":\"/?key=secret%3Cb%3Eof-mine is not known\"}"};
  (void)state;
  for (size_t i = 0; i < LENGTH(bodies); i++) {
    const struct response response = {.status = 401, .body = bodies[i]};
    set_up();
    set("api_key", "secret<b>of-mine");
    play(&response, 1);
    assert_int_equal(ask(NULL), -1);
    if (strstr(error.message, "secret") != NULL || strstr(error.message, "mine") != NULL) fail_msg("%s", error.message);
    tear_down();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_request),
      cmocka_unit_test(test_nothing_is_sent_without_credentials),
      cmocka_unit_test(test_body_forms),
      cmocka_unit_test(test_what_was_learnt_belongs_to_a_base_url),
      cmocka_unit_test(test_passing_faults_are_tried_again),
      cmocka_unit_test(test_permanent_ones_are_not),
      cmocka_unit_test(test_success_after_faults),
      cmocka_unit_test(test_number_of_retries),
      cmocka_unit_test(test_waiting_is_for_all),
      cmocka_unit_test(test_outcomes),
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_budget),
      cmocka_unit_test(test_interruption),
      cmocka_unit_test(test_base_url_changed_meanwhile),
      cmocka_unit_test(test_calls_in_flight),
      cmocka_unit_test(test_plans),
      cmocka_unit_test(test_ended_calls_make_room),
      cmocka_unit_test(test_available_filters),
      cmocka_unit_test(test_log),
      cmocka_unit_test(test_unreached),
      cmocka_unit_test(test_distrust),
      cmocka_unit_test(test_last_words),
      cmocka_unit_test(test_deep_offsets),
      cmocka_unit_test(test_kept),
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_response_max),
      cmocka_unit_test(test_no_credential_is_shown),
      cmocka_unit_test(test_blanks_in_a_credential),
      cmocka_unit_test(test_tags_in_a_credential),
  };
  return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
