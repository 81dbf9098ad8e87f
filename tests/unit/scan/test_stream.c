/*
** What a stream asks for, request by request, against an API with a script: offsets, tokens, what may come from the cache, ways
** round refusals, and ends. Linked with a client.h of its own, below.
*/
#include "scan/stream.h"

#include <json-c/json.h>

#include "../unit.h"
#include "base/buffer.h"
#include "wire/parser.h"

enum { STEPS_MAX = 16, LIMIT = 10, NO_TOTAL = -1 };

/* A request that is expected, and its response. */
struct step {
  long long offset;
  const char *token; /* sent, or NULL */
  enum cache_use cache_use;
  int items;        /* in the response; -1: the items are null */
  long long total;  /* or NO_TOTAL */
  const char *next; /* search_after_token, or NULL */
  int status;       /* other than 0: that instead of a page */
  bool too_long;
  bool cached;
  const char *head; /* the token in the response's head, which comes first; NULL: the response has no head */
  int promised;     /* items_count there; 0: the true one */
};

struct conversation {
  const char *name;
  long long start;
  struct step steps[STEPS_MAX]; /* up to the first without items, total and status */
  long long rows;               /* that the reader gets */
  const char *error;            /* or NULL */
  size_t ahead;                 /* requests that are made while no response is complete; 0: each is at once */
  struct capabilities before;
};

/* ---- A client.h with a script ---- */

struct client {
  struct config *config;
  struct capabilities capabilities;
  const struct conversation *conversation;
  size_t step;
  bool holds; /* no response is complete */
};

struct call {
  const struct step *step;
  struct page_parser *parser; /* has been given the head */
};

static struct client client;
static struct error error;

const struct config *client_config(const struct client *asked) {
  return asked->config;
}

struct capabilities *client_capabilities(struct client *asked) {
  return &asked->capabilities;
}

static bool is_over(const struct step *step) {
  return step->items == 0 && step->total == 0 && step->status == 0 && step->offset == 0 && step->token == NULL &&
         step->next == NULL;
}

static void write_response(const struct step *step, struct buffer *response) {
  buffer_append_text(response, "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{");
  if (step->head != NULL)
    buffer_append_format(response, "\"search_after_token\":\"%s\",\"total_items_count\":%lld,\"items_count\":%d,", step->head,
                         step->total, step->promised > 0 ? step->promised : step->items);
  buffer_append_text(response, "\"items\":");
  buffer_append_text(response, step->items < 0 ? "null" : "[");
  for (int i = 0; i < step->items; i++) buffer_append_format(response, "%s{\"link_to\":\"/%d\"}", i > 0 ? "," : "", i);
  if (step->items >= 0) buffer_append_text(response, "]");
  if (step->total >= 0) buffer_append_format(response, ",\"total_items_count\":%lld", step->total);
  if (step->next != NULL) buffer_append_format(response, ",\"search_after_token\":\"%s\"", step->next);
  buffer_append_text(response, "}]}]}");
}

static struct page_parser *parse_head(const struct step *step) {
  struct buffer response = {0};
  struct page_parser *parser = page_parser_new(&endpoint_links, UINT64_MAX, NULL);
  assert_non_null(parser);
  write_response(step, &response);
  assert_in_range(page_parser_feed_head(parser, response.data, response.size), 1, response.size - 1);
  buffer_release(&response);
  return parser;
}

int call_start(struct client *asked, const struct call_request *request, struct call **call, struct error *failure) {
  (void)failure;
  const struct conversation *conversation = asked->conversation;
  const struct step *step = &conversation->steps[asked->step];
  if (asked->step == STEPS_MAX || (asked->step > 0 && is_over(step))) fail_msg("%s: %s", conversation->name, request->body);
  const char *token = request->position.token;
  bool same_token = (token == NULL) == (step->token == NULL) && (token == NULL || strcmp(token, step->token) == 0);
  if (request->position.offset != step->offset || !same_token || request->cache_use != step->cache_use)
    fail_msg("%s, request %zu: %s, cache_use %d", conversation->name, asked->step + 1, request->body, (int)request->cache_use);
  struct json_object *body = json_tokener_parse(request->body);
  assert_int_equal(json_object_get_int64(json_object_object_get(body, "offset")), step->offset);
  json_object_put(body);
  asked->step++;
  struct call *made = malloc(sizeof *made);
  assert_non_null(made);
  *made = (struct call){.step = step, .parser = step->head != NULL ? parse_head(step) : NULL};
  *call = made;
  return 0;
}

const struct page *call_head(const struct call *call) {
  return call->parser != NULL ? page_parser_head(call->parser) : NULL;
}

