/*
** Loading: what a load adds to a connection and nothing else, loading twice, several connections, and plans that show what
** is sent to the API.
*/
#include "checks.h"

#include <dlfcn.h>
#define SQLITE_CORE /* the types of sqlite3ext.h, but no macros */
#include <json-c/json.h>
#include <sqlite3ext.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "tls.h"

/* The public surface; the tables and functions that a load may add. */
static const char *const modules[] = {"onpage_links", "onpage_crawl", "onpage_requests", "onpage_columns"};
static const char *const functions[] = {"onpage_version", "onpage_debug", "onpage_cache_clear", "onpage_config",
                                        "not_like",       "regex",        "not_regex",          "has"};

static bool is_one_of(const char *quoted, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++) {
    size_t size = strlen(names[i]);
    if (!strncmp(quoted + 1, names[i], size) && !strcmp(quoted + 1 + size, "'")) return true;
  }
  return false;
}

/* What the query gives after a load and didn't give before is among the names. */
static void check_added(const char *sql, const char *const *names, size_t count, const char *must) {
  sqlite3 *plain = NULL, *loaded = harness_load();
  assert_int_equal(sqlite3_open(":memory:", &plain), SQLITE_OK);
  struct rows *before = harness_query(plain, sql, NULL, 0), *after = harness_query(loaded, sql, NULL, 0);
  assert_null(before->error);
  assert_null(after->error);
  size_t added = 0;
  bool found = false;
  for (size_t i = 0; i < after->count; i++) {
    bool was_there = false;
    for (size_t k = 0; k < before->count; k++) was_there |= !strcmp(after->row[i], before->row[k]);
    if (was_there) continue;
    if (!is_one_of(after->row[i], names, count)) print_error("not in the public surface: %s\n", after->row[i]);
    assert_true(is_one_of(after->row[i], names, count));
    found |= is_one_of(after->row[i], &must, 1);
    added++;
  }
  assert_true(found);
  assert_in_range(added, 1, count);
  rows_free(before);
  rows_free(after);
  assert_true(harness_close(plain));
  assert_true(harness_close(loaded));
}

static void load_adds_the_public_surface(void **state) {
  (void)state;
  check_added("SELECT DISTINCT name FROM pragma_module_list WHERE name NOT LIKE 'pragma%'", modules, LENGTH(modules),
              "onpage_links");
  check_added("SELECT DISTINCT name FROM pragma_function_list", functions, LENGTH(functions), "onpage_config");
}

static void load_leaves_the_database_alone(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT count(*) FROM sqlite_master", "0");
  check_rows(harness, "SELECT count(*) FROM sqlite_temp_master", "0");
}

/* Replaces json-c's own function. */
static int json_version = JSON_C_VERSION_NUM;

__attribute__((visibility("default"))) int json_c_version_num(void) {
  return json_version;
}

/* 0.14 has the same file name as the version that the extension was linked with. */
static void an_old_json_c_is_refused(void **state) {
  sqlite3 *db = NULL;
  char *message = NULL;
  (void)state;
  assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
  json_version = 14 << 8;
  assert_int_equal(harness_load_into(db, &message), SQLITE_ERROR);
  json_version = JSON_C_VERSION_NUM;
  assert_non_null(message);
  assert_non_null(strstr(message, "needs json-c 0.15 or later"));
  sqlite3_free(message);
  assert_int_equal(harness_load_into(db, NULL), SQLITE_OK);
  assert_true(harness_close(db));
}

static void add_shop(struct harness *harness) {
  char *shop = dataset_read(SHOP_FILE);
  assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, shop, strlen(shop)), 0);
  sqlite3_free(shop);
}

static void loading_twice_is_harmless(void **state) {
  struct harness *harness = *state;
  add_shop(harness);
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.shop USING onpage_links(task_id='" TASK "')");
  check_rows(harness, "SELECT count(type) FROM shop", "10");
  char *message = NULL;
  assert_int_equal(harness_load_into(harness->db, &message), SQLITE_OK);
  sqlite3_free(message);
  harness_config(harness->db, "base_url", standin_url(harness->standin));
  harness_config(harness->db, "api_key", "test-key");
  check_rows(harness, "SELECT count(type) FROM onpage_links('" TASK "')", "10");
  harness_run(harness->db, "DROP TABLE shop");
}

