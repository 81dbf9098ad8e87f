/* The API of computed links, the client.h before it, and scans read to their ends. */
#include "fixture_scan.h"

#include <json-c/json.h>

#include "base/buffer.h"
#include "wire/parser.h"

struct api api;
struct error failure;

/* ---- A client.h with an API of its own ---- */

struct client {
  struct config *config;
  struct capabilities capabilities;
  struct call *calls;
};

struct call {
  struct call *next;
  struct client *client;
  size_t number; /* of the request, from 1 */
  bool done;
  struct page *page;
  int status;
};

const struct config *client_config(const struct client *client) {
  return client->config;
}

int client_max_in_flight(struct client *client) {
  int number = (int)config_number(client_config(client), OPTION_MAX_IN_FLIGHT);
  return number > 0 ? number : 5;
}

struct capabilities *client_capabilities(struct client *client) {
  return &client->capabilities;
}

int client_ask_available(struct client *client, const struct endpoint *endpoint, struct error *error) {
  (void)endpoint;
  (void)error;
  api.asked_available++;
  client->capabilities.available_asked = true;
  client->capabilities.available = api.available;
  return 0;
}

int call_start(struct client *client, const struct call_request *request, struct call **call, struct error *error) {
  (void)error;
  struct call *made = calloc(1, sizeof *made);
  assert_non_null(made);
  assert_true(api.requests < BODIES_MAX);
  api.bodies[api.requests++] = strdup(request->body);
  *made = (struct call){.next = client->calls, .client = client, .number = api.requests};
  client->calls = made;
  api.live++;
  *call = made;
  return 0;
}

static long long link_of(long long n) {
  return api.alike > 0 ? n / api.alike : n;
}

/* The filters that the tests use; all others keep every link, as a superset may. */
static bool matches(struct json_object *filters, long long n) {
  if (filters == NULL) return true;
  struct json_object *first = json_object_array_get_idx(filters, 0);
  if (json_object_is_type(first, json_type_array)) {
    for (size_t i = 0; i < json_object_array_length(filters); i += 2)
      if (!matches(json_object_array_get_idx(filters, i), n)) return false;
    return true;
  }
  const char *field = json_object_get_string(first);
  const char *op = json_object_get_string(json_object_array_get_idx(filters, 1));
  struct json_object *value = json_object_array_get_idx(filters, 2);
  if (strcmp(op, "=") != 0) return true;
  if (strcmp(field, "dofollow") == 0) return json_object_get_boolean(value) == (link_of(n) % 2 == 0);
  if (strcmp(field, "page_to_status_code") == 0) return json_object_get_int(value) == (link_of(n) % 5 == 0 ? 404 : 200);
  return true;
}

static void append_link(struct buffer *response, long long n, bool mismatch) {
  bool even = link_of(n) % 2 == 0;
  buffer_append_format(response, "{\"link_to\":\"/%lld\",\"dofollow\":%s,\"page_to_status_code\":%d}", link_of(n),
                       even != mismatch ? "true" : "false", link_of(n) % 5 == 0 ? 404 : 200);
}

static long long number_in(struct json_object *body, const char *key) {
  struct json_object *number;
  return json_object_object_get_ex(body, key, &number) ? json_object_get_int64(number) : 0;
}

/* A token is "number of the request/rows before the next page", and good for that request's other parameters only. */
static long long check_token(struct json_object *body, const char *token) {
  size_t request;
  long long place;
  assert_int_equal(sscanf(token, "%zu/%lld", &request, &place), 2);
  struct json_object *before = json_tokener_parse(api.bodies[request - 1]);
  struct json_object *now = NULL;
  assert_int_equal(json_object_deep_copy(body, &now, NULL), 0);
  json_object_object_del(before, "search_after_token");
  json_object_object_del(now, "search_after_token");
  assert_true(json_object_equal(before, now));
  json_object_put(before);
  json_object_put(now);
  return place;
}

