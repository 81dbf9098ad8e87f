/*
** A scan's rows and the requests that it makes for them: paging, ends, counts, OFFSET, rejected filters, row
** identity. Linked with a client.h of its own, below: an API of computed links that holds the reader to the rules of
** tokens and keeps every body.
*/
#include "scan/scan.h"

#include <json-c/json.h>

#include "../unit.h"
#include "base/buffer.h"
#include "wire/parser.h"

/* ---- A client.h with an API behind it ---- */

enum last_token { TOKEN_NULL, TOKEN_ABSENT, TOKEN_PRESENT };
enum { BODIES_MAX = 64, NO_TOTAL = -2 };

/* One link in `alike` is another; link n has dofollow where n is even and status 404 where n is a multiple of 5. */
static struct api {
  long long links;
  long long alike; /* links that follow each other and are equal; 0: none */
  enum last_token last_token;
  bool no_tokens;  /* on no page */
  long long total; /* what total_items_count says: 0: the truth, NO_TOTAL: null */
  bool in_progress;
  const char *rejects; /* a body with this text in it is answered 40501 */
  size_t nth;          /* the request (from 1) with a fault; 0: none */
  enum { FAULT_ERROR, FAULT_NO_RESULTS, FAULT_TOO_LONG, FAULT_NO_TOTAL, FAULT_MISFIT } fault;
  bool newest_first; /* responses overtake each other */
  unsigned long long available;
  /* What came of it: */
  char *bodies[BODIES_MAX];
  size_t requests;
  size_t asked_available;
  int live; /* calls that were not ended */
} api;

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

static struct error error;

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

int client_ask_available(struct client *client, const struct endpoint *endpoint, struct error *failure) {
  (void)endpoint;
  (void)failure;
  api.asked_available++;
  client->capabilities.available_asked = true;
  client->capabilities.available = api.available;
  return 0;
}