/* As when two libraries of one program bring an SQLite each. */
static void another_sqlite_is_refused(void **state) {
  static const sqlite3_api_routines other_api = {.mprintf = sqlite3_mprintf};
  struct harness *harness = *state;
  const char *library = getenv("TEST_LIBRARY");
  char *path = sqlite3_mprintf("%s.so", library ? library : "build/onpage");
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
  void *loaded = dlopen(path, RTLD_NOW);
  assert_non_null(loaded);
  int (*init)(sqlite3 *, char **, const sqlite3_api_routines *) = NULL;
  *(void **)&init = dlsym(loaded, "sqlite3_onpage_init");
  assert_non_null(init);
  char *message = NULL;
  assert_int_equal(init(db, &message, &other_api), SQLITE_ERROR);
  assert_true(harness_contains(message, "another SQLite"));
  check_error_on(db, "SELECT onpage_version()", "no such function");
  check_rows(harness, "SELECT count(onpage_version())", "1");
  sqlite3_free(message);
  sqlite3_free(path);
  dlclose(loaded);
  assert_true(harness_close(db));
}

static void connections_come_and_go(void **state) {
  struct harness *harness = *state;
  add_shop(harness);
  sqlite3 *first = harness_connect(harness->standin), *second = harness_connect(harness->standin);
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(first, "SELECT type FROM onpage_links('" TASK "')", -1, &statement, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  check_rows_on(second, "SELECT count(type) FROM onpage_links('" TASK "')", "10");
  assert_true(harness_close(second));
  for (int i = 2; i <= 10; i++) assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
  sqlite3_finalize(statement);
  assert_true(harness_close(first));
}

/* Closing with a statement still open: the rest goes when the statement does. */
static void statement_may_outlive_the_close(void **state) {
  struct harness *harness = *state;
  add_shop(harness);
  sqlite3 *db = harness_connect(harness->standin);
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(db, "SELECT type FROM onpage_links('" TASK "')", -1, &statement, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_int_equal(sqlite3_close_v2(db), SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
}

#define FROM "SELECT link_to FROM onpage_links WHERE task_id = '" TASK "' AND "

static void plans_say_what_is_sent(void **state) {
  static const struct {
    const char *sql, *has[3], *lacks[2];
  } cases[] = {
      {FROM "is_broken = 1", {"task_id", "is_broken"}, {"dofollow"}},
      {FROM "is_broken = 1 AND page_to_status_code >= 400", {"is_broken", "page_to_status_code", ">="}, {"dofollow"}},
      {FROM "link_to LIKE 'https://%'", {"link_to", "LIKE"}, {NULL}},
      {FROM "direction <> 'internal'", {"direction", "<>"}, {NULL}},
      {FROM "page_from = '/'", {"page_from"}, {"page_to"}},
      {FROM "is_broken", {"task_id"}, {"is_broken"}},
      {FROM "NOT is_broken", {"task_id"}, {"is_broken"}},
      {FROM "upper(link_to) = 'X' AND dofollow = 0", {"dofollow"}, {"link_to"}},
      {FROM "link_to = 'X' COLLATE NOCASE", {"task_id"}, {"link_to"}},
      {FROM "link_attribute IS NULL", {"task_id"}, {"link_attribute"}},
      {"SELECT link_to FROM onpage_links('" TASK "', '[]') WHERE is_broken = 1", {"task_id", "filters", "is_broken"}, {NULL}},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    for (int k = 0; k < 3 && cases[i].has[k]; k++) check_plan(harness, cases[i].sql, cases[i].has[k]);
    for (int k = 0; k < 2 && cases[i].lacks[k]; k++) check_plan_lacks(harness, cases[i].sql, cases[i].lacks[k]);
    check_plan_lacks(harness, cases[i].sql, "test-key");
  }
  if (sqlite3_libversion_number() >= 3038000)
    check_plan(harness, "SELECT link_to FROM onpage_links('" TASK "') LIMIT 10", "limit");
  assert_int_equal(standin_log_count(harness->standin), 0);
}

static void plan_without_pushdown_says_so(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "pushdown", "off");
  check_plan_lacks(harness, FROM "is_broken = 1", "is_broken");
}

/* Instead of an error for each query. */
static void old_libcurl_is_refused(void **state) {
  char *message = NULL;
  sqlite3 *db = NULL;
  (void)state;
  assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
  tls_set_library_version(0x074100);
  assert_int_equal(harness_load_into(db, &message), SQLITE_ERROR);
  tls_set_library_version(0);
  if (!harness_contains(message, "onpage: libcurl 7.66 or later is needed, this is ")) fail_msg("%s", message);
  sqlite3_free(message);
  assert_int_equal(harness_load_into(db, NULL), SQLITE_OK);
  assert_true(harness_close(db));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(load_adds_the_public_surface), e2e_test(load_leaves_the_database_alone),
      e2e_test(loading_twice_is_harmless),    e2e_test(another_sqlite_is_refused),
      e2e_test(old_libcurl_is_refused),       cmocka_unit_test(an_old_json_c_is_refused),
      e2e_test(connections_come_and_go),      e2e_test(statement_may_outlive_the_close),
      e2e_test(plans_say_what_is_sent),       e2e_test(plan_without_pushdown_says_so),
  };
  return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
