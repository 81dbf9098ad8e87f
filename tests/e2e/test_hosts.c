/*
** Hosts and credentials: which header is sent where, which form a body has, what happens when it is the wrong one, and that a
** credential is never sent to an origin it was not given for.
*/
#include "checks.h"

#include <stdlib.h>
#include <string.h>

#include "dataset.h"

#define COUNT_ROWS "SELECT count(link_to) FROM onpage_links('" TASK "')"

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  return standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1);
}

/* The stand-in's other host, which takes login and password; the caller frees it with sqlite3_free. */
static char *dataforseo_url(struct harness *harness) {
  return sqlite3_mprintf("http://127.0.0.1:%u/v3", standin_port(harness->standin));
}

static void key_is_sent_as_bearer(void **state) {
  struct harness *harness = *state;
  check_rows(harness, COUNT_ROWS, "10");
  const struct standin_request *request = standin_log_get(harness->standin, 0);
  assert_non_null(request);
  assert_string_equal(request->method, "POST");
  assert_string_equal(request->path, "/apis/v1/dataforseo/on_page/links");
  assert_string_equal(request->authorization, "Bearer test-key");
  assert_true(harness_contains(request->user_agent, "onpage"));
}

static void login_and_password_are_sent_as_basic(void **state) {
  struct harness *harness = *state;
  sqlite3 *db = harness_load();
  char *url = dataforseo_url(harness);
  harness_config(db, "base_url", url);
  sqlite3_free(url);
  harness_config(db, "login", "test-login");
  harness_config(db, "password", "test-password");
  check_rows_on(db, COUNT_ROWS, "10");
  const struct standin_request *request = standin_log_get(harness->standin, 0);
  assert_non_null(request);
  assert_string_equal(request->authorization, "Basic dGVzdC1sb2dpbjp0ZXN0LXBhc3N3b3Jk");
  assert_true(harness_close(db));
}

static void slash_at_the_end_of_the_base_url(void **state) {
  struct harness *harness = *state;
  sqlite3 *db = harness_load();
  char *url = sqlite3_mprintf("%s/", standin_url(harness->standin));
  harness_config(db, "base_url", url);
  harness_config(db, "api_key", "test-key");
  check_rows_on(db, COUNT_ROWS, "10");
  assert_string_equal(standin_log_get(harness->standin, 0)->path, "/apis/v1/dataforseo/on_page/links");
  sqlite3_free(url);
  assert_true(harness_close(db));
}

static void no_credentials_make_no_request(void **state) {
  struct harness *harness = *state;
  sqlite3 *db = harness_load();
  harness_config(db, "base_url", standin_url(harness->standin));
  check_error_on(db, COUNT_ROWS, "api_key", "login", "password");
  harness_config(db, "login", "test-login");
  check_error_on(db, COUNT_ROWS, "password");
  assert_int_equal(standin_log_count(harness->standin), 0);
  assert_true(harness_close(db));
}

static void wrong_key_is_an_error(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "api_key", "sesame-4711");
  check_error(harness, COUNT_ROWS, "40");
  struct rows *rows = harness_query(harness->db, COUNT_ROWS, NULL, 0);
  assert_non_null(rows->error);
  assert_false(harness_contains(rows->error, "sesame-4711"));
  rows_free(rows);
  harness_config(harness->db, "api_key", "test-key");
  check_rows(harness, COUNT_ROWS, "10");
}

/* The other form is tried once, and what worked is remembered. */
static void body_form_is_found_and_remembered(void **state) {
  static const struct {
    enum standin_body body;
    enum standin_refusal refusal;
    size_t first, second;
  } cases[] = {
      {STANDIN_BODY_OBJECT, STANDIN_REFUSE_40503, 1, 1},   {STANDIN_BODY_BOTH, STANDIN_REFUSE_40503, 1, 1},
      {STANDIN_BODY_ARRAY, STANDIN_REFUSE_40503, 2, 1},    {STANDIN_BODY_ARRAY, STANDIN_REFUSE_HTTP_400, 2, 1},
      {STANDIN_BODY_ARRAY, STANDIN_REFUSE_HTTP_422, 2, 1},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    standin_set_readings(harness->standin, &(struct standin_readings){.body = cases[i].body, .refusal = cases[i].refusal});
    sqlite3 *db = harness_connect(harness->standin);
    harness_forget(harness);
    check_rows_on(db, COUNT_ROWS, "10");
    check_requests(harness, cases[i].first);
    /* The published form of the gateway goes first. */
    assert_int_equal(harness_request(harness->standin, "/on_page/links", 0)->body[0], '{');
    harness_forget(harness);
    check_rows_on(db, COUNT_ROWS " WHERE is_broken = 1", "3");
    check_requests(harness, cases[i].second);
    assert_int_equal(harness_request(harness->standin, "/on_page/links", 0)->body[0],
                     cases[i].body == STANDIN_BODY_ARRAY ? '[' : '{');
    assert_true(harness_close(db));
  }
}

/* A body refused in both forms is an error, not an endless alternation. */
static void body_refused_in_both_forms(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "max_retries", "0");
  standin_plant(harness->standin, 1, &(struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 40503, .times = 100});
  check_error(harness, COUNT_ROWS, "40503");
  check_requests(harness, 2);
}

