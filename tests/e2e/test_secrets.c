/*
** Credentials are found nowhere: not in errors, plans, the request log, results of onpage_debug and onpage_config, on standard
** error, nor in memory that the extension has freed, whatever an API echoes.
*/
#define _GNU_SOURCE /* RTLD_NEXT, dladdr; NOLINT: the macro's name is libc's */
#include "checks.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataset.h"
#include "hurry.h"

#define READ "SELECT link_to, text FROM onpage_links('" TASK "')"
#define BASIC "dGVzdC1sb2dpbjp0ZXN0LXBhc3N3b3Jk" /* test-login:test-password */

enum { ROWS = 100 };

static const char *const secrets[] = {"test-key", "test-password", BASIC};
enum { SECRETS = LENGTH(secrets) };

/* ---- Memory: free and realloc of the program itself, found before libc's ---- */

#define VISIBLE __attribute__((visibility("default")))

static struct {
  bool on;
  size_t blocks; /* that the extension gave back */
  size_t leaks;  /* of them with a secret in it */
} watch;

/* Sanitizers have an allocator of their own, which can't be replaced. */
#if defined __SANITIZE_ADDRESS__
#define HAS_OWN_ALLOCATOR 1
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define HAS_OWN_ALLOCATOR 1
#endif
#endif
#ifndef HAS_OWN_ALLOCATOR
static bool holds_secret(const char *bytes, size_t size) {
  for (size_t i = 0; i < SECRETS; i++)
    if (memmem(bytes, size, secrets[i], strlen(secrets[i]))) return true;
  return false;
}

static bool is_extension(const void *caller) {
  Dl_info info;
  return dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "onpage.so");
}

/* Looks at a block that is given back, and clears it: what SQLite or libcurl leave in theirs must not be found in the extension's
** next one. */
static void look_and_clear(void *block, const void *caller) {
  size_t size = malloc_usable_size(block);
  if (watch.on && is_extension(caller)) {
    watch.blocks++;
    watch.leaks += holds_secret(block, size);
  }
  memset(block, 0, size);
}

static void give_back(void *block) {
  static void (*next)(void *);
  if (!next) {
    void *address = dlsym(RTLD_NEXT, "free");
    memcpy(&next, &address, sizeof next); /* ISO C has no cast for it */
  }
  next(block);
}

VISIBLE void free(void *block) {
  if (block) look_and_clear(block, __builtin_return_address(0));
  give_back(block);
}

VISIBLE void *realloc(void *block, size_t size) {
  void *new = malloc(size);
  if (!new || !block) return new;
  size_t old_size = malloc_usable_size(block);
  memcpy(new, block, old_size < size ? old_size : size);
  look_and_clear(block, __builtin_return_address(0));
  give_back(block);
  return new;
}
#endif

/* ---- Fixture ---- */

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  int failed = harness_add_numbered(harness, TASK, STANDIN_FINISHED, ROWS, 0);
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_retries", "1");
  harness_config(harness->db, "timeout_ms", "3600000");
  hurry(200);
  return failed;
}

static int tear_down(void **state) {
  watch.on = false;
  hurry(1);
  return harness_tear_down(state);
}

/* Bearer key to the gateway, or login and password to the API itself. */
static void log_in(struct harness *harness, bool basic) {
  char *url = basic ? sqlite3_mprintf("http://127.0.0.1:%u/v3", standin_port(harness->standin))
                    : sqlite3_mprintf("%s", standin_url(harness->standin));
  harness_config(harness->db, "base_url", url);
  harness_config(harness->db, "api_key", basic ? "" : "test-key");
  harness_config(harness->db, "login", "test-login");
  harness_config(harness->db, "password", "test-password");
  sqlite3_free(url);
}

/* ---- Places ---- */

static void check_text(const char *text, const char *place) {
  for (size_t i = 0; text && i < SECRETS; i++)
    if (strstr(text, secrets[i])) fail_msg("%s: %s", place, text);
}

static void check_statement(struct harness *harness, const char *sql) {
  struct rows *rows = harness_query(harness->db, sql, NULL, 0);
  check_text(rows->error, sql);
  for (size_t i = 0; i < rows->count; i++) check_text(rows->row[i], sql);
  rows_free(rows);
}