int call_start(struct client *client, const struct call_request *request, struct call **call, struct error *failure) {
  (void)failure;
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

/* Writes the response to a request. False where there are no results to be written. */
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
    append_link(response, n, fault && api.fault == FAULT_MISFIT);
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

static void answer_call(struct call *call) {
  struct buffer response = {0};
  call->done = true;
  if (api.rejects != NULL && strstr(api.bodies[call->number - 1], api.rejects) != NULL)
    call->status = 40501;
  else if (call->number == api.nth && api.fault == FAULT_ERROR)
    call->status = 50000;
  else if (write_response(call, &response)) {
    struct page_parser *parser = page_parser_new(&endpoint_links, UINT64_MAX, NULL);
    page_parser_feed(parser, response.data, response.size);
    assert_int_equal(page_parser_finish(parser, &call->page, &error), 0);
    page_parser_free(parser);
  }
  buffer_release(&response);
}

/* Responses one call: the oldest, or the newest. */
int client_run(struct client *client, int wait_ms, struct error *failure) {
  (void)wait_ms;
  (void)failure;
  struct call *next = NULL;
  for (struct call *call = client->calls; call != NULL; call = call->next)
    if (!call->done && (next == NULL || !api.newest_first)) next = call;
  if (next != NULL) answer_call(next);
  return 0;
}

int client_wait(struct client *client, struct error *failure) {
  return client_run(client, 100, failure);
}

bool call_is_done(const struct call *call) {
  return call->done;
}

/* Totals are remembered for nobody here. */
struct totals *client_totals(struct client *client) {
  (void)client;
  static struct totals *totals;
  if (totals == NULL) totals = totals_new();
  totals_clear(totals);
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

int call_wait(struct call *call, struct page **page, int *status, struct error *failure) {
  while (!call->done)
    if (client_run(call->client, 100, failure) != 0) return -1;
  *status = call->status;
  if (call->status != 0) return error_set(failure, "the API answered %d", call->status);
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

/* ---- Fixture ---- */

static struct client client;

static void begin(const struct api *with) {
  api = *with;
  client = (struct client){.config = config_new()};
  assert_non_null(client.config);
}

static void end(void) {
  assert_int_equal(api.live, 0);
  for (size_t i = 0; i < api.requests; i++) free(api.bodies[i]);
  config_free(client.config);
}

static void add_term(struct query *query, const char *column, enum sql_operator op, struct value value) {
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

static struct query everything(void) {
  return (struct query){.endpoint = &endpoint_links, .inputs[INPUT_TASK] = strdup("T-1"), .limit = -1};
}

static struct query dofollow(void) {
  struct query query = everything();
  add_term(&query, "dofollow", OPERATOR_EQ, (struct value)INT(1));
  return query;
}

static struct scan *open_scan(struct query *query) {
  struct scan *scan = NULL;
  assert_int_equal(scan_open(&client, query, &scan, &error), 0);
  assert_int_equal(api.live, 0);
  return scan;
}

static bool go_on(struct scan *scan) {
  bool row = false;
  if (scan_next(scan, &row, &error) != 0) fail_msg("%s", error.message);
  return row;
}

/* The number in link_to of the present row. */
static long long link_at(struct scan *scan) {
  struct value value;
  if (scan_value(scan, endpoint_column(&endpoint_links, "link_to"), &value, &error) != 0) fail_msg("%s", error.message);
  assert_int_equal(value.type, VALUE_TEXT);
  return strtoll(value.text + 1, NULL, 10);
}

/* Reads a scan to its end, but doesn't look at the rows that its OFFSET skips: how many rows come behind them, which must be first,
** first + step …; -1 for an error. */
static long long read_all(struct query *query, long long first, long long step) {
  long long to_skip = query->offset;
  struct scan *scan = open_scan(query);
  long long rows = 0;
  bool row = true;
  int result = 0;
  while (to_skip-- > 0 && result == 0 && row) result = scan_next(scan, &row, &error);
  while (row && result == 0 && (result = scan_next(scan, &row, &error)) == 0 && row)
    assert_true(link_at(scan) == first + rows++ * step);
  scan_close(scan);
  return result == 0 ? rows : -1;
}

static void check_request(size_t i, const char *expected) {
  assert_true(i < api.requests);
  assert_string_equal(api.bodies[i], expected);
}

/* ---- Paging and ends ---- */

/* How many requests show that the last page was the last. One that is full, with a token, may have another behind it. A total of whole
** thousands may be a cap: not if a chain of tokens has ended there. Without a total, an end is where nothing comes any more, twice if
** a token leads on, or a page that is short and not round. */
static size_t looks_behind(long long links, enum last_token token, bool has_total) {
  if (!has_total && token == TOKEN_PRESENT) return links == 0 ? 1 : 2;
  if (!has_total) return links > 0 && links % 10 == 0;
  if (links == 0 || links % 1000 != 0) return 0;
  return token == TOKEN_PRESENT ? 2 : links == 1000;
}

static void test_every_size_and_every_end(void **state) {
  static const long long sizes[] = {0, 1, 999, 1000, 1001, 2000, 2500};
  (void)state;
  for (size_t i = 0; i < LENGTH(sizes); i++)
    for (int token = TOKEN_NULL; token <= TOKEN_PRESENT; token++)
      for (int total = 0; total >= NO_TOTAL; total += NO_TOTAL)
        for (int newest_first = 0; newest_first < 2; newest_first++) {
          begin(&(struct api){
              .links = sizes[i], .last_token = (enum last_token)token, .total = total, .newest_first = newest_first != 0});
          struct query query = everything();
          assert_int_equal(read_all(&query, 0, 1), sizes[i]);
          size_t pages = sizes[i] == 0 ? 1 : (size_t)(sizes[i] + 999) / 1000;
          size_t more = looks_behind(sizes[i], (enum last_token)token, total != NO_TOTAL);
          if (api.requests != pages + more) fail_msg("%lld links: %zu requests", sizes[i], api.requests);
          end();
        }
}

/* Where the total is capped, tokens lead on. */
static void test_capped_total(void **state) {
  (void)state;
  begin(&(struct api){.links = 3500, .total = 1000});
  struct query query = everything();
  assert_int_equal(read_all(&query, 0, 1), 3500);
  end();
}

static void test_a_shorter_table_is_an_error(void **state) {
  static const struct {
    struct api api;
    const char *message; /* NULL: no error */
  } cases[] = {
      {{.links = 2500, .total = 3000}, "promised 3000 links but ended after 2500"},
      {{.links = 2000, .total = 3000}, "promised 3000 links but ended after 2000"},
      {{.links = 0, .total = 1}, "promised 1 links but ended after 0"},
      {{.links = 2500, .total = 3000, .in_progress = true}, "promised 3000 links but ended after 2500"},
      {{.links = 2500, .nth = 2, .fault = FAULT_ERROR}, "the API answered 50000"},
      {{.links = 2500, .nth = 1, .fault = FAULT_TOO_LONG}, "1001 links where 1000 were asked for"},
      /* The first page promised more, whatever the last one says. */
      {{.links = 2500, .nth = 2, .fault = FAULT_NO_RESULTS}, "2500"},
      {{.links = 1500, .total = 3000, .nth = 2, .fault = FAULT_NO_TOTAL}, "3000"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    begin(&cases[i].api);
    struct query query = everything();
    long long rows = read_all(&query, 0, 1);
    if ((rows == -1) != (cases[i].message != NULL)) fail_msg("case %zu: %lld rows", i, rows);
    if (rows == -1 && strstr(error.message, cases[i].message) == NULL) fail_msg("case %zu: %s", i, error.message);
    end();
  }
}

static void test_errors_say_where(void **state) {
  (void)state;
  begin(&(struct api){.links = 2500, .nth = 2, .fault = FAULT_ERROR});
  struct query query = everything();
  assert_int_equal(read_all(&query, 0, 1), -1);
  assert_memory_equal(error.message, "onpage_links: ", 14);
  assert_non_null(strstr(error.message, "T-1"));
  assert_non_null(strstr(error.message, "after 1000 rows"));
  end();
}

/* Offsets up to 20,000 rows, then the chain: the fake checks that a token comes with the parameters it belongs to. */
static void test_chain_of_tokens(void **state) {
  (void)state;
  for (int newest_first = 0; newest_first < 2; newest_first++) {
    begin(&(struct api){.links = 23500, .newest_first = newest_first != 0});
    struct query query = everything();
    assert_int_equal(read_all(&query, 0, 1), 23500);
    assert_int_equal(api.requests, 24);
    for (size_t i = 0; i < api.requests; i++) {
      bool token = strstr(api.bodies[i], "search_after_token") != NULL;
      assert_int_equal(token, i >= 20);
    }
    check_request(0, "{\"id\":\"T-1\",\"limit\":1000}");
    check_request(23, "{\"id\":\"T-1\",\"limit\":1000,\"offset\":19000,\"search_after_token\":\"23/23000\"}");
    end();
  }
}

static void test_no_tokens_at_all(void **state) {
  (void)state;
  begin(&(struct api){.links = 21500, .no_tokens = true});
  struct query query = everything();
  assert_int_equal(read_all(&query, 0, 1), 21500);
  assert_int_equal(api.requests, 22);
  check_request(21, "{\"id\":\"T-1\",\"limit\":1000,\"offset\":21000}");
  end();
}

/* ---- How much is asked for ---- */

static void test_limit_sizes_the_first_request(void **state) {
  static const struct {
    long long limit, rows; /* rows that the reader takes */
    const char *body;
    size_t requests;
  } cases[] = {
      {10, 10, "{\"id\":\"T-1\",\"limit\":10}", 1},
      {1, 1, "{\"id\":\"T-1\",\"limit\":1}", 1},
      {1000, 1000, "{\"id\":\"T-1\",\"limit\":1000}", 1},
      {1500, 1500, "{\"id\":\"T-1\",\"limit\":1000}", 2},
      {0, 0, "{\"id\":\"T-1\",\"limit\":1}", 1},
      {10, 25, "{\"id\":\"T-1\",\"limit\":10}", 2}, /* what SQLite drops is to be replaced */
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    begin(&(struct api){.links = 5000});
    struct query query = everything();
    query.limit = cases[i].limit;
    struct scan *scan = open_scan(&query);
    for (long long row = 0; row < cases[i].rows; row++) {
      assert_true(go_on(scan));
      assert_true(link_at(scan) == row);
    }
    if (cases[i].rows == 0) assert_true(go_on(scan));
    scan_close(scan);
    check_request(0, cases[i].body);
    if (api.requests != cases[i].requests) fail_msg("case %zu: %zu requests", i, api.requests);
    end();
  }
}

static void test_nothing_before_the_first_row_and_after_the_last(void **state) {
  (void)state;
  begin(&(struct api){.links = 5000});
  struct query query = everything();
  struct scan *scan = open_scan(&query);
  assert_int_equal(api.requests, 0);
  assert_true(go_on(scan));
  assert_int_equal(api.requests, 1);
  for (int i = 0; i < 100; i++) assert_true(go_on(scan));
  assert_true(api.requests <= 2); /* one ahead */
  scan_close(scan);               /* what is under way is ended: see end() */
  end();

  begin(&(struct api){.links = 1500});
  query = everything();
  scan = open_scan(&query);
  for (int i = 0; i < 1500; i++) assert_true(go_on(scan));
  for (int i = 0; i < 3; i++) assert_false(go_on(scan));
  assert_int_equal(api.requests, 2);
  scan_close(scan);
  scan_close(NULL);
  end();
}

static void test_impossible_terms_make_no_request(void **state) {
  (void)state;
  begin(&(struct api){.links = 10});
  struct query query = everything();
  add_term(&query, "dofollow", OPERATOR_EQ, (struct value)INT(2));
  assert_int_equal(read_all(&query, 0, 1), 0);
  assert_int_equal(api.requests, 0);
  end();
}

static void test_faulty_filters_make_no_request(void **state) {
  static const struct {
    const char *filters, *message;
  } cases[] = {
      {"[\"a\"]", "is not a condition"},
      {"[[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\","
       "[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1],\"or\",[\"a\",\"=\",1]]",
       "9 conditions"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    begin(&(struct api){.links = 10});
    struct query query = everything();
    query.inputs[INPUT_FILTERS] = strdup(cases[i].filters);
    assert_int_equal(read_all(&query, 0, 1), -1);
    assert_non_null(strstr(error.message, cases[i].message));
    assert_int_equal(api.requests, 0);
    end();
  }
}

/* ---- Counts ---- */

static long long count_rows(struct query *query) {
  struct scan *scan = open_scan(query);
  long long rows = 0;
  while (go_on(scan)) rows++;
  scan_close(scan);
  return rows;
}

static void test_counts_take_one_small_request(void **state) {
  static const struct {
    long long links, offset, total, rows;
    size_t requests;
    const char *body;
  } cases[] = {
      {5000, 0, 0, 2500, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {0, 0, 0, 0, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {5000, 100, 0, 2500, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {5000, 2500, 0, 2500, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {5000, 9999, 0, 2500, 1, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    begin(&(struct api){.links = cases[i].links, .total = cases[i].total});
    struct query query = dofollow();
    query.count = true;
    query.offset = cases[i].offset;
    assert_int_equal(count_rows(&query), cases[i].rows);
    assert_int_equal(api.requests, cases[i].requests);
    check_request(0, cases[i].body);
    end();
  }
}

static void test_counts_that_have_to_read(void **state) {
  (void)state;
  begin(&(struct api){.links = 3000, .total = NO_TOTAL});
  struct query query = dofollow();
  query.count = true;
  assert_int_equal(count_rows(&query), 1500);
  end();

  begin(&(struct api){.links = 50, .nth = 1, .fault = FAULT_NO_RESULTS});
  query = dofollow();
  query.count = true;
  assert_int_equal(count_rows(&query), 0);
  assert_int_equal(api.requests, 1);
  end();

  /* A term that is no exact one: the rows are needed. */
  begin(&(struct api){.links = 50});
  query = everything();
  add_term(&query, "link_to", OPERATOR_LIKE, (struct value)TEXT("/%"));
  query.count = true;
  assert_int_equal(count_rows(&query), 50);
  check_request(0, "{\"id\":\"T-1\",\"limit\":1000,\"filters\":[\"link_to\",\"regex\",\"(?is)^/.*$\"]}");
  end();
}

/* What exact terms fix is told without the rows; another column fetches them, from the present one on. */
static void test_a_count_that_is_read_after_all(void **state) {
  static const int first_reads[] = {1, 2, 700, 1250};
  (void)state;
  for (size_t i = 0; i < LENGTH(first_reads); i++)
    for (long long offset = 0; offset <= 10; offset += 10) {
      int fixed = endpoint_column(&endpoint_links, "dofollow");
      int total = endpoint_column(&endpoint_links, "total_items_count");
      char body[128], place[32] = "";
      struct value value;
      begin(&(struct api){.links = 2520});
      struct query query = dofollow();
      query.count = true;
      query.offset = offset;
      struct scan *scan = open_scan(&query);
      for (int row = 1; row <= 1260; row++) {
        assert_true(go_on(scan));
        assert_int_equal(scan_value(scan, fixed, &value, &error), 0);
        assert_true(value.type == VALUE_INTEGER && value.integer == 1);
        assert_int_equal(scan_value(scan, total, &value, &error), 0);
        assert_true(value.type == VALUE_INTEGER && value.integer == 1260);
        if (row < first_reads[i]) assert_int_equal(api.requests, 1);
        if (row >= first_reads[i]) assert_true(link_at(scan) == 2 * (row - 1));
      }
      assert_false(go_on(scan));
      scan_close(scan);
      if (first_reads[i] > 1) snprintf(place, sizeof place, "\"offset\":%d,", first_reads[i] - 1);
      snprintf(body, sizeof body, "{\"id\":\"T-1\",\"limit\":1000,%s\"filters\":[\"dofollow\",\"=\",true]}", place);
      check_request(1, body);
      end();
    }
}

/* ---- OFFSET ---- */

static void test_offset(void **state) {
  static const struct {
    long long offset, limit, links, rows;
    const char *body;
  } cases[] = {
      {30, -1, 100, 20, "{\"id\":\"T-1\",\"limit\":1000,\"offset\":30,\"filters\":[\"dofollow\",\"=\",true]}"},
      {30, 5, 100, 20, "{\"id\":\"T-1\",\"limit\":5,\"offset\":30,\"filters\":[\"dofollow\",\"=\",true]}"},
      {100, 5, 100, 0, "{\"id\":\"T-1\",\"limit\":5,\"offset\":100,\"filters\":[\"dofollow\",\"=\",true]}"},
      {2000000, 5, 100, 0, "{\"id\":\"T-1\",\"limit\":5,\"offset\":2000000,\"filters\":[\"dofollow\",\"=\",true]}"},
      /* More than the API takes: the total tells. */
      {2000001, 5, 100, 0, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
      {2000001, INT64_MAX, 100, 0, "{\"id\":\"T-1\",\"limit\":1,\"filters\":[\"dofollow\",\"=\",true]}"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    begin(&(struct api){.links = cases[i].links});
    struct query query = dofollow();
    query.offset = cases[i].offset;
    query.limit = cases[i].limit;
    query.terms[0].checked_here = true;
    assert_int_equal(read_all(&query, 2 * cases[i].offset, 2), cases[i].rows);
    check_request(0, cases[i].body);
    if (cases[i].rows == 0) assert_int_equal(api.requests, 1);
    end();
  }
}

/* `OFFSET 50000 LIMIT 10` is one request. */
static void test_deep_offset(void **state) {
  (void)state;
  begin(&(struct api){.links = 60000});
  struct query query = everything();
  query.offset = 50000;
  query.limit = 10;
  struct scan *scan = open_scan(&query);
  for (int i = 0; i < 50000; i++) assert_true(go_on(scan));
  for (int i = 0; i < 10; i++) {
    assert_true(go_on(scan));
    assert_true(link_at(scan) == 50000 + i);
  }
  scan_close(scan);
  assert_int_equal(api.requests, 1);
  end();
}

/* Rows that were to be skipped and are read after all, as by an arm of a compound to which an OFFSET of all arms was offered. */
static void test_an_offset_that_is_less(void **state) {
  (void)state;
  for (int reads = 1; reads <= 30; reads += 29) {
    begin(&(struct api){.links = 60});
    struct query query = everything();
    query.offset = 40;
    query.limit = 5;
    struct scan *scan = open_scan(&query);
    for (int row = 1; row <= 60; row++) {
      assert_true(go_on(scan));
      if (row >= reads) assert_true(link_at(scan) == row - 1);
    }
    assert_false(go_on(scan));
    scan_close(scan);
    assert_int_equal(api.requests, 2);
    end();
  }
  /* Without a total, what the API skipped is not known. */
  begin(&(struct api){.links = 30, .total = NO_TOTAL});
  struct query query = everything();
  query.offset = 40;
  assert_int_equal(count_rows(&query), 30);
  end();
}

/* Where the API gives more than the terms, all rows are read. */
static void test_offset_with_a_superset(void **state) {
  (void)state;
  begin(&(struct api){.links = 3000});
  struct query query = dofollow();
  /* The API of this test takes no notice of <>. */
  add_term(&query, "page_to_status_code", OPERATOR_NE, (struct value)INT(404));
  query.terms[0].checked_here = query.terms[1].checked_here = true;
  query.offset = 1;
  struct scan *scan = open_scan(&query);
  for (long long link = 2; link < 3000; link += 2) {
    if (link % 5 == 0) continue;
    assert_true(go_on(scan));
    assert_true(link_at(scan) == link);
  }
  assert_false(go_on(scan));
  scan_close(scan);
  assert_null(strstr(api.bodies[0], "offset"));
  end();
}

static void test_a_row_that_should_not_be_there(void **state) {
  (void)state;
  begin(&(struct api){.links = 100, .nth = 1, .fault = FAULT_MISFIT});
  struct query query = dofollow();
  query.offset = 5;
  query.terms[0].checked_here = true;
  assert_int_equal(read_all(&query, 10, 2), -1);
  assert_non_null(strstr(error.message, "doesn't fit the filters"));
  end();
  /* Without an OFFSET it does no harm: it is left out. */
  begin(&(struct api){.links = 100, .nth = 1, .fault = FAULT_MISFIT});
  query = dofollow();
  query.terms[0].checked_here = true;
  assert_int_equal(read_all(&query, 0, 1), 0);
  end();
}

/* ---- Rejected filters ---- */

static void test_rejected_filters(void **state) {
  (void)state;
  begin(&(struct api){.links = 20, .rejects = "is_broken"});
  struct query query = dofollow();
  add_term(&query, "is_broken", OPERATOR_EQ, (struct value)INT(1));
  assert_int_equal(read_all(&query, 0, 2), 10);
  assert_int_equal(api.requests, 2);
  check_request(1, "{\"id\":\"T-1\",\"limit\":1000,\"filters\":[\"dofollow\",\"=\",true]}");
  /* The next scan knows. */
  query = dofollow();
  add_term(&query, "is_broken", OPERATOR_EQ, (struct value)INT(1));
  assert_int_equal(read_all(&query, 0, 2), 10);
  assert_int_equal(api.requests, 3);
  end();

  /* A count must not trust what was not sent. */
  begin(&(struct api){.links = 20, .rejects = "is_broken"});
  query = everything();
  add_term(&query, "is_broken", OPERATOR_EQ, (struct value)INT(1));
  query.terms[0].checked_here = true;
  query.count = true;
  assert_int_equal(count_rows(&query), 0); /* is_broken is null in all of them */
  end();

  begin(&(struct api){.links = 20, .rejects = "filters"});
  query = dofollow();
  assert_int_equal(read_all(&query, 0, 1), 20);
  assert_int_equal(api.requests, 2);
  end();

  /* What the user wrote for the API himself can't be left out. */
  begin(&(struct api){.links = 20, .rejects = "nonsense"});
  query = dofollow();
  query.inputs[INPUT_FILTERS] = strdup("[\"nonsense\",\"=\",1]");
  assert_int_equal(read_all(&query, 0, 1), -1);
  assert_non_null(strstr(error.message, "nonsense"));
  assert_non_null(strstr(error.message, "40501"));
  end();
}

static void test_columns_that_have_to_be_asked_about(void **state) {
  static const struct value text = TEXT("x");
  (void)state;
  for (int named = 0; named < 2; named++) {
    begin(&(struct api){.links = 5, .available = named ? 1ULL << endpoint_column(&endpoint_links, "text") : 0});
    struct query query = everything();
    add_term(&query, "text", OPERATOR_EQ, text);
    assert_int_equal(read_all(&query, 0, 1), 5);
    check_request(0, named ? "{\"id\":\"T-1\",\"limit\":1000,\"filters\":[\"text\",\"=\",\"x\"]}"
                           : "{\"id\":\"T-1\",\"limit\":1000}");
    query = everything();
    add_term(&query, "text", OPERATOR_EQ, text);
    assert_int_equal(read_all(&query, 0, 1), 5);
    assert_int_equal(api.asked_available, 1);
    end();
  }
}

/* ---- Row identity ---- */

enum { SAME = 3, ROWIDS = 300 };

static void read_rowids(const char *task, bool filtered, int64_t *rowids) {
  struct query query = filtered ? dofollow() : everything();
  free(query.inputs[INPUT_TASK]);
  query.inputs[INPUT_TASK] = strdup(task);
  struct scan *scan = open_scan(&query);
  int n = 0;
  for (; go_on(scan); n++) {
    int64_t again;
    assert_int_equal(scan_rowid(scan, &rowids[n], &error), 0);
    (void)link_at(scan);
    assert_int_equal(scan_rowid(scan, &again, &error), 0);
    assert_true(rowids[n] == again && again >= 0);
  }
  assert_int_equal(n, filtered ? ROWIDS / 2 : ROWIDS);
  scan_close(scan);
}

static void test_rowids(void **state) {
  static int64_t all[2 * ROWIDS], again[ROWIDS], some[ROWIDS];
  (void)state;
  begin(&(struct api){.links = ROWIDS, .alike = SAME});
  read_rowids("T-1", false, all);
  read_rowids("T-1", false, again);
  read_rowids("T-1", true, some);
  read_rowids("T-2", false, all + ROWIDS);
  assert_memory_equal(all, again, sizeof again);
  for (int i = 0; i < 2 * ROWIDS; i++)
    for (int j = 0; j < i; j++) assert_true(all[i] != all[j]);
  /* A filter keeps all of equal links, or none: every second group of them. */
  for (int i = 0; i < ROWIDS / 2; i++) assert_true(some[i] == all[i / SAME * 2 * SAME + i % SAME]);
  end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_size_and_every_end),
      cmocka_unit_test(test_capped_total),
      cmocka_unit_test(test_a_shorter_table_is_an_error),
      cmocka_unit_test(test_errors_say_where),
      cmocka_unit_test(test_chain_of_tokens),
      cmocka_unit_test(test_no_tokens_at_all),
      cmocka_unit_test(test_limit_sizes_the_first_request),
      cmocka_unit_test(test_nothing_before_the_first_row_and_after_the_last),
      cmocka_unit_test(test_impossible_terms_make_no_request),
      cmocka_unit_test(test_faulty_filters_make_no_request),
      cmocka_unit_test(test_counts_take_one_small_request),
      cmocka_unit_test(test_counts_that_have_to_read),
      cmocka_unit_test(test_a_count_that_is_read_after_all),
      cmocka_unit_test(test_offset),
      cmocka_unit_test(test_deep_offset),
      cmocka_unit_test(test_an_offset_that_is_less),
      cmocka_unit_test(test_offset_with_a_superset),
      cmocka_unit_test(test_a_row_that_should_not_be_there),
      cmocka_unit_test(test_rejected_filters),
      cmocka_unit_test(test_columns_that_have_to_be_asked_about),
      cmocka_unit_test(test_rowids),
  };
  return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
