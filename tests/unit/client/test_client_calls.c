/*
** What is sent, with whose credentials and in which form; how many calls are under way at once; and the bounds of a call: the
** budget of requests, the size of its response, interruption.
*/
#include "fixture_client.h"

#include "base/buffer.h"

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
  assert_non_null(strstr(failure.message, "api_key"));
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
      /* The form that worked may stop working. */
      {false, {{.body = REFUSED}, {.body = GOOD}, {.body = REFUSED}, {.body = GOOD}}, 4, "{[[{", 0, 0},
      /* Any other response, too, shows that the form was understood. */
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

/* ---- Bounds ---- */

static const struct response busy = {.body = BUSY};

static void test_budget(void **state) {
  (void)state;
  set_up();
  set("max_requests", "2");
  assert_int_equal(ask(NULL), 0);
  assert_int_equal(ask(NULL), 0);
  assert_int_equal(ask(NULL), -1);
  assert_non_null(strstr(failure.message, "budget of 2 requests"));
  assert_non_null(strstr(failure.message, "max_requests"));
  assert_int_equal(fake.sent, 2);
  tear_down();
  /* A retry is a request, too. */
  set_up();
  set("max_requests", "2");
  play(&busy, 1);
  assert_int_equal(ask(NULL), -1);
  assert_non_null(strstr(failure.message, "budget"));
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
  assert_int_equal(failure.kind, ERROR_INTERRUPTED);
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
  play(&busy, 1);
  fake.before_response = change_base;
  assert_int_equal(ask(NULL), -1);
  assert_non_null(strstr(failure.message, "changed"));
  assert_int_equal(fake.sent, 1);
  tear_down();
}

/* A response with too many values is refused, however few its bytes. */
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
    if (cases[i].result != 0 && strstr(failure.message, "more values than any page") == NULL)
      fail_msg("%s: %s", cases[i].piece, failure.message);
    assert_int_equal(fake.sent, 1);
    tear_down();
    buffer_release(&body);
  }
}

/* http.h counts the bytes; the option sets the limit. */
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
    assert_int_equal(call_wait(calls[i], &page, &status, &failure), 0);
    assert_true(call_is_done(calls[i]));
    page_free(page);
    call_end(calls[i]);
  }
  for (int i = 0; i < CALLS; i++) assert_int_equal(fake.bodies[i][5], '0' + i); /* the oldest first */
  tear_down();
}

/* A request that waits for room is sent as soon as a response is here, before that is parsed; its head is read at once. */
static void test_requests_leave_before_parsing(void **state) {
  struct call *first, *second;
  struct page *page;
  int status;
  (void)state;
  set_up();
  set("max_in_flight", "1");
  assert_int_equal(start_call("t", "{\"n\":1}", &first), 0);
  assert_int_equal(start_call("t", "{\"n\":2}", &second), 0);
  assert_int_equal(fake.sent, 1);
  assert_null(call_head(first));
  assert_false(call_is_received(first));
  assert_int_equal(client_run(fixture.client, 0, &failure), 0);
  assert_true(call_is_received(first));
  assert_false(call_is_done(first));
  struct crawl_state crawl;
  assert_non_null(call_head(first));
  assert_int_equal(page_crawl_state(call_head(first), &crawl, &failure), 0);
  assert_int_equal(crawl.total_items, 1);
  assert_int_equal(fake.sent, 2);
  assert_int_equal(call_wait(first, &page, &status, &failure), 0);
  assert_int_equal(page_item_count(page), 1);
  page_free(page);
  call_end(first);
  call_end(second);
  tear_down();
}

/* The head of a failure, or of another request's response, is not shown. */
static void test_heads_of_failures(void **state) {
  static const char *const bodies[] = {
      TASK_RESPONSE("40501", RESULT),
      TASK_RESPONSE("20000", "\"data\":{\"id\":\"other\"}," RESULT),
      TASK_RESPONSE("20000", "\"result\":null"),
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(bodies); i++) {
    struct call *call;
    set_up();
    play(&(struct response){.body = bodies[i]}, 1);
    assert_int_equal(start_call("t", BODY, &call), 0);
    assert_int_equal(client_run(fixture.client, 0, &failure), 0);
    if (call_head(call) != NULL) fail_msg("case %zu", i);
    call_end(call);
    tear_down();
  }
}

