/*
** What is sent byte for byte, and what becomes of each kind of response: its headers, its encodings, and the ways in which it
** breaks off. No failure may show the credentials that were sent.
*/
#include "fixture_http.h"

#include <time.h>

#include "client/account.h"

static void test_responses(void **state) {
  static const struct {
    const char *path, *bytes;
    long status;
  } cases[] = {{"/plain", "hello", 200}, {"/chunked", "hello", 200}, {"/until-close", "hello", 200},
               {"/404", "hello", 404},   {"/401", "", 401},          {"/redirect", "", 302}};
  struct http *http = new_pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    prepare(&fetch, cases[i].path);
    start(http, &fetch);
    assert_null(http_result_of(fetch.transfer));
    finish(http, &fetch);
    assert_int_equal(fetch.result->outcome, HTTP_DONE);
    assert_int_equal(fetch.result->status, cases[i].status);
    assert_string_equal(fetch.bytes, cases[i].bytes);
    assert_int_equal(fetch.size, strlen(cases[i].bytes));
    assert_string_equal(fetch.result->message, "");
    assert_int_equal(fetch.result->retry_after_s, -1);
    assert_true(account_price(fetch.result) == -1);
    assert_true(fetch.result->bytes > (long long)fetch.size);
    assert_int_equal(server_count(&server.requests), i + 1); /* no redirect followed, no second try at a 401 */
    assert_ptr_equal(http_result_of(fetch.transfer), fetch.result);
    http_end(fetch.transfer);
  }
  http_free(http);
}

static void test_request(void **state) {
  enum { BODY_SIZE = 3000000 }; /* beyond what makes libcurl ask with Expect: */
  struct http *http = new_pool();
  struct fetch fetch;
  char *body = malloc(BODY_SIZE);
  (void)state;
  assert_non_null(body);
  memset(body, 'x', BODY_SIZE);
  prepare(&fetch, "/plain");
  fetch.request.method = "POST";
  fetch.request.body = body;
  fetch.request.body_size = BODY_SIZE;
  start(http, &fetch);
  free(body); /* copied */
  finish(http, &fetch);
  assert_int_equal(fetch.result->status, 200);
  assert_int_equal(server.body_size, BODY_SIZE);
  assert_string_equal(server_request_line("POST "), "POST /plain HTTP/1.1");
  assert_string_equal(server_request_line("Content-Type:"), "Content-Type: application/json");
  assert_string_equal(server_request_line("Accept:"), "Accept: application/json");
  assert_string_equal(server_request_line("User-Agent:"), "User-Agent: onpage/" ONPAGE_VERSION);
  assert_non_null(strstr(server_request_line("Accept-Encoding:"), "gzip"));
  assert_string_equal(server_request_line("Expect:"), "");
  assert_string_equal(server_request_line("Authorization:"), "");
  http_end(fetch.transfer);

  fetch_path(http, "/plain");
  assert_string_equal(server_request_line("GET "), "GET /plain HTTP/1.1");
  assert_string_equal(server_request_line("Content-Type:"), "");
  assert_string_equal(server_request_line("Accept:"), "Accept: application/json");
  http_free(http);
}

static void test_credentials(void **state) {
  static const struct {
    const char *bearer, *login, *password, *header;
  } cases[] = {
      {"hidden-token", NULL, NULL, "Authorization: Bearer hidden-token"},
      {NULL, "user@example.com", "pass:word", "Authorization: Basic dXNlckBleGFtcGxlLmNvbTpwYXNzOndvcmQ="},
      {NULL, NULL, NULL, ""},
      {"another", NULL, NULL, "Authorization: Bearer another"},
  };
  struct http *http = new_pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    prepare(&fetch, "/401");
    fetch.request.bearer = cases[i].bearer;
    fetch.request.login = cases[i].login;
    fetch.request.password = cases[i].password;
    perform(http, &fetch);
    assert_string_equal(server_request_line("Authorization:"), cases[i].header);
    http_end(fetch.transfer);
  }
  assert_int_equal(server_count(&server.requests), LENGTH(cases));
  assert_int_equal(server_count(&server.connections), 1); /* one connection serves any credentials */
  http_free(http);
}

static void test_retry_after(void **state) {
  static const struct {
    const char *path;
    long least, most;
  } cases[] = {{"/retry-seconds", 17, 17}, {"/retry-date", 3000, 3600}, {"/retry-past", -1, -1},
               {"/retry-zero", -1, -1},    {"/retry-bad", -1, -1},      {"/plain", -1, -1}};
  struct http *http = new_pool();
  time_t then = time(NULL) + 3600;
  (void)state;
  strftime(server.retry_at, sizeof server.retry_at, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&then));
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct http_result result = fetch_path(http, cases[i].path);
    assert_int_equal(result.outcome, HTTP_DONE);
    if (result.retry_after_s < cases[i].least || result.retry_after_s > cases[i].most)
      fail_msg("%s: %ld", cases[i].path, result.retry_after_s);
  }
  http_free(http);
}

static void test_price(void **state) {
  static const struct {
    const char *path;
    double price;
  } cases[] = {{"/price", 0.0015},      {"/price-exponent", 1.5e-05}, {"/price-integer", 12},
               {"/price-negative", -1}, {"/price-empty", -1},         {"/price-bad", -1},
               {"/price-huge", -1},     {"/price-long", -1},          {"/hints", -1} /* only the real response's counts */};
  struct http *http = new_pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct http_result result = fetch_path(http, cases[i].path);
    assert_int_equal(result.status, 200);
    if (account_price(&result) != cases[i].price) fail_msg("%s: %g", cases[i].path, account_price(&result));
  }
  http_free(http);
}