/* Writes the response to a request. False if there are no results. */
static bool write_response(const struct call *call, struct buffer *response) {
  bool fault = call->number == api.nth;
  struct json_object *body = json_tokener_parse(api.bodies[call->number - 1]);
  struct json_object *filters = NULL, *token = NULL;
  json_object_object_get_ex(body, "filters", &filters);
  long long limit = number_in(body, "limit");
  long long skip = number_in(body, "offset");
  if (json_object_object_get_ex(body, "search_after_token", &token)) skip = check_token(body, json_object_get_string(token));
  assert_true(limit >= 1 && limit <= 1000 && skip >= 0 && skip <= 2000000);
  if (fault && api.fault == FAULT_TOO_LONG) limit++;
  long long total = 0, given = 0;
  buffer_append_format(response,
                       "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{\"crawl_progress\":\"%s\",",
                       api.in_progress ? "in_progress" : "finished");
  buffer_append_text(response, "\"items\":[");
  for (long long n = 0; n < api.links; n++) {
    if (!matches(filters, n)) continue;
    if (total++ < skip || given == limit) continue;
    if (given++ > 0) buffer_append_text(response, ",");
    append_link(response, n, fault && api.fault == FAULT_TYPE);
  }
  json_object_put(body);
  bool last = skip + given >= total;
  buffer_append_text(response, "]");
  if (api.total >= 0 && !(fault && api.fault == FAULT_NO_TOTAL))
    buffer_append_format(response, ",\"total_items_count\":%lld", api.total > 0 ? api.total : total);
  if (last && api.last_token == TOKEN_NULL)
    buffer_append_text(response, ",\"search_after_token\":null");
  else if (!api.no_tokens && (!last || api.last_token == TOKEN_PRESENT))
    buffer_append_format(response, ",\"search_after_token\":\"%zu/%lld\"", call->number, skip + given);
  buffer_append_text(response, "}]}]}");
  return !fault || api.fault != FAULT_NO_RESULTS;
}

static void respond(struct call *call) {
  struct buffer response = {0};
  call->done = true;
  if (api.rejects != NULL && strstr(api.bodies[call->number - 1], api.rejects) != NULL)
    call->status = 40501;
  else if (call->number == api.nth && api.fault == FAULT_ERROR)
    call->status = 50000;
  else if (write_response(call, &response)) {
    struct page_parser *parser = page_parser_new(&endpoint_links, UINT64_MAX, NULL);
    page_parser_feed(parser, response.data, response.size);
    assert_int_equal(page_parser_finish(parser, &call->page, &failure), 0);
    page_parser_free(parser);
  }
  buffer_release(&response);
}

/* Responses one call: the oldest, or the newest. */
int client_run(struct client *client, int wait_ms, struct error *error) {
  (void)wait_ms;
  (void)error;
  struct call *next = NULL;
  for (struct call *call = client->calls; call != NULL; call = call->next)
    if (!call->done && (next == NULL || !api.newest_first)) next = call;
  if (next != NULL) respond(next);
  return 0;
}

int client_wait(struct client *client, struct error *error) {
  return client_run(client, 100, error);
}

bool call_is_done(const struct call *call) {
  return call->done;
}

bool call_is_received(const struct call *call) {
  return call->done;
}

/* A response has no head here: its total and token follow the items. */
const struct page *call_head(const struct call *call) {
  (void)call;
  return NULL;
}

static struct totals *totals;

/* Empty each time, unless the API is to remember. */
struct totals *client_totals(struct client *client) {
  (void)client;
  if (totals == NULL) totals = totals_new();
  if (!api.remembers) totals_clear(totals);
  return totals;
}

/* Nothing is kept in this test. */
bool call_is_cached(const struct call *call) {
  (void)call;
  return false;
}

bool call_took_too_long(const struct call *call) {
  (void)call;
  return false;
}

