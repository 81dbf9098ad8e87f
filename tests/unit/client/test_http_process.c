/* The process around the transfers: its signals, forks, threads, and whichever release of libcurl it has loaded. */
#define _GNU_SOURCE /* RTLD_NEXT; NOLINT: the macro's name is libc's */
#include "fixture_http.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_signals(void **state) {
  sigset_t before, after, pending;
  struct http *http = new_pool();
  (void)state;
  pthread_sigmask(SIG_SETMASK, NULL, &before);
  fetch_path(http, "/plain");
  fetch_path(http, "/reset");
  pthread_sigmask(SIG_SETMASK, NULL, &after);
  sigpending(&pending);
  assert_int_equal(sigismember(&before, SIGPIPE), 0);
  assert_int_equal(sigismember(&after, SIGPIPE), 0);
  assert_int_equal(sigismember(&pending, SIGPIPE), 0);
  http_free(http);
}

/* What the child of a fork does; 0 when all is well. */
static int child(struct http *http, struct fetch *held, struct fetch *done) {
  struct error error;
  struct fetch fetch;
  if (http_run(http, 0, &error) != 0) return 1;
  const struct http_result *result = http_result_of(held->transfer);
  if (result == NULL || result->outcome != HTTP_TRANSIENT || strstr(result->message, "forked") == NULL) return 2;
  if (http_result_of(done->transfer) == NULL || http_result_of(done->transfer)->status != 200) return 3;
  prepare(&fetch, "/404");
  if (http_start(http, &fetch.request, &fetch.transfer, &error) != 0) return 4;
  while (http_result_of(fetch.transfer) == NULL) {
    if (http_run(http, 1000, &error) != 0) return 5;
  }
  if (http_result_of(fetch.transfer)->status != 404) return 6;
  http_end(held->transfer);
  http_end(fetch.transfer);
  http_free(http);
  return 0;
}

static void test_fork(void **state) {
  struct http *http = new_pool();
  struct fetch held, done;
  int status = -1;
  (void)state;
  prepare(&done, "/plain");
  perform(http, &done);
  server_hold(true);
  prepare(&held, "/plain");
  start(http, &held);
  while (server_count(&server.waiting) == 0) run(http, 10);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) _exit(child(http, &held, &done));
  while (server_count(&server.waiting) < 2) run(http, 10); /* the child's own request has come, on its own connection */
  server_hold(false);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  finish(http, &held); /* the parent's transfer has survived its child */
  assert_int_equal(held.result->status, 200);
  assert_string_equal(held.bytes, "hello");
  assert_int_equal(server_count(&server.connections), 2);
  http_end(held.transfer);
  http_end(done.transfer);
  http_free(http);
}

static void *fetch_in_thread(void *context) {
  struct fetch fetch;
  struct error error;
  struct http *http = http_new();
  (void)context;
  for (int i = 0; http != NULL && i < 20; i++) {
    prepare(&fetch, "/plain");
    if (http_start(http, &fetch.request, &fetch.transfer, &error) != 0) break;
    while (http_result_of(fetch.transfer) == NULL && http_run(http, 1000, &error) == 0) continue;
    bool well = http_result_of(fetch.transfer) != NULL && http_result_of(fetch.transfer)->status == 200;
    http_end(fetch.transfer);
    if (!well) break;
    if (i == 19) {
      http_free(http);
      return "well";
    }
  }
  http_free(http);
  return NULL;
}

static void test_threads(void **state) {
  pthread_t threads[8];
  (void)state;
  for (size_t i = 0; i < LENGTH(threads); i++) assert_int_equal(pthread_create(&threads[i], NULL, fetch_in_thread, NULL), 0);
  for (size_t i = 0; i < LENGTH(threads); i++) {
    void *result;
    pthread_join(threads[i], &result);
    assert_non_null(result);
  }
  assert_int_equal(server_count(&server.connections), LENGTH(threads));
}

/* --- Older releases of libcurl */

/* libcurl's own function, which the one below replaces. */
static void find_next(const char *name, void *function, size_t size) {
  void *address = dlsym(RTLD_NEXT, name);
  memcpy(function, &address, size); /* ISO C has no cast for it */
}

static unsigned library_version; /* the version libcurl reports and behaves like; 0: its own */

#undef curl_easy_setopt
CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  CURLcode (*next)(CURL *, CURLoption, ...);
  enum { PROTOCOLS_STR = 10318 }; /* from 7.85 on */
  va_list arguments;
  find_next("curl_easy_setopt", &next, sizeof next);
  if (library_version != 0 && library_version < 0x075500 && option == (CURLoption)PROTOCOLS_STR) return CURLE_UNKNOWN_OPTION;
  va_start(arguments, option);
  CURLcode code =
      (int)option > CURLOPTTYPE_OFF_T && (int)option < CURLOPTTYPE_BLOB
          ? next(easy, option, va_arg(arguments, curl_off_t))
          : next(easy, option, va_arg(arguments, void *)); /* a long or a pointer: both fill a register, or 32 bits */
  va_end(arguments);
  return code;
}

curl_version_info_data *curl_version_info(CURLversion age) {
  static curl_version_info_data info;
  curl_version_info_data *(*next)(CURLversion);
  find_next("curl_version_info", &next, sizeof next);
  info = *next(age);
  if (library_version != 0) info.version_num = library_version;
  return &info;
}

/* One binary for all releases: what came later than the oldest is used only where it is. */
static void test_older_library(void **state) {
  static const unsigned versions[] = {0x074200, 0x074a00, 0x075000, 0x075100, 0x075400};
  struct error error;
  (void)state;
  for (size_t i = 0; i < LENGTH(versions); i++) {
    library_version = versions[i];
    assert_int_equal(http_check_library(&error), 0);
    struct http *http = new_pool();
    assert_int_equal(fetch_path(http, "/plain").status, 200);
    http_free(http);
  }
  library_version = 0x074100;
  assert_int_equal(http_check_library(&error), -1);
  assert_non_null(strstr(error.message, "libcurl 7.66 or later is needed, this is "));
  library_version = 0;
  assert_int_equal(http_check_library(&error), 0);
}

static void test_version(void **state) {
  (void)state;
  assert_memory_equal(http_version(), "libcurl/", strlen("libcurl/"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      server_test(test_signals),       server_test(test_fork),         server_test(test_threads),
      server_test(test_older_library), cmocka_unit_test(test_version),
  };
  prepare_process();
  return cmocka_run_group_tests_name("http process", tests, NULL, NULL);
}