bool call_is_done(const struct call *call) {
  return call != NULL && !client.holds;
}

bool call_is_received(const struct call *call) {
  return call_is_done(call);
}

bool call_is_cached(const struct call *call) {
  return call->step->cached;
}

bool call_took_too_long(const struct call *call) {
  return call->step->too_long;
}

int64_t call_duration_ms(const struct call *call) {
  (void)call;
  return 1;
}

void call_expect(const struct call *call) {
  (void)call;
}

int call_wait(struct call *call, struct page **page, int *status, struct error *failure) {
  struct buffer response = {0};
  *status = call->step->status;
  if (*status != 0) return error_set(failure, "the API returned %d; check the column filters", *status);
  write_response(call->step, &response);
  struct page_parser *parser = page_parser_new(&endpoint_links, UINT64_MAX, NULL);
  page_parser_feed(parser, response.data, response.size);
  assert_int_equal(page_parser_finish(parser, page, failure), 0);
  page_parser_free(parser);
  buffer_release(&response);
  return 0;
}

void call_end(struct call *call) {
  if (call != NULL) page_parser_free(call->parser);
  free(call);
}

/* ---- Conversations ---- */

/* Reads a stream to its end, one request after the other. Rows, or -1 for an error. */
static long long read_stream(struct stream *stream) {
  long long rows = 0;
  for (;;) {
    struct page *page = NULL;
    struct crawl_state state;
    size_t first = 0;
    int status;
    while (stream_is_ready(stream)) {
      if (stream_take(stream, &page, &first, &state, &status, &error) != 0) return -1;
      rows += page != NULL ? (long long)(page_item_count(page) - first) : 0;
      page_free(page);
    }
    if (!stream_can_request(stream)) return rows;
    if (stream_request(stream, &error) != 0) return -1;
    stream_collect(stream);
  }
}

/* Makes all requests that don't wait for a complete response. */
static void request_ahead(struct stream *stream, const struct conversation *conversation) {
  client.holds = true;
  while (stream_can_request(stream)) {
    assert_int_equal(stream_request(stream, &error), 0);
    stream_collect(stream);
  }
  if (client.step != conversation->ahead) fail_msg("%s: %zu requests", conversation->name, client.step);
  client.holds = false;
  stream_collect(stream);
}

static void converse(const struct conversation *conversation) {
  struct query query = {.endpoint = &endpoint_links, .inputs[INPUT_TASK] = (char[]){"T-1"}, .limit = -1};
  client = (struct client){.config = config_new(), .conversation = conversation, .capabilities = conversation->before};
  const struct stream_source source = {
      .client = &client, .query = &query, .start = conversation->start, .first_limit = LIMIT, .limit = LIMIT};
  struct stream *stream = stream_new(&source);
  assert_non_null(stream);
  if (conversation->ahead > 0) request_ahead(stream, conversation);
  long long rows = read_stream(stream);
  if (rows == -1 && conversation->error == NULL) fail_msg("%s: %s", conversation->name, error.message);
  if (rows == -1 && strstr(error.message, conversation->error) == NULL) fail_msg("%s: %s", conversation->name, error.message);
  if (rows != -1 && (conversation->error != NULL || rows != conversation->rows))
    fail_msg("%s: %lld rows", conversation->name, rows);
  if (client.step < STEPS_MAX && !is_over(&conversation->steps[client.step]))
    fail_msg("%s: ends after %zu requests", conversation->name, client.step);
  stream_free(stream);
  config_free(client.config);
}

#define SHARES CACHE_SHARE
#define RENEWS CACHE_REFRESH
#define NOTHING CACHE_BYPASS

