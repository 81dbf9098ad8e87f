/*
** Connections: when they are reused and when not, the options of their sockets, hosts that can't be reached, and proxies, which
** must never see the credentials.
*/
#include "fixture_http.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* The server responds to none of the requests before all have arrived. */
static void fetch_together(struct http *http, size_t count) {
  struct fetch fetches[16];
  assert_true(count <= LENGTH(fetches));
  server_hold(true);
  for (size_t i = 0; i < count; i++) {
    prepare(&fetches[i], "/plain");
    start(http, &fetches[i]);
  }
  while (server_count(&server.waiting) < (int)count) run(http, 10);
  for (size_t i = 0; i < count; i++) assert_null(http_result_of(fetches[i].transfer));
  server_hold(false);
  for (size_t i = 0; i < count; i++) {
    finish(http, &fetches[i]);
    assert_string_equal(fetches[i].bytes, "hello");
  }
  for (size_t i = 0; i < count; i++) http_end(fetches[i].transfer);
}

/* Connections are reused, and a lull does not close those that a burst has made. */
static void test_connections(void **state) {
  struct http *http = new_pool();
  (void)state;
  for (int i = 0; i < 5; i++) fetch_path(http, "/plain");
  assert_int_equal(server_count(&server.connections), 1);
  fetch_together(http, 10);
  assert_int_equal(server_count(&server.connections), 10);
  for (int i = 0; i < 5; i++) fetch_path(http, "/plain");
  fetch_together(http, 10);
  assert_int_equal(server_count(&server.connections), 10);
  http_free(http);
}

/* Connections that died silently: one time-out, and none of them is used again. */
static void test_frozen_pool(void **state) {
  struct http *http = new_pool();
  struct fetch fetch;
  (void)state;
  fetch_together(http, 5);
  pthread_mutex_lock(&server.mutex);
  server.frozen = 5;
  pthread_mutex_unlock(&server.mutex);
  prepare(&fetch, "/plain");
  fetch.request.timeout_ms = 50;
  perform(http, &fetch);
  assert_int_equal(fetch.result->outcome, HTTP_TRANSIENT);
  assert_true(fetch.result->reused);
  http_distrust(fetch.transfer);
  http_end(fetch.transfer);
  for (int i = 0; i < 5; i++) {
    struct http_result result = fetch_path(http, "/plain");
    assert_int_equal(result.status, 200);
    assert_int_equal(result.reused, i > 0);
  }
  assert_int_equal(server_count(&server.connections), 6);
  http_free(http);
}

/* Transfers on distrusted connections may still complete, beside new ones on others. */
static void test_pools_side_by_side(void **state) {
  struct http *http = new_pool();
  struct fetch fetches[3];
  (void)state;
  server_hold(true);
  for (size_t i = 0; i < LENGTH(fetches); i++) {
    prepare(&fetches[i], "/plain");
    start(http, &fetches[i]);
    while (server_count(&server.waiting) < (int)i + 1) run(http, 10);
    http_distrust(fetches[i].transfer);
  }
  server_hold(false);
  for (size_t i = LENGTH(fetches); i-- > 0;) {
    finish(http, &fetches[i]);
    assert_string_equal(fetches[i].bytes, "hello");
    http_distrust(fetches[i].transfer);
    if (i > 0) http_end(fetches[i].transfer); /* one is left to http_free */
  }
  http_free(http);
}

static void test_sockets(void **state) {
  struct http *http = new_pool();
  size_t found = 0;
  (void)state;
  fetch_path(http, "/plain");
  for (int fd = 0; fd < 1024; fd++) {
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    int value = 0;
    if (getpeername(fd, (struct sockaddr *)&peer, &size) != 0 || ntohs(peer.sin_port) != server.port) continue;
    found++;
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC); /* the host's children don't get it */
    size = sizeof value;
    assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &size), 0);
    assert_int_equal(value, 1);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, &size), 0);
    assert_in_range(value, 1, 30);