/* Whatever can be read of a connection. */
static void check_places(struct harness *harness) {
  static const char *const statements[] = {
      "SELECT * FROM onpage_requests",
      "SELECT * FROM onpage_columns",
      "SELECT onpage_debug(), onpage_version()",
      "SELECT onpage_config('nonsense')",
      "SELECT onpage_config('api_key')",
      "SELECT onpage_config('password')",
      "SELECT onpage_config('login')",
      "SELECT onpage_config('base_url')",
      "SELECT onpage_config('ca_file')",
      "SELECT onpage_config('api_key', 'test-key' || char(10))",
      "SELECT onpage_config('base_url', 'https://test-login:test-password@example.com/')",
      "SELECT onpage_config('base_url', 'https://example.com/?key=test-key')",
      "SELECT * FROM sqlite_temp_master",
  };
  for (size_t i = 0; i < LENGTH(statements); i++) check_statement(harness, statements[i]);
  check_statement(harness, "SELECT * FROM onpage_crawl('" TASK "')");
  check_statement(harness, "EXPLAIN " READ " WHERE is_broken = 1");
  check_statement(harness, "EXPLAIN QUERY PLAN " READ " WHERE is_broken = 1");
}

/* What an API may do with what it was sent: %s is the secret. */
static const struct echo {
  enum standin_fault_kind kind;
  int status, code;
  const char *text;
} echoes[] = {
    {STANDIN_FAULT_HTTP, 401, 0, "{\"error\":{\"message\":\"Bearer %s is not known\"}}"},
    {STANDIN_FAULT_HTTP, 401, 0, "{\"message\":\"Authorization: Basic %s==\"}"},
    {STANDIN_FAULT_HTTP, 403, 0, "{\"headers\":{\"authorization\":\"Basic %s\",\"x\":[\"%s\"]}}"},
    {STANDIN_FAULT_HTTP, 402, 0, "%s"},
    {STANDIN_FAULT_HTTP, 400, 0, "{\"detail\":\"%s\"}"},
    {STANDIN_FAULT_HTTP, 429, 0, "too often: %s"},
    {STANDIN_FAULT_HTTP, 500, 0, "<html><title>%s</title><body>%s</body></html>"},
    {STANDIN_FAULT_HTTP, 503, 0, "{\"error\":\"%s%s\"}"},
    {STANDIN_FAULT_REDIRECT, 302, 0, "https://example.com/?key=%s"},
    {STANDIN_FAULT_ENVELOPE, 0, 40100, "You are %s"},
    {STANDIN_FAULT_ENVELOPE, 0, 40202, "%s, wait"},
    {STANDIN_FAULT_TASK, 0, 40401, "no task of %s"},
    {STANDIN_FAULT_TASK, 0, 40501, "Invalid Field: '%s'"},
    {STANDIN_FAULT_TASK, 0, 40503, "%s"},
    {STANDIN_FAULT_TASK, 0, 50000, "%s"},
    {STANDIN_FAULT_BODY, 0, 0, "%s"},
    {STANDIN_FAULT_BODY, 0, 0, "{\"%s\":"},
    {STANDIN_FAULT_BODY, 0, 0, "{\"status_code\":20000,\"tasks\":\"%s\"}"},
    {STANDIN_FAULT_BODY, 0, 0, "{\"status_code\":\"%s\"}"},
    {STANDIN_FAULT_RESET, 0, 0, ""},
    {STANDIN_FAULT_TRUNCATE, 0, 0, ""},
};

static void plant(struct harness *harness, const struct echo *echo, const char *secret, size_t nth) {
  char *text = sqlite3_mprintf(echo->text, secret, secret);
  standin_clear_faults(harness->standin);
  standin_plant(harness->standin, nth,
                &(struct standin_fault){
                    .kind = echo->kind, .http_status = echo->status, .code = echo->code, .text = text, .times = SIZE_MAX});
  sqlite3_free(text);
}

