/*
** Options and functions: defaults, the environment, onpage_config's checks, what can't be read back, and that connections share
** nothing.
*/
#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dataset.h"

static const struct {
  const char *name, *initial, *other; /* NULL: NULL */
  const char *bad[3];
} options[] = {
    {"page_size", "1000", "7", {"0", "1001", "many"}},       {"max_in_flight", "auto", "30", {"0", "31", "automatic"}},
    {"timeout_ms", "150000", "5000", {"-1", "soon", "1.5"}}, {"connect_timeout_ms", "10000", "500", {"-1", "soon", "1.5"}},
    {"max_retries", "5", "0", {"-1", "x", "1e2"}},           {"rate_limit", "0", "60", {"-1", "x", "0x10"}},
    {"max_requests", "0", "100", {"-1", "x", "5 "}},         {"cache_mb", "64", "0", {"-1", "x", "+"}},
    {"cache_ttl_s", "3600", "1", {"-1", "x", "."}},          {"pushdown", "on", "off", {"maybe", "offf", "2"}},
    {"count_pushdown", "on", "off", {"maybe", "offf", "2"}}, {"wait_s", "0", "10", {"-1", "x", "99999999999999999999"}},
    {"progress", "off", "on", {"maybe", "onn", "2"}},        {"max_response_mb", "64", "1", {"0", "1025", "x"}},
    {"trace", "off", "on", {"maybe", "onn", "2"}},
};
enum { OPTIONS = LENGTH(options) };

static void check_option(sqlite3 *db, const char *name, const char *value) {
  char *sql = sqlite3_mprintf("SELECT CAST(onpage_config(%Q) AS TEXT)", name);
  char *expected = sqlite3_mprintf("'%s'", value);
  check_case(name);
  check_rows_on(db, sql, expected);
  sqlite3_free(sql);
  sqlite3_free(expected);
}

static void defaults(void **state) {
  (void)state;
  sqlite3 *db = harness_load();
  for (int i = 0; i < OPTIONS; i++) check_option(db, options[i].name, options[i].initial);
  check_rows_on(db, "SELECT onpage_config('login'), onpage_config('ca_file')", "NULL|NULL");
  assert_true(harness_close(db));
}

static void set_and_read(void **state) {
  struct harness *harness = *state;
  for (int i = 0; i < OPTIONS; i++) {
    harness_config(harness->db, options[i].name, options[i].other);
    check_option(harness->db, options[i].name, options[i].other);
  }
  harness_config(harness->db, "login", "me@example.com");
  check_option(harness->db, "login", "me@example.com");
}

static void numbers_may_be_numbers(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "SELECT onpage_config('page_size', 12)");
  check_option(harness->db, "page_size", "12");
}

static void bad_values_are_explained_and_change_nothing(void **state) {
  (void)state;
  sqlite3 *db = harness_load();
  for (int i = 0; i < OPTIONS; i++)
    for (int k = 0; k < 3; k++) {
      if (!options[i].bad[k][0]) continue;
      char *sql = sqlite3_mprintf("SELECT onpage_config(%Q, %Q)", options[i].name, options[i].bad[k]);
      check_error_on(db, sql, options[i].name);
      sqlite3_free(sql);
      check_option(db, options[i].name, options[i].initial);
    }
  check_error_on(db, "SELECT onpage_config('page_size', 1001)", "page_size", "1", "1000");
  check_error_on(db, "SELECT onpage_config('pushdown', 'maybe')", "pushdown", "on", "off");
  check_error_on(db, "SELECT onpage_config('max_in_flight', 31)", "max_in_flight", "30");
  assert_true(harness_close(db));
}

static void unknown_names_list_the_known(void **state) {
  struct harness *harness = *state;
  check_error(harness, "SELECT onpage_config('pagesize')", "pagesize", "did you mean page_size?", "max_in_flight", "base_url",
              "api_key", "pushdown");
  check_error(harness, "SELECT onpage_config('nothing', 1)", "nothing", "page_size");
  check_error(harness, "SELECT onpage_config('')", "page_size");
  check_error(harness, "SELECT onpage_config(NULL)", "page_size");
}