#ifdef TCP_USER_TIMEOUT
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, &size), 0);
    assert_in_range(value, 10000, 60000);
#endif
  }
  assert_int_equal(found, 1);
  http_free(http);
}

/* --- Names and proxies */

/* Replaces the system's getaddrinfo: a name server that does not respond for one name, and knows no other. */
static pthread_mutex_t lookup_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t lookup_changed = PTHREAD_COND_INITIALIZER;
static bool lookup_begun, lookup_may_end, lookup_ended;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
__attribute__((visibility("default"))) int getaddrinfo(const char *restrict name, const char *restrict service,
                                                       const struct addrinfo *restrict hints,
                                                       struct addrinfo **restrict result) {
  (void)service, (void)hints, (void)result;
  if (name == NULL || strcmp(name, "stuck.example.invalid") != 0) return EAI_NONAME;
  pthread_mutex_lock(&lookup_mutex);
  lookup_begun = true;
  while (!lookup_may_end) pthread_cond_wait(&lookup_changed, &lookup_mutex);
  lookup_ended = true;
  pthread_cond_broadcast(&lookup_changed);
  pthread_mutex_unlock(&lookup_mutex);
  return EAI_FAIL;
}

/* Ending a transfer does not wait for the name server. If it did, this test would hang. */
static void test_cancel_lookup(void **state) {
  const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
  (void)state;
  if (version->version_num < 0x075700 || (version->features & CURL_VERSION_ASYNCHDNS) == 0 || version->ares != NULL) skip();
  struct http *http = new_pool();
  struct fetch fetch;
  bool begun = false;
  prepare(&fetch, "");
  fetch.request.url = "http://stuck.example.invalid/";
  start(http, &fetch);
  while (!begun) {
    run(http, 10);
    pthread_mutex_lock(&lookup_mutex);
    begun = lookup_begun;
    pthread_mutex_unlock(&lookup_mutex);
  }
  http_end(fetch.transfer);
  pthread_mutex_lock(&lookup_mutex);
  lookup_may_end = true;
  pthread_cond_broadcast(&lookup_changed);
  while (!lookup_ended) pthread_cond_wait(&lookup_changed, &lookup_mutex);
  pthread_mutex_unlock(&lookup_mutex);
  http_free(http);
}

static void test_unreachable(void **state) {
  static const struct {
    const char *url;
    enum http_outcome outcome;
  } cases[] = {
      {"ftp://127.0.0.1/", HTTP_PERMANENT},
      {"file:///etc/passwd", HTTP_PERMANENT},
      {"http://user:hidden-token@127.0.0.1/", HTTP_PERMANENT},
      {"http://", HTTP_PERMANENT},
      {"http://unknown.example.invalid/", HTTP_UNREACHED},
      {"https://127.0.0.1:%d/", HTTP_UNREACHED}, /* not a TLS server: looks like a broken handshake */
  };
  struct http *http = new_pool();
  struct fetch fetch;
  (void)state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    prepare(&fetch, "");
    snprintf(fetch.url, sizeof fetch.url, "%s", cases[i].url);
    char *port = strstr(fetch.url, "%d");
    if (port != NULL) snprintf(port, 10, "%d/", server.port);
    fetch.request.bearer = "hidden-token";
    start(http, &fetch);
    /* The server would wait for the end of a head that never comes. */
    while (http_result_of(fetch.transfer) == NULL) {
      run(http, 100);
      if (port != NULL) server_hang_up();
    }
    finish(http, &fetch);
    if (fetch.result->outcome != cases[i].outcome) fail_msg("%s: %s", fetch.url, fetch.result->message);
    assert_null(strstr(fetch.result->message, "hidden"));
    http_end(fetch.transfer);
  }
  server_stop(NULL);
  struct http_result result = fetch_path(http, "/plain"); /* the port is closed by now */
  server_start(NULL);
  assert_int_equal(result.outcome, HTTP_UNREACHED);
  assert_int_equal(result.status, 0);
  const char *words = strstr(result.message, "onnect to server"); /* once is enough */
  assert_true(words != NULL && strstr(words + 1, "onnect to server") == NULL);
  http_free(http);
}

