/* Which faults are worth another request, how often, after which wait, and on which connection. */
#include "fixture_client.h"

static const struct response transient[] = {
    {.body = BUSY},
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
    {.outcome = HTTP_TRANSIENT, .message = "connection reset"},
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
    {.status = 503, .body = "{\"error\":\"tomorrow\"}", .retry_after_s = 601}, /* too long to wait */
};

static void check_attempts(const struct response *responses, size_t count, size_t attempts) {
  for (size_t i = 0; i < count; i++) {
    set_up();
    set("max_retries", "2");
    play(&responses[i], 1);
    int result = ask(NULL);
    if (result != -1 || fake.sent != attempts) fail_msg("response %zu: %d after %zu requests", i, result, fake.sent);
    assert_int_equal(strstr(failure.message, "(3 attempts)") != NULL, attempts == 3);
    assert_int_equal(request_log_sent(fixture.log), attempts);
    tear_down();
  }
}

static void test_transient_faults_are_tried_again(void **state) {
  (void)state;
  check_attempts(transient, LENGTH(transient), 3);
}

static void test_permanent_ones_are_not(void **state) {
  (void)state;
  check_attempts(permanent, LENGTH(permanent), 1);
}

static void test_success_after_faults(void **state) {
  (void)state;
  for (size_t i = 0; i < LENGTH(transient); i++) {
    const struct response responses[] = {transient[i], transient[(i + 1) % LENGTH(transient)], {.body = GOOD}};
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
  play(&transient[0], 1);
  assert_int_equal(ask(NULL), -1);
  assert_int_equal(fake.sent, 1);
  tear_down();
  /* Sending the other body form is not a retry: the retry is still available. */
  set_up();
  set("max_retries", "1");
  play(other_form_late, LENGTH(other_form_late));
  int result = ask(NULL);
  if (result != 0) fail_msg("%s", failure.message);
  tear_down();
}

/* A host that was never reached is given up after one retry; one that was reached gets all retries. */
static void test_unreached(void **state) {
  static const struct response never[] = {{.outcome = HTTP_UNREACHED, .message = "no such host"}};
  static const struct response once[] = {{.body = GOOD}, {.outcome = HTTP_UNREACHED, .message = "no such host"}};
  (void)state;
  set_up();
  play(never, LENGTH(never));
  for (size_t i = 1; i < 3; i++) {
    assert_int_equal(ask(NULL), -1);
    assert_int_equal(fake.sent, 2 * i);
    assert_string_equal(failure.message, "no response from the API: no such host (2 attempts)");
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
  set("base_url", "http://127.0.0.1:1"); /* never reached so far */
  set("api_key", "other");
  assert_int_equal(ask(NULL), -1);
  assert_int_equal(fake.sent, 5 + 2);
  tear_down();
}

/* The faults after which the connection is not used again. */
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
      {{.outcome = HTTP_TRANSIENT, .message = "timed out"}, true},
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

/* A response whose head shows that it belongs to another request isn't read to its end: the error says so, and another connection
** is used, whatever the status. */
static void test_foreign_heads(void **state) {
  static const long statuses[] = {200, 404, 500};
  (void)state;
  for (size_t i = 0; i < LENGTH(statuses); i++) {
    const struct response foreign = {.status = statuses[i],
                                     .body = TASK_RESPONSE("20000", "\"data\":{\"id\":\"other\"}," RESULT)};
    set_up();
    set("max_retries", "1");
    play(&foreign, 1);
    assert_int_equal(ask(NULL), -1);
    if (strstr(failure.message, "belongs to another request: it echoes the id 'other' (2 attempts)") == NULL)
      fail_msg("HTTP %ld: %s", statuses[i], failure.message);
    assert_int_equal(fake.aborted, 2);
    assert_int_equal(fake.distrusted, 2);
    tear_down();
  }
}

/* The 408 with which a server closes an idle connection is not a response to the request then sent on it. */
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

/* An offset too deep for the API is tried twice at most. */
static void test_deep_offsets(void **state) {
  static const struct {
    long long offset;
    struct response response;
    bool too_long;
    size_t sent;
  } cases[] = {
      {30000, {.outcome = HTTP_TRANSIENT, .message = "timed out", .timed_out = true}, true, 2},
      {30000, {.status = 504, .body = "x"}, true, 2},
      {30000, {.outcome = HTTP_TRANSIENT, .message = "reset"}, false, 4},
      {10000, {.outcome = HTTP_TRANSIENT, .message = "timed out", .timed_out = true}, false, 4},
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
    assert_int_equal(call_start(fixture.client, &request, &call, &failure), 0);
    assert_int_equal(call_wait(call, &page, &status, &failure), -1);
    assert_int_equal(call_took_too_long(call), cases[i].too_long);
    assert_int_equal(fake.sent, cases[i].sent);
    call_end(call);
    tear_down();
  }
}

/* Too many requests: all calls wait. After another fault only the call that had it does. */
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
    assert_int_equal(call_wait(first, &page, &status, &failure), -1);
    assert_int_equal(failure.kind, ERROR_INTERRUPTED);
    assert_int_equal(fake.sent, cases[i].sent);
    assert_true(call_is_done(second) == (cases[i].sent == 2));
    call_end(first);
    call_end(second);
    /* Another API's wait doesn't apply. */
    change_base();
    fixture.patience = 0;
    assert_int_equal(ask(NULL), 0);
    tear_down();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_transient_faults_are_tried_again),
      cmocka_unit_test(test_permanent_ones_are_not),
      cmocka_unit_test(test_success_after_faults),
      cmocka_unit_test(test_number_of_retries),
      cmocka_unit_test(test_unreached),
      cmocka_unit_test(test_distrust),
      cmocka_unit_test(test_foreign_heads),
      cmocka_unit_test(test_last_words),
      cmocka_unit_test(test_deep_offsets),
      cmocka_unit_test(test_waiting_is_for_all),
  };
  return cmocka_run_group_tests_name("client retries", tests, NULL, NULL);
}