static void secrets_cannot_be_read(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "password", "sesame-4711");
  static const char *const statements[] = {
      "SELECT onpage_config('api_key')", "SELECT onpage_config('password')",
      "SELECT onpage_config('API_KEY')", "SELECT onpage_config('api_key', 'sesame-4711')",
      "SELECT onpage_debug()",           "SELECT onpage_config('password', 'sesame-4711')",
  };
  for (size_t i = 0; i < LENGTH(statements); i++) {
    struct rows *rows = harness_query(harness->db, statements[i], NULL, 0);
    char *text = rows_text(rows);
    assert_false(harness_contains(text, "test-key") || harness_contains(text, "sesame"));
    if (rows->error) assert_false(harness_contains(rows->error, "test-key") || harness_contains(rows->error, "sesame"));
    sqlite3_free(text);
    rows_free(rows);
  }
  check_rows(harness, "SELECT onpage_config('api_key', 'sesame-4711'), onpage_config('password', NULL)", "'set'|'not set'");
  check_error(harness, "SELECT onpage_config('api_key')", "api_key");
  check_error(harness, "SELECT onpage_config('password')", "password");
}

static void environment_is_read_at_load(void **state) {
  (void)state;
  for (int i = 0; i < OPTIONS; i++) {
    char name[64] = "ONPAGE_";
    for (size_t k = 0; options[i].name[k]; k++) {
      char letter = options[i].name[k];
      name[7 + k] = letter == '_' ? '_' : (char)(letter - 'a' + 'A');
    }
    setenv(name, options[i].other, 1);
  }
  setenv("ONPAGE_LOGIN", "me", 1);
  setenv("DATAFORSEO_LOGIN", "not-me", 1);
  sqlite3 *db = harness_load();
  harness_clean_environment();
  for (int i = 0; i < OPTIONS; i++) check_option(db, options[i].name, options[i].other);
  check_option(db, "login", "me");
  assert_true(harness_close(db));
}

static void customary_variables_are_read(void **state) {
  (void)state;
  setenv("DATAFORSEO_LOGIN", "customary", 1);
  sqlite3 *db = harness_load();
  harness_clean_environment();
  check_option(db, "login", "customary");
  assert_true(harness_close(db));
}

/* The load fails, and its message contains the text. */
static void check_load_fails(const char *variable, const char *value, const char *words) {
  sqlite3 *db = NULL;
  char *message = NULL;
  setenv(variable, value, 1);
  assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
  assert_int_equal(harness_load_into(db, &message), SQLITE_ERROR);
  harness_clean_environment();
  assert_non_null(message);
  if (!harness_contains(message, words)) fail_msg("%s", message);
  sqlite3_free(message);
  assert_true(harness_close(db));
}

/* A load that went on with other options than those asked for would do harm: it fails, and says which variable is wrong. */
static void bad_environment_fails_the_load(void **state) {
  (void)state;
  check_load_fails("ONPAGE_PAGE_SIZE", "lots", "ONPAGE_PAGE_SIZE");
}

/* A budget whose name is mistyped would not be one. */
static void unknown_variables_fail_the_load(void **state) {
  (void)state;
  check_load_fails("ONPAGE_MAX_REQUEST", "5", "ONPAGE_MAX_REQUEST,");
  check_load_fails("ONPAGE_MAX_REQUEST", "5", "did you mean ONPAGE_MAX_REQUESTS?");
}