int64_t call_duration_ms(const struct call *call) {
  (void)call;
  return 1;
}

void call_expect(const struct call *call) {
  (void)call;
}

bool client_is_full(const struct client *client) {
  (void)client;
  return false;
}

int call_wait(struct call *call, struct page **page, int *status, struct error *error) {
  while (!call->done)
    if (client_run(call->client, 100, error) != 0) return -1;
  *status = call->status;
  if (call->status != 0) return error_set(error, "the API returned %d", call->status);
  *page = call->page;
  call->page = NULL;
  return 0;
}

void call_end(struct call *call) {
  if (call == NULL) return;
  struct call **link = &call->client->calls;
  while (*link != call) link = &(*link)->next;
  *link = call->next;
  page_free(call->page);
  free(call);
  api.live--;
}

/* ---- Scans ---- */

static struct client client;

void api_begin(const struct api *with) {
  api = *with;
  if (totals != NULL) totals_clear(totals);
  client = (struct client){.config = config_new()};
  assert_non_null(client.config);
}

void api_end(void) {
  assert_int_equal(api.live, 0);
  for (size_t i = 0; i < api.requests; i++) free(api.bodies[i]);
  config_free(client.config);
}

void add_term(struct query *query, const char *column, enum sql_operator op, struct value value) {
  query->terms = realloc(query->terms, (query->term_count + 1) * sizeof *query->terms);
  struct value *values = malloc(sizeof *values);
  assert_true(query->terms != NULL && values != NULL);
  *values = value;
  if (value.type == VALUE_TEXT) {
    char *copy = malloc(value.size + 1);
    assert_non_null(copy);
    memcpy(copy, value.text, value.size);
    copy[value.size] = '\0';
    values->text = copy;
  }
  query->terms[query->term_count++] =
      (struct term){.column = endpoint_column(&endpoint_links, column), .op = op, .values = values, .value_count = 1};
}

struct query everything(void) {
  return (struct query){.endpoint = &endpoint_links, .inputs[INPUT_TASK] = strdup("T-1"), .limit = -1};
}

struct query dofollow(void) {
  struct query query = everything();
  add_term(&query, "dofollow", OPERATOR_EQ, (struct value)INT(1));
  return query;
}

struct scan *open_scan(struct query *query) {
  struct scan *scan = NULL;
  assert_int_equal(scan_open(&client, query, &scan, &failure), 0);
  assert_int_equal(api.live, 0);
  return scan;
}

bool go_on(struct scan *scan) {
  bool row = false;
  if (scan_next(scan, &row, &failure) != 0) fail_msg("%s", failure.message);
  return row;
}

long long link_at(struct scan *scan) {
  struct value value;
  if (scan_value(scan, endpoint_column(&endpoint_links, "link_to"), &value, &failure) != 0) fail_msg("%s", failure.message);
  assert_int_equal(value.type, VALUE_TEXT);
  return strtoll(value.text + 1, NULL, 10);
}

long long known_total(struct query *query) {
  long long total = scan_known_total(&client, query);
  query_release(query);
  return total;
}

long long count_rows(struct query *query) {
  struct scan *scan = open_scan(query);
  long long rows = 0;
  while (go_on(scan)) rows++;
  scan_close(scan);
  return rows;
}

long long read_all(struct query *query, long long first, long long step) {
  long long to_skip = query->offset;
  struct scan *scan = open_scan(query);
  long long rows = 0;
  bool row = true;
  int result = 0;
  while (to_skip-- > 0 && result == 0 && row) result = scan_next(scan, &row, &failure);
  while (row && result == 0 && (result = scan_next(scan, &row, &failure)) == 0 && row)
    assert_true(link_at(scan) == first + rows++ * step);
  scan_close(scan);
  return result == 0 ? rows : -1;
}

void check_request(size_t i, const char *expected) {
  assert_true(i < api.requests);
  assert_string_equal(api.bodies[i], expected);
}
