/* Waiting: time-outs count only time spent in http_run, and a transfer can be ended at any moment. */
#include "fixture_http.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static int64_t speed = 1; /* of the extension's clock, not of libcurl's */

int64_t clock_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000) * speed;
}

static void pause_ms(long milliseconds) {
  nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}, NULL);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_timeouts(void **state) {
  static const char *const paths[] = {"/silent", "/drip"};
  struct http *http = new_pool();
  (void)state;
  for (size_t i = 0; i < LENGTH(paths); i++) {
    struct fetch fetch;
    prepare(&fetch, paths[i]);
    fetch.request.timeout_ms = 50;
    perform(http, &fetch);
    assert_int_equal(fetch.result->outcome, HTTP_TRANSIENT);
    assert_non_null(strstr(fetch.result->message, "timed out after"));
    http_end(fetch.transfer);
  }
  http_free(http);
}

/* A response that stalls is given up before timeout_ms. */
static void test_stall(void **state) {
  static const struct {
    const char *path;
    const char *message;
  } cases[] = {{"/drip", "timed out after 6"}, {"/silent", "timed out after 15"}}; /* followed by four digits of milliseconds */
  struct http *http = new_pool();
  (void)state;
  speed = 100; /* a delay of 100 ms on a busy machine is the 10 s that the messages leave open */
  for (size_t i = 0; i < LENGTH(cases); i++) {
    struct fetch fetch;
    prepare(&fetch, cases[i].path);
    fetch.request.timeout_ms = 150000;
    start(http, &fetch);
    while (http_result_of(fetch.transfer) == NULL) run(http, 1);
    finish(http, &fetch);
    assert_int_equal(fetch.result->outcome, HTTP_TRANSIENT);
    if (strstr(fetch.result->message, cases[i].message) == NULL) fail_msg("%s: %s", cases[i].path, fetch.result->message);
    http_end(fetch.transfer);
  }
  speed = 1;
  http_free(http);
}

enum { LIMIT_MS = 100, PAUSE_MS = 300 };

/* What arrives between two calls of http_run is not lost. */
static void test_pause(void **state) {
  struct http *http = new_pool();
  struct fetch fetch;
  (void)state;
  server_hold(true);
  prepare(&fetch, "/plain");
  fetch.request.timeout_ms = LIMIT_MS;
  start(http, &fetch);
  while (server_count(&server.waiting) == 0) run(http, 1);
  server_hold(false);
  pause_ms(PAUSE_MS);
  finish(http, &fetch);
  if (fetch.result->outcome != HTTP_DONE) fail_msg("%s", fetch.result->message);
  assert_string_equal(fetch.bytes, "hello");
  assert_int_equal(server_count(&server.requests), 1);
  http_end(fetch.transfer);
  http_free(http);
}

/* A listener that accepts one connection at a time; the first one keeps all others waiting. */
static int listen_reluctantly(int *first, int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
  assert_int_equal(listen(listener, 0), 0);
  getsockname(listener, (struct sockaddr *)&address, &size);
  *first = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(*first, (struct sockaddr *)&address, size), 0);
  *port = ntohs(address.sin_port);
  return listener;
}

/* The time-out for connecting, too, counts only time spent in http_run. */
static void test_pause_while_connecting(void **state) {
  static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  struct http *http = new_pool();
  struct fetch fetch;
  char bytes[4096];
  int first, port;
  int listener = listen_reluctantly(&first, &port);
  (void)state;
  prepare(&fetch, "");
  snprintf(fetch.url, sizeof fetch.url, "http://127.0.0.1:%d/", port);
  fetch.request.connect_timeout_ms = LIMIT_MS;
  start(http, &fetch);
  run(http, 0);
  run(http, 0);
  pause_ms(PAUSE_MS);
  close(accept(listener, NULL, NULL));
  fcntl(listener, F_SETFL, O_NONBLOCK);
  int client = -1;
  while (http_result_of(fetch.transfer) == NULL) {
    run(http, 10);
    if (client < 0) client = accept(listener, NULL, NULL);
    if (client >= 0 && recv(client, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
      assert_int_equal(send(client, response, strlen(response), MSG_NOSIGNAL), strlen(response));
  }
  if (http_result_of(fetch.transfer)->outcome != HTTP_DONE) fail_msg("%s", http_result_of(fetch.transfer)->message);
  http_end(fetch.transfer);
  close(client);
  close(first);
  close(listener);
  http_free(http);
}

/* Spent in http_run, the time for connecting ends when it should. */
static void test_connect_timeout(void **state) {
  struct http *http = new_pool();
  struct fetch fetch;
  int first, port;
  int listener = listen_reluctantly(&first, &port);
  double begin = seconds();
  (void)state;
  prepare(&fetch, "");
  snprintf(fetch.url, sizeof fetch.url, "http://127.0.0.1:%d/", port);
  fetch.request.connect_timeout_ms = LIMIT_MS;
  perform(http, &fetch);
  assert_int_equal(fetch.result->outcome, HTTP_UNREACHED);
  assert_true(seconds() - begin < 10 * LIMIT_MS / 1e3);
  http_end(fetch.transfer);
  close(first);
  close(listener);
  http_free(http);
}

static void test_cancel(void **state) {
  struct http *http = new_pool();
  struct fetch fetches[3];
  (void)state;
  server_hold(true);
  for (size_t i = 0; i < LENGTH(fetches); i++) {
    prepare(&fetches[i], "/plain");
    start(http, &fetches[i]);
  }
  while (server_count(&server.waiting) < (int)LENGTH(fetches)) run(http, 10);
  http_end(fetches[1].transfer);
  server_hold(false);
  finish(http, &fetches[0]);
  finish(http, &fetches[2]);
  assert_string_equal(fetches[0].bytes, "hello");
  assert_string_equal(fetches[2].bytes, "hello");
  assert_int_equal(fetches[1].pieces, 0);
  http_end(fetches[2].transfer);
  /* One done, one not begun, one under way, and one in the middle of its response are left to http_free. */
  struct fetch begun, middle;
  prepare(&begun, "/silent");
  start(http, &begun);
  prepare(&middle, "/drip");
  start(http, &middle);
  while (middle.pieces == 0) run(http, 1000);
  prepare(&fetches[1], "/plain");
  start(http, &fetches[1]);
  http_free(http);
  assert_int_equal(fetches[1].pieces, 0);
  http_end(NULL);
  http_free(NULL);
}

/* http_run ends as soon as there are bytes, not when the transfer is done or the time is up. */
static void test_bytes_end_the_wait(void **state) {
  struct http *http = new_pool();
  struct fetch fetch;
  (void)state;
  prepare(&fetch, "/drip");
  start(http, &fetch);
  while (fetch.pieces == 0) run(http, 1000000000);
  assert_null(http_result_of(fetch.transfer));
  assert_string_equal(fetch.bytes, "hello");
  http_end(fetch.transfer);
  http_free(http);
}

static void test_idle(void **state) {
  struct http *http = new_pool();
  (void)state;
  run(http, 0);
  double begin = seconds();
  run(http, 30);
  assert_true(seconds() - begin > 0.025); /* waits, so that a loop does not spin */
  http_free(http);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      server_test(test_timeouts),
      server_test(test_stall),
      server_test(test_pause),
      cmocka_unit_test(test_pause_while_connecting),
      cmocka_unit_test(test_connect_timeout),
      server_test(test_cancel),
      server_test(test_bytes_end_the_wait),
      server_test(test_idle),
  };
  prepare_process();
  return cmocka_run_group_tests_name("http waiting", tests, NULL, NULL);
}