/* SQL can change neither the base URL nor the budget when the environment locks them. It can clear the cache. */
static void locked_options_stay(void **state) {
  struct harness *harness = *state;
  assert_int_equal(standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1), 0);
  setenv("ONPAGE_LOCKED", "1", 1);
  setenv("ONPAGE_MAX_REQUESTS", "2", 1);
  setenv("ONPAGE_BASE_URL", standin_url(harness->standin), 1);
  setenv("AISA_API_KEY", "test-key", 1);
  sqlite3 *db = harness_load();
  harness_clean_environment();
  check_error_on(db, "SELECT onpage_config('max_requests', 0)", "the environment locks the options (ONPAGE_LOCKED)",
                 "max_requests");
  check_error_on(db, "SELECT onpage_config('base_url', 'http://127.0.0.1:1')", "ONPAGE_LOCKED");
  check_error_on(db, "SELECT onpage_config('api_key', 'other')", "ONPAGE_LOCKED");
  check_error_on(db, "SELECT onpage_config('locked', 'off')", "environment only");
  check_rows_on(db, "SELECT onpage_config('locked'), onpage_config('max_requests'), onpage_cache_clear()", "'on'|'2'|NULL");
  assert_int_equal(harness_load_into(db, NULL), SQLITE_OK); /* loading it again, without the variable, unlocks nothing */
  check_error_on(db, "SELECT onpage_config('max_requests', 0)", "ONPAGE_LOCKED");
  check_rows_on(db, "SELECT count(link_to) FROM onpage_links('" TASK "')", "10");
  check_rows_on(db, "SELECT onpage_cache_clear()", "NULL");
  check_rows_on(db, "SELECT count(link_to) FROM onpage_links('" TASK "')", "10");
  check_rows_on(db, "SELECT onpage_cache_clear()", "NULL");
  check_error_on(db, "SELECT count(link_to) FROM onpage_links('" TASK "')", "the budget of 2 requests is spent");
  assert_true(harness_close(db));
}

/* A file that replaces it later is checked before libcurl opens it. */
static void a_fifo_is_not_waited_for(void **state) {
  struct harness *harness = *state;
  char folder[] = "/tmp/onpage-test-XXXXXX";
  assert_non_null(mkdtemp(folder));
  char *path = sqlite3_mprintf("%s/ca.pem", folder);
  assert_int_equal(standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1), 0);
  harness_config(harness->db, "ca_file", path);
  assert_int_equal(mkfifo(path, 0600), 0);
  check_error(harness, "SELECT count(link_to) FROM onpage_links('" TASK "')", "onpage_links",
              "ca_file: ", "is not a regular file");
  check_requests(harness, 0);
  unlink(path);
  check_rows(harness, "SELECT count(link_to) FROM onpage_links('" TASK "')", "10");
  rmdir(folder);
  sqlite3_free(path);
}

/* A program that has no environment of its own reads the key from a file. */
static void key_of_a_file(void **state) {
  struct harness *harness = *state;
  char folder[] = "/tmp/onpage-test-XXXXXX";
  assert_non_null(mkdtemp(folder));
  char *onpage = sqlite3_mprintf("%s/onpage", folder);
  char *path = sqlite3_mprintf("%s/onpage/key", folder);
  assert_int_equal(mkdir(onpage, 0700), 0);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("test-key\n", file);
  fclose(file);
  assert_int_equal(chmod(path, 0640), 0);
  assert_int_equal(standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1), 0);
  setenv("XDG_CONFIG_HOME", folder, 1);
  setenv("ONPAGE_BASE_URL", standin_url(harness->standin), 1);
  sqlite3 *db = harness_load();
  check_error_on(db, "SELECT count(link_to) FROM onpage_links('" TASK "')", "no credentials", path, "chmod 600");
  check_error_on(db, "SELECT onpage_config('key_file', NULL)", "key_file: ", "chmod 600");
  assert_int_equal(chmod(path, 0600), 0);
  char *expected = sqlite3_mprintf("'%s'", path);
  check_rows_on(db, "SELECT onpage_config('key_file', NULL)", expected);
  check_rows_on(db, "SELECT count(link_to) FROM onpage_links('" TASK "')", "10");
  assert_true(harness_close(db));
  db = harness_load();
  check_rows_on(db, "SELECT onpage_config('key_file')", expected);
  check_rows_on(db, "SELECT count(link_to) FROM onpage_links('" TASK "')", "10");
  check_error_on(db, "SELECT onpage_config('api_key')", "can be set, but not read");
  assert_true(harness_close(db));
  harness_clean_environment();
  unlink(path);
  rmdir(onpage);
  rmdir(folder);
  sqlite3_free(expected);
  sqlite3_free(onpage);
  sqlite3_free(path);
}