static void test_short_pages(void **state) {
  static const struct conversation cases[] = {
      {.name = "pages of four",
       0,
       {{.offset = 0, NULL, SHARES, 4, 14, "a"},
        {.offset = 0, "a", SHARES, 4, 14, "b"},
        {.offset = 8, NULL, SHARES, 4, 14, "c"},
        {.offset = 12, NULL, SHARES, 2, 14}},
       14},
      {.name = "pages of four without tokens",
       0,
       {{.offset = 0, NULL, SHARES, 4, 10}, {.offset = 4, NULL, SHARES, 4, 10}, {.offset = 8, NULL, SHARES, 2, 10}},
       10},
      {.name = "pages of four that are known",
       0,
       {{.offset = 0, NULL, SHARES, 4, 6}, {.offset = 4, NULL, SHARES, 2, 6}},
       6,
       .before = {.page_rows = 4}},
      {.name = "a short page without total and token", 0, {{.offset = 0, NULL, SHARES, 3, NO_TOTAL}}, 3},
      {.name = "a full page without total and token",
       0,
       {{.offset = 0, NULL, SHARES, 10, NO_TOTAL}, {.offset = 10, NULL, SHARES, 0, NO_TOTAL}},
       10},
      {.name = "a short page without total, but a token",
       0,
       {{.offset = 0, NULL, SHARES, 3, NO_TOTAL, "a"},
        {.offset = 0, "a", SHARES, 2, NO_TOTAL},
        {.offset = 5, NULL, SHARES, 0, NO_TOTAL}},
       5},
      {.name = "an empty page on the way", 0, {{.offset = 0, NULL, SHARES, 0, 5, "a"}, {.offset = 0, "a", SHARES, 5, 5}}, 5},
      {.name = "null on the way", 0, {{.offset = 0, NULL, SHARES, -1, 5, "a"}, {.offset = 0, "a", SHARES, 5, 5}}, 5},
      {.name = "no token and no rows",
       0,
       {{.offset = 0, NULL, SHARES, 4, 5}, {.offset = 4, NULL, SHARES, 0, 5}},
       .error = "promised 5 links but ended after 4"},
      {.name = "nothing twice is an end",
       0,
       {{.offset = 0, NULL, SHARES, 0, NO_TOTAL, "a"}, {.offset = 0, "a", SHARES, 0, NO_TOTAL, "b"}},
       0},
      {.name = "a total that was too small",
       0,
       {{.offset = 0, NULL, SHARES, 10, 10, "a"}, {.offset = 0, "a", SHARES, 10, 10, "b"}, {.offset = 0, "b", SHARES, 1, 10}},
       21},
      {.name = "a total that grows", 0, {{.offset = 0, NULL, SHARES, 7, 7, "a"}}, 7},
      {.name = "a total that shrinks", 0, {{.offset = 0, NULL, SHARES, 10, 30, "a"}, {.offset = 10, NULL, SHARES, 5, 15}}, 15},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) converse(&cases[i]);
}

/* A token that doesn't change names a position kept by the API: its responses can't be shared. */
static void test_a_token_that_does_not_change(void **state) {
  static const struct conversation cases[] = {
      {.name = "learnt",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20039, "a"},
        {.offset = 20000, "a", SHARES, 10, 20039, "a"},
        {.offset = 20000, "a", NOTHING, 10, 20039, "a"},
        {.offset = 20000, "a", NOTHING, 9, 20039}},
       39},
      {.name = "known",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20019, "a"}, {.offset = 20000, "a", NOTHING, 9, 20019}},
       19,
       .before = {.tokens_repeat = true}},
      {.name = "known, and out of the cache",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20019, "a", .cached = true},
        {.offset = 20000, NULL, RENEWS, 10, 20019, "b"},
        {.offset = 20000, "b", NOTHING, 9, 20019}},
       19,
       .before = {.tokens_repeat = true}},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) converse(&cases[i]);
}

/* The last token comes again after the last row: it does not name a position. */
static void test_a_token_at_the_end(void **state) {
  static const struct conversation end = {
      .name = "the end",
      20000,
      {{.offset = 20000, NULL, SHARES, 10, 20010, "a"}, {.offset = 20000, "a", SHARES, 0, 20010, "a"}},
      10};
  (void)state;
  converse(&end);
  assert_false(client.capabilities.tokens_repeat);
}

static void test_refused_tokens(void **state) {
  static const struct conversation cases[] = {
      {.name = "out of the cache",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20019, "a", .cached = true},
        {.offset = 20000, "a", SHARES, .status = 40501},
        {.offset = 20000, NULL, RENEWS, 10, 20019, "b"},
        {.offset = 20000, "b", SHARES, 9, 20019}},
       19},
      {.name = "out of the cache, and worth nothing",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20019, "a", .cached = true},
        {.offset = 20000, "a", SHARES, 0, 20019},
        {.offset = 20000, NULL, RENEWS, 10, 20019, "b"},
        {.offset = 20000, "b", SHARES, 9, 20019}},
       19},
      {.name = "out of a cached chain",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20029, "a", .cached = true},
        {.offset = 20000, "a", SHARES, 10, 20029, "b", .cached = true},
        {.offset = 20000, "b", SHARES, .status = 40501},
        {.offset = 20020, NULL, SHARES, 9, 20029}},
       29},
      {.name = "out of a cached chain, where offsets don't go",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20029, "a", .cached = true},
        {.offset = 20000, "a", SHARES, 10, 20029, "b", .cached = true},
        {.offset = 20000, "b", SHARES, .status = 40501},
        {.offset = 20000, NULL, RENEWS, 10, 20029, "c"},
        {.offset = 20000, "c", SHARES, 10, 20029, "d"},
        {.offset = 20000, "d", SHARES, 9, 20029}},
       29,
       .before = {.offset_refused = 20005}},
      {.name = "fresh ones, always",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20059, "a"},
        {.offset = 20000, "a", SHARES, .status = 40501},
        {.offset = 20010, NULL, SHARES, 10, 20059, "b"},
        {.offset = 20010, "b", SHARES, .status = 40501},
        {.offset = 20020, NULL, SHARES, 10, 20059, "c"},
        {.offset = 20020, "c", SHARES, .status = 40501},
        {.offset = 20030, NULL, SHARES, 10, 20059, "d"},
        {.offset = 20040, NULL, SHARES, 10, 20059, "e"},
        {.offset = 20050, NULL, SHARES, 9, 20059}},
       59},
      {.name = "a transient fault of a token is none",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20059, "a"}, {.offset = 20000, "a", SHARES, .status = 50000}},
       .error = "50000"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) converse(&cases[i]);
}

