/* What the caller and the user are told of a call: results, messages, the log; and that none of them shows a credential. */
#include "fixture_client.h"

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
      {{.status = 429, .body = "Slow down", .retry_after_s = 86400}, {"HTTP 429: Slow down (to be tried again in 86400 s); "}},
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    set_up();
    play(&cases[i].response, 1);
    assert_int_equal(ask(NULL), -1);
    for (size_t j = 0; j < LENGTH(cases[i].parts) && cases[i].parts[j] != NULL; j++)
      if (strstr(failure.message, cases[i].parts[j]) == NULL) fail_msg("case %zu: %s", i, failure.message);
    tear_down();
  }
}

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

/* ---- Secrets ---- */

#define BASIC "bWU6czNjcmV0LWtleQ" /* me:s3cret-key in base64 */

static void check_has_no_secret(const char *text) {
  if (text != NULL && (strstr(text, SECRET) != NULL || strstr(text, BASIC) != NULL || strstr(text, "s3cret") != NULL))
    fail_msg("%s", text);
}

/* An API may echo what it was sent. */
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
      {.status = 401, .body = cut_off}, /* the kept start of the response ends within the key */
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
      check_has_no_secret(failure.message);
      const struct request_record *record = request_log_get(fixture.log, 0);
      check_has_no_secret(record->status_message);
      check_has_no_secret(record->error);
      check_has_no_secret(record->url);
      check_has_no_secret(record->body);
      tear_down();
    }
}

/* A key's white space is normalized when a response's text becomes one line of a message. */
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
    if (strstr(failure.message, "blanks") != NULL) fail_msg("%s", failure.message);
    assert_null(strstr(request_log_get(fixture.log, 0)->status_message, "blanks"));
    tear_down();
  }
}

/* A part of a key may look like an HTML tag, which is removed from messages. */
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
    if (strstr(failure.message, "secret") != NULL || strstr(failure.message, "mine") != NULL) fail_msg("%s", failure.message);
    tear_down();
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_outcomes),
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_log),
      cmocka_unit_test(test_no_credential_is_shown),
      cmocka_unit_test(test_blanks_in_a_credential),
      cmocka_unit_test(test_tags_in_a_credential),
  };
  return cmocka_run_group_tests_name("client reports", tests, NULL, NULL);
}