static void test_bad_ca_file(void **state) {
  struct http *http = new_pool();
  struct fetch fetch;
  (void)state;
  prepare(&fetch, "");
  fetch.url[0] = '\0';
  snprintf(fetch.url, sizeof fetch.url, "https://127.0.0.1:%d/", server.port);
  fetch.request.ca_file = "/nonexistent/ca.pem";
  perform(http, &fetch);
  assert_int_equal(fetch.result->outcome, HTTP_UNTRUSTED);
  http_end(fetch.transfer);
  http_free(http);
}

/* A proxy is asked for a tunnel, never given the credentials; its refusal is final. */
static void test_proxy(void **state) {
  char proxy[60];
  struct http *http = new_pool();
  struct fetch fetch;
  (void)state;
  snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", server.port);
  setenv("https_proxy", proxy, 1);
  prepare(&fetch, "");
  fetch.request.url = "https://api.example.invalid/v3";
  fetch.request.bearer = "hidden-token";
  perform(http, &fetch);
  unsetenv("https_proxy");
  assert_string_equal(server_request_line("CONNECT "), "CONNECT api.example.invalid:443 HTTP/1.1");
  assert_string_equal(server_request_line("Authorization:"), "");
  assert_string_equal(server_request_line("Proxy-Authorization:"), "");
  assert_int_equal(fetch.result->outcome, HTTP_PERMANENT);
  assert_non_null(strstr(fetch.result->message, "403"));
  assert_null(strstr(fetch.result->message, "hidden"));
  http_end(fetch.transfer);
  http_free(http);
}

/* Without TLS the proxy could read the credentials. */
static void test_no_proxy_without_tls(void **state) {
  static const char *const variables[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
  struct http *http = new_pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(variables); i++) {
    setenv(variables[i], "http://127.0.0.1:1", 1);
    assert_int_equal(fetch_path(http, "/plain").status, 200);
    unsetenv(variables[i]);
    assert_string_equal(server_request_line("GET "), "GET /plain HTTP/1.1");
  }
  http_free(http);
}

/* libcurl quotes what it can't use, even where its buffer ends in the middle of it. */
static void test_bad_proxy(void **state) {
  static const char *const proxies[] = {
      "http://user:hidden-word@127.0.0.1:port",
      "gopher://user:hidden-word@127.0.0.1",
      "http://user:hidden'word@127.0.0.1:0x",
      "user:hidden@word@127.0.0.1:99999",
      "http://user:"
      "hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-"
      "hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-"
      "hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden-hidden@"
      "127.0.0.1:port",
  };
  struct http *http = new_pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(proxies); i++) {
    struct fetch fetch;
    setenv("https_proxy", proxies[i], 1);
    prepare(&fetch, "");
    fetch.request.url = "https://api.example.invalid/v3";
    perform(http, &fetch);
    unsetenv("https_proxy");
    assert_int_not_equal(fetch.result->outcome, HTTP_DONE);
    if (strstr(fetch.result->message, "roxy") == NULL) fail_msg("%s", fetch.result->message);
    assert_null(strstr(fetch.result->message, "hidden"));
    assert_null(strstr(fetch.result->message, "word"));
    http_end(fetch.transfer);
  }
  http_free(http);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      server_test(test_connections), server_test(test_frozen_pool),   server_test(test_pools_side_by_side),
      server_test(test_sockets),     server_test(test_cancel_lookup), server_test(test_unreachable),
      server_test(test_bad_ca_file), server_test(test_proxy),         server_test(test_no_proxy_without_tls),
      server_test(test_bad_proxy),
  };
  prepare_process();
  return cmocka_run_group_tests_name("http connections", tests, NULL, NULL);
}