static void test_refused_offsets(void **state) {
  static const struct conversation cases[] = {
      {.name = "in the middle",
       0,
       {{.offset = 0, NULL, SHARES, 10, 29, "a"},
        {.offset = 10, NULL, SHARES, .status = 40501},
        {.offset = 0, "a", SHARES, 10, 29, "b"},
        {.offset = 0, "b", SHARES, 9, 29}},
       29},
      {.name = "took too long",
       0,
       {{.offset = 0, NULL, SHARES, 10, 19, "a"},
        {.offset = 10, NULL, SHARES, .status = 50401, .too_long = true},
        {.offset = 0, "a", SHARES, 9, 19}},
       19},
      {.name = "another fault",
       0,
       {{.offset = 0, NULL, SHARES, 10, 19, "a"}, {.offset = 10, NULL, SHARES, .status = 50000}},
       .error = "50000"},
      {.name = "at once, from a place before",
       20015,
       {{.offset = 20015, NULL, SHARES, .status = 40501},
        {.offset = 20000, NULL, SHARES, 10, 20029, "a"},
        {.offset = 20000, "a", SHARES, 10, 20029, "b"},
        {.offset = 20000, "b", SHARES, 9, 20029}},
       14},
      {.name = "all, and known",
       20005,
       {{.offset = 0, NULL, SHARES, 10, 15, "a"}, {.offset = 0, "a", SHARES, 5, 15}},
       0,
       .before = {.offset_refused = 5}},
      {.name = "known, but some are good",
       23,
       {{.offset = 4, NULL, SHARES, 10, 27, "a"}, {.offset = 4, "a", SHARES, 10, 27, "b"}, {.offset = 4, "b", SHARES, 3, 27}},
       4,
       .before = {.offset_refused = 5, .offset_taken = 4}},
      {.name = "it was something else",
       15,
       {{.offset = 15, NULL, SHARES, .status = 40501}, {.offset = 0, NULL, SHARES, .status = 40501}},
       .error = "column filters"},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) converse(&cases[i]);
}

/* What was refused for good is remembered, when something else was not. */
static void test_what_is_learnt(void **state) {
  static const struct conversation cases[] = {
      {.name = "refused",
       0,
       {{.offset = 0, NULL, SHARES, 10, 19, "a"},
        {.offset = 10, NULL, SHARES, .status = 40501},
        {.offset = 0, "a", SHARES, 9, 19}},
       19},
      {.name = "too long",
       0,
       {{.offset = 0, NULL, SHARES, 10, 19, "a"},
        {.offset = 10, NULL, SHARES, .status = 50401, .too_long = true},
        {.offset = 0, "a", SHARES, 9, 19}},
       19},
      {.name = "too deep",
       20010,
       {{.offset = 20010, NULL, SHARES, .status = 50401, .too_long = true},
        {.offset = 20000, NULL, SHARES, 10, 20019, "a"},
        {.offset = 20000, "a", SHARES, 9, 20019}},
       9},
      {.name = "neither",
       15,
       {{.offset = 15, NULL, SHARES, .status = 40501}, {.offset = 0, NULL, SHARES, .status = 40501}},
       .error = "40501"},
      {.name = "size",
       0,
       {{.offset = 0, NULL, SHARES, 4, 14},
        {.offset = 4, NULL, SHARES, 4, 14},
        {.offset = 8, NULL, SHARES, 4, 14},
        {.offset = 12, NULL, SHARES, 2, 14}},
       14},
  };
  static const struct capabilities learnt[] = {
      {.offset_refused = 10}, {0}, {.offset_refused = 20010, .offset_taken = 20000}, {0}, {.offset_taken = 12, .page_rows = 4}};
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    converse(&cases[i]);
    assert_int_equal(client.capabilities.offset_refused, learnt[i].offset_refused);
    assert_int_equal(client.capabilities.offset_taken, learnt[i].offset_taken);
    assert_int_equal(client.capabilities.page_rows, learnt[i].page_rows);
  }
}