static void connections_share_nothing(void **state) {
  struct harness *harness = *state;
  sqlite3 *other = harness_load();
  harness_config(harness->db, "page_size", "3");
  harness_config(other, "page_size", "4");
  check_option(harness->db, "page_size", "3");
  check_option(other, "page_size", "4");
  check_error_on(other, "SELECT count(type) FROM onpage_links('" TASK "')", "api_key");
  assert_true(harness_close(other));
  check_option(harness->db, "page_size", "3");
}

/* A program that sets its options before each query, or in the middle of one, causes no failure and keeps the cached responses. */
static void the_value_that_it_has_is_no_change(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statement = NULL;
  char *again = sqlite3_mprintf("SELECT onpage_config('base_url', %Q), onpage_config('api_key', 'test-key')",
                                standin_url(harness->standin));
  assert_int_equal(standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1), 0);
  harness_config(harness->db, "cache_mb", "64");
  harness_config(harness->db, "page_size", "3");
  assert_int_equal(sqlite3_prepare_v2(harness->db, "SELECT link_to FROM onpage_links('" TASK "')", -1, &statement, NULL),
                   SQLITE_OK);
  int rows = 0;
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    rows++;
    harness_run(harness->db, again);
  }
  if (code != SQLITE_DONE) fail_msg("%s", sqlite3_errmsg(harness->db));
  sqlite3_finalize(statement);
  assert_int_equal(rows, 10);
  harness_forget(harness);
  check_rows(harness, "SELECT count(link_to) FROM onpage_links('" TASK "')", "10");
  check_requests(harness, 0);
  sqlite3_free(again);
}

static void config_is_for_the_top_level_only(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE VIEW v AS SELECT onpage_config('page_size', 1) AS x");
  check_error(harness, "SELECT x FROM v", "onpage_config");
  check_option(harness->db, "page_size", "1000");
}

static void versions(void **state) {
  struct harness *harness = *state;
  char *version = dataset_read("VERSION");
  version[strcspn(version, "\n")] = '\0';
  char *expected = sqlite3_mprintf("'%s'|'text'", version);
  check_rows(harness, "SELECT onpage_version(), typeof(onpage_version())", expected);
  struct rows *rows = harness_query(harness->db, "SELECT onpage_debug()", NULL, 0);
  assert_null(rows->error);
  assert_int_equal(rows->count, 1);
  const char *const parts[] = {version, sqlite3_libversion(), "libcurl", "json-c", "SQLite"};
  for (size_t i = 0; i < LENGTH(parts); i++) {
    if (!harness_contains(rows->row[0], parts[i])) print_error("%s lacks %s\n", rows->row[0], parts[i]);
    assert_true(harness_contains(rows->row[0], parts[i]));
  }
  rows_free(rows);
  sqlite3_free(expected);
  sqlite3_free(version);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(defaults),
      e2e_test(set_and_read),
      e2e_test(numbers_may_be_numbers),
      e2e_test(bad_values_are_explained_and_change_nothing),
      e2e_test(unknown_names_list_the_known),
      e2e_test(secrets_cannot_be_read),
      e2e_test(environment_is_read_at_load),
      e2e_test(customary_variables_are_read),
      e2e_test(bad_environment_fails_the_load),
      e2e_test(unknown_variables_fail_the_load),
      e2e_test(locked_options_stay),
      e2e_test(a_fifo_is_not_waited_for),
      e2e_test(key_of_a_file),
      e2e_test(connections_share_nothing),
      e2e_test(the_value_that_it_has_is_no_change),
      e2e_test(config_is_for_the_top_level_only),
      e2e_test(versions),
  };
  return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
