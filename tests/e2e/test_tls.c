/*
** TLS against a real server: one that can't prove to be the requested host receives nothing, above all no credentials, and the
** error names what is wrong and the way out. And proxies: taken from the environment as libcurl does, never shown.
*/
#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "tls.h"

#define READ "SELECT link_to FROM onpage_links('" TASK "')"

static void set_authority(struct harness *harness, const char *name) {
  char *path = sqlite3_mprintf("%s/%s.pem", tls_folder, name ? name : "");
  harness_config(harness->db, "ca_file", name ? path : "");
  sqlite3_free(path);
}

static void certificates(void **state) {
  static const struct {
    const char *server, *host, *authority; /* NULL: those of the system */
    const char *words[2];                  /* NULL: all is well */
  } cases[] = {
      {"right", "127.0.0.1", "authority", {NULL, NULL}},
      {"right", "localhost", "authority", {NULL, NULL}},
      {"selfsigned", "127.0.0.1", "selfsigned", {NULL, NULL}},
      {"right", "127.0.0.1", NULL, {"cert", "ca_file"}},
      {"right", "127.0.0.1", "selfsigned", {"unable to get local issuer certificate", "ca_file"}},
      {"elsewhere", "127.0.0.1", "authority", {"subject name", "base_url"}},
      {"elsewhere", "localhost", "authority", {"subject name", "base_url"}},
      {"expired", "127.0.0.1", "authority", {"expired", "certificate"}},
      {"selfsigned", "127.0.0.1", NULL, {"cert", "ca_file"}},
      {"selfsigned", "127.0.0.1", "authority", {"self", "ca_file"}},
      {"selfsigned", "localhost", "selfsigned", {"subject name", "base_url"}},
      {"right", "127.0.0.1", "no-such-file", {"CA", "ca_file"}},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].words[0] ? cases[i].words[0] : cases[i].server);
    struct tls_server *server = tls_start(cases[i].server);
    harness_set_url(harness->db, "https", cases[i].host, tls_port(server));
    set_authority(harness, cases[i].authority);
    if (cases[i].words[0] == NULL)
      check_rows(harness, READ, "'/'");
    else
      check_error(harness, READ, "no response from the API", cases[i].words[0], cases[i].words[1]);
    assert_int_equal(tls_requests(server), cases[i].words[0] == NULL);
    tls_stop(server);
  }
  /* None of it was tried again. */
  check_rows(harness, "SELECT max(attempt), count(*) FROM onpage_requests", "1|12");
}

/* ca_file replaces the system's authorities. */
static void authorities_of_the_system(void **state) {
  struct harness *harness = *state;
  struct tls_server *server = tls_start("right");
  char *system = sqlite3_mprintf("%s/system", tls_folder);
  tls_set_authorities(system);
  harness_set_url(harness->db, "https", "127.0.0.1", tls_port(server));
  check_rows(harness, READ, "'/'");
  set_authority(harness, "selfsigned");
  check_error(harness, READ, "no response from the API", "ca_file");
  set_authority(harness, "authority");
  check_rows(harness, READ, "'/'");
  set_authority(harness, NULL);
  check_rows(harness, READ, "'/'");
  assert_int_equal(tls_requests(server), 3);
  tls_set_authorities(NULL);
  sqlite3_free(system);
  tls_stop(server);
}

/* A server without TLS, and TLS where http: is requested. */
static void wrong_protocol(void **state) {
  struct harness *harness = *state;
  struct tls_server *server = tls_start("right");
  harness_config(harness->db, "max_retries", "0");
  set_authority(harness, "authority");
  harness_set_url(harness->db, "https", "127.0.0.1", standin_port(harness->standin));
  check_error(harness, READ, "no response from the API", "SSL");
  check_requests(harness, 0);
  harness_set_url(harness->db, "http", "127.0.0.1", tls_port(server));
  check_error(harness, READ, "onpage_links");
  assert_int_equal(tls_requests(server), 0);
  tls_stop(server);
}

/* ---- Proxies ---- */