static void nowhere_to_be_read(void **state) {
  struct harness *harness = *state;
  for (int basic = 0; basic < 2; basic++) {
    log_in(harness, basic);
    for (size_t i = 0; i < LENGTH(echoes); i++)
      for (size_t k = 0; k < SECRETS; k++)
        for (size_t nth = 1; nth <= 4; nth += 3) {
          if (basic && k == 0) continue; /* the key is not known then */
          check_case(echoes[i].text);
          plant(harness, &echoes[i], secrets[k], nth);
          struct rows *rows = harness_query(harness->db, READ, NULL, 0);
          assert_non_null(rows->error);
          check_text(rows->error, "error");
          rows_free(rows);
        }
    check_places(harness);
    standin_clear_faults(harness->standin);
    check_rows(harness, "SELECT count(link_to) FROM onpage_links('" TASK "')", "100");
    check_places(harness);
  }
  check_rows(harness, "SELECT count(*) > 200 FROM onpage_requests", "1");
}

/* ---- Standard error, a terminal on which progress is shown ---- */

static void nowhere_on_standard_error(void **state) {
  struct harness *harness = *state;
  char text[4096];
  int terminal = posix_openpt(O_RDWR | O_NOCTTY), saved = dup(STDERR_FILENO);
  assert_true(terminal >= 0 && saved >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
  int file = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  assert_true(file >= 0);
  harness_config(harness->db, "progress", "on");
  harness_config(harness->db, "max_in_flight", "1");
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = 10}); /* two seconds in a hurry */
  dup2(file, STDERR_FILENO);
  for (size_t nth = 1; nth <= 9; nth += 8) {
    plant(harness, &echoes[0], secrets[0], nth);
    rows_free(harness_query(harness->db, READ, NULL, 0));
  }
  dup2(saved, STDERR_FILENO);
  close(saved);
  ssize_t size = read(terminal, text, sizeof text - 1);
  close(file);
  close(terminal);
  assert_true(size > 0);
  text[size] = '\0';
  assert_true(harness_contains(text, "rows")); /* it was shown */
  check_text(text, "standard error");
}

/* ---- Memory ---- */

static void not_in_freed_memory(void **state) {
  static const char *const refused[] = {
      "SELECT onpage_config('api_key', 'test-key' || char(10))",
      "SELECT onpage_config('base_url', 'https://test-login:test-password@127.0.0.1/')",
      "SELECT onpage_config('base_url', 'test-key')",
      "SELECT onpage_config('page_size', 'test-key')",
      "SELECT onpage_config('test-key')",
  };
  struct harness *harness = *state;
  const char *preloaded = getenv("LD_PRELOAD");
#ifdef HAS_OWN_ALLOCATOR
  skip();
#endif
  if (preloaded && strstr(preloaded, "valgrind")) skip(); /* it takes the place of free, too */
  watch.leaks = watch.blocks = 0;
  watch.on = true;
  for (int basic = 0; basic < 2; basic++) {
    log_in(harness, basic);
    rows_free(harness_query(harness->db, READ, NULL, 0));
    for (size_t i = 0; i < LENGTH(echoes); i++) {
      plant(harness, &echoes[i], "nothing", 1);
      rows_free(harness_query(harness->db, READ, NULL, 0));
    }
    standin_clear_faults(harness->standin);
    check_places(harness);
  }
  for (size_t i = 0; i < LENGTH(refused); i++) rows_free(harness_query(harness->db, refused[i], NULL, 0));
  /* Dropped with the base URL, replaced, unset, from the environment, and at the end. */
  harness_config(harness->db, "base_url", "http://127.0.0.1:1/");
  log_in(harness, false);
  harness_config(harness->db, "api_key", "test-key");
  harness_config(harness->db, "api_key", "");
  setenv("AISA_API_KEY", "test-key", 1);
  setenv("DATAFORSEO_LOGIN", "test-login", 1);
  setenv("DATAFORSEO_PASSWORD", "test-password", 1);
  sqlite3 *other = harness_load();
  harness_clean_environment();
  assert_true(harness_close(other));
  watch.on = false;
  assert_int_equal(watch.leaks, 0);
  assert_true(watch.blocks > 1000); /* or nothing was looked at */
}

#define secret_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      secret_test(nowhere_to_be_read),
      secret_test(nowhere_on_standard_error),
      secret_test(not_in_freed_memory),
  };
  return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