static void test_rate_limit(void **state) {
  static const struct {
    const char *path;
    long limit;
  } cases[] = {{"/limit", 600},        {"/limit-short", 3000}, {"/limit-both", 60}, {"/limit-both-turned", 60},
               {"/limit-policy", 600}, {"/limit-other", -1},   {"/limit-zero", -1}, {"/limit-word", -1},
               {"/limit-huge", -1},    {"/price", -1},         {"/hints", -1}};
  struct http *http = new_pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct http_result result = fetch_path(http, cases[i].path);
    assert_int_equal(result.status, 200);
    if (account_rate_limit(&result) != cases[i].limit) fail_msg("%s: %ld", cases[i].path, account_rate_limit(&result));
  }
  http_free(http);
}

static void test_gzip(void **state) {
  struct http *http = new_pool();
  struct fetch fetch;
  (void)state;
  prepare(&fetch, "/gzip");
  perform(http, &fetch);
  assert_int_equal(fetch.result->outcome, HTTP_DONE);
  assert_int_equal(fetch.size, 10000);
  assert_int_equal(strspn(fetch.bytes, "a"), sizeof fetch.bytes - 1);
  assert_true(fetch.result->bytes < 300); /* as it was packed */
  http_end(fetch.transfer);
  http_free(http);
}

/* Each way to fail, whether it is worth another try, and what the message says. None may hold the token that was sent. */
static void test_failures(void **state) {
  static const struct {
    const char *path;
    enum http_outcome outcome;
    const char *message;
  } cases[] = {
      {"/short", HTTP_TRANSIENT, "Transferred a partial file: "},
      {"/short-chunk", HTTP_TRANSIENT, "Transferred a partial file: "},
      {"/short-reset", HTTP_TRANSIENT, "Failure when receiving data from the peer: "},
      {"/half-head", HTTP_TRANSIENT, "in the middle of the response's headers"},
      {"/empty", HTTP_TRANSIENT, "Server returned nothing"},
      {"/reset", HTTP_TRANSIENT, ""},
      {"/bad-gzip", HTTP_TRANSIENT, ""},
      {"/gzip-and-more", HTTP_TRANSIENT, "garbled"},
      {"/long-line", HTTP_PERMANENT, "header lines"}, /* which libcurl reports as out of memory */
      {"/long-status", HTTP_PERMANENT, ""},
      {"/garbage", HTTP_PERMANENT, ""},
      {"/endless", HTTP_TOO_LARGE, "the response is larger than the 1000000 bytes allowed"},
      {"/endless-head", HTTP_PERMANENT, ""},
  };
  struct http *http = new_pool();
  static char body[4000000];
  (void)state;
  memset(body, 'x', sizeof body);
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    prepare(&fetch, cases[i].path);
    fetch.request.bearer = "hidden-token";
    if (strcmp(cases[i].path, "/reset") == 0) { /* in the middle of sending */
      fetch.request.method = "POST";
      fetch.request.body = body;
      fetch.request.body_size = sizeof body;
    }
    perform(http, &fetch);
    if (fetch.result->outcome != cases[i].outcome)
      fail_msg("%s: %d %s", cases[i].path, fetch.result->outcome, fetch.result->message);
    assert_int_not_equal(strlen(fetch.result->message), 0);
    if (strstr(fetch.result->message, cases[i].message) == NULL) fail_msg("%s: %s", cases[i].path, fetch.result->message);
    assert_null(strstr(fetch.result->message, "hidden"));
    for (const char *at = fetch.result->message; *at != '\0'; at++) assert_true(*at >= ' ' && *at <= '~');
    http_end(fetch.transfer);
    assert_int_equal(fetch_path(http, "/plain").status, 200); /* the pool is none the worse for it */
  }
  http_free(http);
}

static void test_response_max(void **state) {
  static const struct {
    const char *path;
    size_t response_max;
    enum http_outcome outcome;
  } cases[] = {{"/plain", 5, HTTP_DONE},        {"/plain", 4, HTTP_TOO_LARGE}, {"/chunked", 5, HTTP_DONE},
               {"/chunked", 4, HTTP_TOO_LARGE}, {"/gzip", 10000, HTTP_DONE},   {"/gzip", 9999, HTTP_TOO_LARGE},
               {"/401", 0, HTTP_DONE},          {"/plain", 0, HTTP_TOO_LARGE}};
  struct http *http = new_pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    char message[100];
    prepare(&fetch, cases[i].path);
    fetch.request.response_max = cases[i].response_max;
    perform(http, &fetch);
    assert_int_equal(fetch.result->outcome, cases[i].outcome);
    assert_true(fetch.size <= cases[i].response_max);
    snprintf(message, sizeof message, "the response is larger than the %zu bytes allowed", cases[i].response_max);
    assert_string_equal(fetch.result->message, cases[i].outcome == HTTP_DONE ? "" : message);
    http_end(fetch.transfer);
  }
  http_free(http);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      server_test(test_responses),   server_test(test_request),  server_test(test_credentials),
      server_test(test_retry_after), server_test(test_price),    server_test(test_rate_limit),
      server_test(test_gzip),        server_test(test_failures), server_test(test_response_max),
  };
  prepare_process();
  return cmocka_run_group_tests_name("http responses", tests, NULL, NULL);
}
