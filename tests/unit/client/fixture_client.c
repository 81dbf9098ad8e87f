/* The http.h with a script, and calls of the client that is tested. */
#include "fixture_client.h"

#include "client/http_header.h"

struct fake fake;
struct fixture fixture;
struct error failure;

/* ---- An http.h with a script ---- */

struct http_transfer {
  struct http_request request;
  struct http_result result;
  bool done;
  bool aborted;
  struct http_transfer *next;
};

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
                                      .bytes = 77,
                                      .retry_after_s = response->retry_after_s,
                                      .reused = response->reused,
                                      .timed_out = response->timed_out};
  if (response->rate_limit > 0) {
    char line[64];
    snprintf(line, sizeof line, "X-RateLimit-Limit-Requests: %ld\r\n", response->rate_limit);
    http_keep_header(&made->result, request->header_names, line, strlen(line));
  }
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
  for (size_t at = 0; at < size && !oldest->aborted; at += piece)
    oldest->request.on_bytes(oldest->request.context, oldest->request.body + at, size - at < piece ? size - at : piece);
  oldest->done = true;
  return 0;
}

const struct http_result *http_result_of(const struct http_transfer *transfer) {
  return transfer->done ? &transfer->result : NULL;
}

void http_abort(struct http_transfer *transfer) {
  transfer->aborted = true;
  fake.aborted++;
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

/* ---- The client ---- */

static bool interrupted(void *context) {
  struct fixture *this = context;
  return this->patience > 0 && --this->patience == 0;
}

void set_up(void) {
  static const struct response good = {.body = GOOD};
  memset(&fake, 0, sizeof fake);
  fake.run_limit = 1000;
  play(&good, 1);
  fixture = (struct fixture){.config = config_new(), .log = request_log_new()};
  const struct client_hooks hooks = {.context = &fixture, .interrupted = interrupted};
  fixture.client = client_new(fixture.config, fixture.log, &hooks);
  assert_non_null(fixture.client);
  set("api_key", SECRET);
  set("cache_mb", "0");
}

void tear_down(void) {
  client_free(fixture.client);
  request_log_free(fixture.log);
  config_free(fixture.config);
  for (size_t i = 0; i < fake.sent; i++) free(fake.bodies[i]);
}

void set(const char *name, const char *value) {
  if (config_set(fixture.config, name, value, &failure) != 0) fail_msg("%s", failure.message);
}

void play(const struct response *script, size_t size) {
  fake.script = script;
  fake.script_size = size;
}

void change_base(void) {
  fake.before_response = NULL;
  set("base_url", "http://127.0.0.1:1");
  set("api_key", "other");
}

int start_call(const char *task_id, const char *body, struct call **call) {
  const struct call_request request = {.endpoint = &endpoint_links, .columns = UINT64_MAX, .task_id = task_id, .body = body};
  return call_start(fixture.client, &request, call, &failure);
}

int ask(int *status) {
  struct call *call;
  struct page *page = NULL;
  int code = 0;
  if (start_call("t", BODY, &call) != 0) return -1;
  int result = call_wait(call, &page, &code, &failure);
  call_end(call);
  if (status != NULL) *status = code;
  if (result == 0 && page == NULL) result = 1;
  page_free(page);
  return result;
}