static void base_url_follows_the_credentials(void **state) {
  (void)state;
  sqlite3 *db = harness_load();
  check_rows_on(db, "SELECT onpage_config('base_url')", "'https://api.aisa.one/apis/v1/dataforseo'");
  harness_config(db, "login", "somebody");
  harness_config(db, "password", "something");
  check_rows_on(db, "SELECT onpage_config('base_url')", "'https://api.dataforseo.com/v3'");
  harness_config(db, "api_key", "a-key");
  check_rows_on(db, "SELECT onpage_config('base_url')", "'https://api.aisa.one/apis/v1/dataforseo'");
  assert_true(harness_close(db));
}

static void credentials_come_from_the_environment(void **state) {
  struct harness *harness = *state;
  static const struct {
    const char *names[2], *values[2], *authorization;
  } cases[] = {
      {{"AISA_API_KEY"}, {"test-key"}, "Bearer test-key"},
      {{"ONPAGE_API_KEY"}, {"test-key"}, "Bearer test-key"},
      {{"ONPAGE_API_KEY", "AISA_API_KEY"}, {"test-key", "other"}, "Bearer test-key"},
      {{"ONPAGE_API_KEY", "AISA_API_KEY"}, {"", "test-key"}, "Bearer test-key"},
      {{"DATAFORSEO_LOGIN", "DATAFORSEO_PASSWORD"}, {"test-login", "test-password"}, "Basic dGVzdC1sb2dpbjp0ZXN0LXBhc3N3b3Jk"},
      {{"ONPAGE_LOGIN", "ONPAGE_PASSWORD"}, {"test-login", "test-password"}, "Basic dGVzdC1sb2dpbjp0ZXN0LXBhc3N3b3Jk"},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char *basic = dataforseo_url(harness);
    setenv("ONPAGE_BASE_URL", cases[i].authorization[1] == 'a' ? basic : standin_url(harness->standin), 1);
    sqlite3_free(basic);
    for (int k = 0; k < 2 && cases[i].names[k]; k++) setenv(cases[i].names[k], cases[i].values[k], 1);
    sqlite3 *db = harness_load();
    harness_clean_environment();
    harness_forget(harness);
    check_rows_on(db, COUNT_ROWS, "10");
    assert_string_equal(standin_log_get(harness->standin, 0)->authorization, cases[i].authorization);
    assert_true(harness_close(db));
  }
}

/* Credentials belong to the origin they were set with. */
static void another_origin_drops_the_credentials(void **state) {
  struct harness *harness = *state;
  struct standin *other = standin_start(0);
  assert_non_null(other);
  check_rows(harness, COUNT_ROWS, "10");
  harness_config(harness->db, "base_url", standin_url(other));
  check_error(harness, COUNT_ROWS, "api_key");
  assert_int_equal(standin_log_count(other), 0);
  /* Back at the first origin they are not there again by themselves. */
  harness_config(harness->db, "base_url", standin_url(harness->standin));
  check_error(harness, COUNT_ROWS, "api_key");
  harness_config(harness->db, "api_key", "test-key");
  check_rows(harness, COUNT_ROWS, "10");
  standin_stop(other);
}

static void another_path_of_the_origin_keeps_them(void **state) {
  struct harness *harness = *state;
  char *elsewhere = sqlite3_mprintf("http://127.0.0.1:%u/elsewhere", standin_port(harness->standin));
  harness_config(harness->db, "base_url", elsewhere);
  sqlite3_free(elsewhere);
  harness_config(harness->db, "base_url", standin_url(harness->standin));
  check_rows(harness, COUNT_ROWS, "10");
}

static void credentials_of_the_environment_belong_to_its_origin(void **state) {
  struct harness *harness = *state;
  setenv("AISA_API_KEY", "test-key", 1);
  sqlite3 *db = harness_load();
  harness_clean_environment();
  harness_config(db, "base_url", standin_url(harness->standin));
  check_error_on(db, COUNT_ROWS, "api_key");
  assert_int_equal(standin_log_count(harness->standin), 0);
  assert_true(harness_close(db));
}

static void redirects_are_not_followed(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "max_retries", "0");
  standin_plant(harness->standin, 1, &(struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = 302, .text = "moved"});
  check_error(harness, COUNT_ROWS, "302");
  check_requests(harness, 1);
}

static void bad_base_urls_are_explained(void **state) {
  static const char *const urls[] = {
      "http://api.example.com/v3",
      "ftp://127.0.0.1/v3",
      "nonsense",
      "https://",
      "https://user:secret@api.example.com/v3",
      "file:///etc/passwd",
      "http://127.0.0.1.example.com/",
      "http://localhost.example.com/v3",
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(urls); i++) {
    char *sql = sqlite3_mprintf("SELECT onpage_config('base_url', %Q)", urls[i]);
    check_error(harness, sql, "base_url");
    sqlite3_free(sql);
  }
  check_rows(harness, COUNT_ROWS, "10");
}

#define host_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      host_test(key_is_sent_as_bearer),
      host_test(login_and_password_are_sent_as_basic),
      host_test(slash_at_the_end_of_the_base_url),
      host_test(no_credentials_make_no_request),
      host_test(wrong_key_is_an_error),
      host_test(body_form_is_found_and_remembered),
      host_test(body_refused_in_both_forms),
      host_test(base_url_follows_the_credentials),
      host_test(credentials_come_from_the_environment),
      host_test(another_origin_drops_the_credentials),
      host_test(another_path_of_the_origin_keeps_them),
      host_test(credentials_of_the_environment_belong_to_its_origin),
      host_test(redirects_are_not_followed),
      host_test(bad_base_urls_are_explained),
  };
  return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}