/* Requests in flight: as set; otherwise 20 at DataForSEO, and elsewhere what the newest rate-limit header allows. */
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
  assert_int_equal(call_wait(third, &page, &status, &failure), 0);
  page_free(page);
  assert_int_equal(fake.sent, 2);
  assert_string_equal(fake.bodies[1], "3");
  call_end(third);
  call_end(NULL);
  tear_down();
}

/* ---- What is learnt and kept ---- */

static void test_available_filters(void **state) {
  static const struct response named = {
      .body = TASK_RESPONSE("20000", "\"result\":[{\"links\":{\"text\":\"str\",\"image_alt\":\"num\",\"type\":\"str\"}}]")};
  static const struct response failed = {.body = "{\"status_code\":40400}"};
  (void)state;
  set_up();
  play(&named, 1);
  assert_int_equal(client_ask_available(fixture.client, &endpoint_links, &failure), 0);
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
  assert_int_equal(client_ask_available(fixture.client, &endpoint_links, &failure), 0);
  assert_true(client_capabilities(fixture.client)->available_asked);
  assert_true(client_capabilities(fixture.client)->available == 0);
  tear_down();

  set_up();
  fake.silent = true;
  fixture.patience = 2;
  assert_int_equal(client_ask_available(fixture.client, &endpoint_links, &failure), -1);
  assert_int_equal(failure.kind, ERROR_INTERRUPTED);
  assert_false(client_capabilities(fixture.client)->available_asked);
  tear_down();
}

/* With the largest bounds of time and size, too. */
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

static struct page *page_of(uint64_t columns, bool *cached) {
  const struct call_request request = {.endpoint = &endpoint_links, .columns = columns, .task_id = "t", .body = BODY};
  struct call *call;
  struct page *page = NULL;
  int status;
  assert_int_equal(call_start(fixture.client, &request, &call, &failure), 0);
  assert_int_equal(call_wait(call, &page, &status, &failure), 0);
  *cached = call_is_cached(call);
  call_end(call);
  assert_non_null(page);
  return page;
}

/* A page that was read for one column serves others, without a request, and stays readable when it is dropped from the cache. */
static void test_kept_for_any_columns(void **state) {
  int type = endpoint_column(&endpoint_links, "type"), item = endpoint_column(&endpoint_links, "item");
  struct value value;
  bool cached;
  (void)state;
  set_up();
  set("cache_mb", "1");
  page_free(page_of(1ULL << endpoint_column(&endpoint_links, "text"), &cached));
  assert_false(cached);
  struct page *first = page_of(1ULL << type, &cached);
  assert_true(cached);
  struct page *second = page_of(1ULL << item, &cached);
  assert_true(cached);
  assert_int_equal(fake.sent, 1);
  client_clear_cache(fixture.client);
  assert_int_equal(page_value(first, 0, type, &value, &failure), 0);
  assert_true(value_is_text(&value, "a", 1));
  assert_int_equal(page_value(second, 0, item, &value, &failure), 0);
  assert_true(value_is_text(&value, "{\"type\":\"a\"}", 12));
  page_free(page_of(1ULL << type, &cached));
  assert_false(cached);
  assert_int_equal(fake.sent, 2);
  page_free(first);
  page_free(second);
  tear_down();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_request),
      cmocka_unit_test(test_nothing_is_sent_without_credentials),
      cmocka_unit_test(test_body_forms),
      cmocka_unit_test(test_what_was_learnt_belongs_to_a_base_url),
      cmocka_unit_test(test_budget),
      cmocka_unit_test(test_interruption),
      cmocka_unit_test(test_base_url_changed_meanwhile),
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_response_max),
      cmocka_unit_test(test_calls_in_flight),
      cmocka_unit_test(test_requests_leave_before_parsing),
      cmocka_unit_test(test_heads_of_failures),
      cmocka_unit_test(test_plans),
      cmocka_unit_test(test_ended_calls_make_room),
      cmocka_unit_test(test_available_filters),
      cmocka_unit_test(test_kept),
      cmocka_unit_test(test_kept_for_any_columns),
  };
  return cmocka_run_group_tests_name("client calls", tests, NULL, NULL);
}