/* A request where none can be made is an error, which can't end the host process as an assertion would. */
static void test_no_request(void **state) {
  static const struct conversation only_page = {.name = "the only page", .steps = {{.items = 1, .total = 1}}};
  (void)state;
  struct query query = {.endpoint = &endpoint_links, .inputs = {"t"}, .limit = -1};
  client = (struct client){.config = config_new(), .conversation = &only_page};
  assert_non_null(client.config);
  struct stream_source source = {.client = &client, .query = &query, .first_limit = LIMIT, .limit = LIMIT};
  struct stream *stream = stream_new(&source);
  assert_non_null(stream);
  assert_int_equal(read_stream(stream), 1);
  assert_false(stream_can_request(stream));
  assert_int_equal(stream_request(stream, &error), -1);
  assert_non_null(strstr(error.message, "a page was requested where none can be"));
  stream_free(stream);
  config_free(client.config);
}

/* The token in a response's head is used while the items are on their way. The whole response decides whether that was
** right. */
static void test_heads(void **state) {
  static const struct conversation cases[] = {
      {.name = "a chain",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20029, "a", .head = "a"},
        {.offset = 20000, "a", SHARES, 10, 20029, "b", .head = "b"},
        {.offset = 20000, "b", SHARES, 9, 20029}},
       29,
       .ahead = 3},
      {.name = "another token in the end",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20019, "b", .head = "a"},
        {.offset = 20000, "a", SHARES, 9, 20019},
        {.offset = 20000, "b", SHARES, 9, 20019}},
       19,
       .ahead = 2},
      {.name = "no token in the end",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20019, "", .head = "a"},
        {.offset = 20000, "a", SHARES, 9, 20019},
        {.offset = 20010, NULL, SHARES, 9, 20019}},
       19,
       .ahead = 2},
      {.name = "fewer items than promised",
       20000,
       {{.offset = 20000, NULL, SHARES, 9, 20019, "a", .head = "a", .promised = 10},
        {.offset = 20000, "a", SHARES, 10, 20019},
        {.offset = 20000, "a", SHARES, 10, 20019}},
       19,
       .ahead = 2},
      {.name = "a short page",
       20000,
       {{.offset = 20000, NULL, SHARES, 9, 20019, "a", .head = "a"}, {.offset = 20000, "a", SHARES, 10, 20019}},
       19,
       .ahead = 1},
      {.name = "a failure after the head",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20019, "a", .status = 50000, .head = "a"},
        {.offset = 20000, "a", SHARES, 9, 20019}},
       .error = "50000",
       .ahead = 2},
      {.name = "a token that doesn't change",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20029, "a", .head = "a"},
        {.offset = 20000, "a", SHARES, 10, 20029, "a", .head = "a"},
        {.offset = 20000, "a", NOTHING, 9, 20029}},
       29,
       .ahead = 2},
      {.name = "a token that is known not to change",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20019, "a", .head = "a"}, {.offset = 20000, "a", NOTHING, 9, 20019}},
       19,
       .before = {.tokens_repeat = true},
       .ahead = 1},
      {.name = "the last page",
       20000,
       {{.offset = 20000, NULL, SHARES, 10, 20010, "a", .head = "a"}, {.offset = 20000, "a", SHARES, 0, 20010}},
       10,
       .ahead = 1},
      {.name = "offsets, by the total",
       0,
       {{.offset = 0, NULL, SHARES, 10, 29, "a", .head = "a"},
        {.offset = 10, NULL, SHARES, 10, 29, "b"},
        {.offset = 20, NULL, SHARES, 9, 29}},
       29,
       .ahead = 3},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) converse(&cases[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_short_pages),
      cmocka_unit_test(test_a_token_at_the_end),
      cmocka_unit_test(test_a_token_that_does_not_change),
      cmocka_unit_test(test_refused_tokens),
      cmocka_unit_test(test_refused_offsets),
      cmocka_unit_test(test_what_is_learnt),
      cmocka_unit_test(test_no_request),
      cmocka_unit_test(test_heads),
  };
  return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