static const char *const proxy_variables[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                              "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

static void clear_proxies(void) {
  for (size_t i = 0; i < LENGTH(proxy_variables); i++) unsetenv(proxy_variables[i]);
}

static int proxy_tear_down(void **state) {
  clear_proxies();
  return harness_tear_down(state);
}

static void set_proxy(const char *variable, const char *user, const struct proxy *proxy) {
  char *url = sqlite3_mprintf("http://%s127.0.0.1:%u", user, proxy_port(proxy));
  setenv(variable, url, 1);
  sqlite3_free(url);
}

static void proxies_from_the_environment(void **state) {
  static const struct {
    const char *scheme, *variable, *excepted;
    const char *asked; /* the start of what the proxy sees; "": nothing */
  } cases[] = {
      {"https", "https_proxy", NULL, "CONNECT 127.0.0.1:"},
      {"https", "HTTPS_PROXY", NULL, "CONNECT 127.0.0.1:"},
      {"https", "all_proxy", NULL, "CONNECT 127.0.0.1:"},
      {"https", "http_proxy", NULL, ""},
      {"https", "https_proxy", "127.0.0.1", ""},
      {"https", "https_proxy", "*", ""},
      {"https", "https_proxy", "example.com", "CONNECT 127.0.0.1:"},
      {"http", "http_proxy", NULL, ""}, /* it would read the key */
      {"http", "HTTP_PROXY", NULL, ""},
      {"http", "all_proxy", NULL, ""},
      {"http", "ALL_PROXY", NULL, ""},
      {"http", "https_proxy", NULL, ""},
  };
  struct harness *harness = *state;
  standin_add_task(harness->standin, TASK, STANDIN_FINISHED, "{\"link_to\":\"/\"}\n", strlen("{\"link_to\":\"/\"}\n"));
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct tls_server *server = tls_start("right");
    struct proxy *proxy = proxy_start(false);
    bool secure = strcmp(cases[i].scheme, "https") == 0;
    check_case(cases[i].variable);
    clear_proxies();
    set_proxy(cases[i].variable, "", proxy);
    if (cases[i].excepted) setenv("NO_PROXY", cases[i].excepted, 1);
    set_authority(harness, "authority");
    harness_set_url(harness->db, cases[i].scheme, "127.0.0.1", secure ? tls_port(server) : standin_port(harness->standin));
    check_rows(harness, READ, "'/'");
    const char *head = proxy_head(proxy);
    if (strncmp(head, cases[i].asked, strlen(cases[i].asked)) != 0)
      fail_msg("%s %s: %s", cases[i].scheme, cases[i].variable, head);
    if (cases[i].asked[0] == '\0') assert_string_equal(head, "");
    if (secure) assert_null(strstr(head, "test-key"));
    proxy_stop(proxy);
    tls_stop(server);
  }
}

/* A proxy's own credentials are sent to it alone, and shown nowhere. */
static void credentials_of_a_proxy(void **state) {
  struct harness *harness = *state;
  struct tls_server *server = tls_start("right");
  for (int refuses = 0; refuses < 2; refuses++) {
    struct proxy *proxy = proxy_start(refuses);
    set_proxy("https_proxy", "proxy-user:proxy-secret@", proxy);
    set_authority(harness, "authority");
    harness_set_url(harness->db, "https", "127.0.0.1", tls_port(server));
    if (refuses)
      check_error(harness, READ, "no response from the API", "407");
    else
      check_rows(harness, READ, "'/'");
    const char *head = proxy_head(proxy);
    assert_non_null(strstr(head, "\r\nProxy-Authorization: Basic cHJveHktdXNlcjpwcm94eS1zZWNyZXQ=\r\n"));
    assert_null(strstr(head, "test-key"));
    proxy_stop(proxy);
  }
  setenv("https_proxy", "http://proxy-user:proxy-secret@127.0.0.1:no-port", 1);
  harness_config(harness->db, "max_retries", "0");
  struct rows *rows = harness_query(harness->db, READ, NULL, 0);
  assert_non_null(rows->error);
  assert_true(harness_contains(rows->error, "proxy"));
  assert_false(harness_contains(rows->error, "proxy-"));
  rows_free(rows);
  check_rows(harness,
             "SELECT count(*), sum(instr(coalesce(error, '') || coalesce(url, '') || coalesce(status_message, ''), "
             "'proxy-')) FROM onpage_requests",
             "3|0");
  tls_stop(server);
}

#define tls_test(function) cmocka_unit_test_setup_teardown(function, harness_set_up, proxy_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      tls_test(certificates),           tls_test(authorities_of_the_system),
      tls_test(wrong_protocol),         tls_test(proxies_from_the_environment),
      tls_test(credentials_of_a_proxy),
  };
  return cmocka_run_group_tests_name("TLS", tests, tls_set_up, tls_tear_down);
}
