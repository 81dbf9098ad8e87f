/*
** Hosts that trust nothing: a possibly hostile schema, defensive mode, an authorizer, small limits. What a database file brings
** must neither make a request nor change an option; the user's own statements still work.
*/
#include "checks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dataset.h"

#define FROM_SHOP "FROM onpage_links('" TASK "')"

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  return standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1);
}

/* What a hostile database may hold: made while it was trusted. Views and triggers that ask the API or change an option. */
static const char hostile_schema[] =
    "CREATE TABLE t(x);"
    "CREATE VIEW rows_view AS SELECT * " FROM_SHOP ";"
    "CREATE VIEW crawl_view AS SELECT * FROM onpage_crawl('" TASK "');"
    "CREATE VIEW log_view AS SELECT * FROM onpage_requests;"
    "CREATE VIEW nested_view AS SELECT (SELECT count(*) FROM rows_view) AS n;"
    "CREATE TRIGGER inserted AFTER INSERT ON t WHEN NEW.x = 1 BEGIN INSERT INTO t SELECT count(*) " FROM_SHOP "; END;"
    "CREATE TRIGGER updated AFTER UPDATE ON t BEGIN DELETE FROM t WHERE x IN (SELECT link_to " FROM_SHOP "); END;"
    "CREATE VIRTUAL TABLE bound USING onpage_links(task_id='" TASK "');"
    "CREATE VIEW bound_view AS SELECT * FROM bound;"
    "INSERT INTO t VALUES (2);";

/* SQLite refuses to use the tables from a schema that isn't trusted. */
static void schema_is_not_trusted(void **state) {
  static const char *const sqls[] = {
      "SELECT * FROM rows_view",  "SELECT * FROM crawl_view", "SELECT * FROM log_view", "SELECT * FROM nested_view",
      "SELECT * FROM bound_view", "INSERT INTO t VALUES (1)", "UPDATE t SET x = 1",
  };
  struct harness *harness = *state;
  harness_run(harness->db, hostile_schema);
  harness_run(harness->db, "PRAGMA trusted_schema = off");
  for (size_t i = 0; i < LENGTH(sqls); i++) check_error(harness, sqls[i], "unsafe use of");
  assert_int_equal(standin_log_count(harness->standin), 0);
  /* The user's own statements may, and so may a TEMP view. */
  check_rows(harness, "SELECT count(type) " FROM_SHOP, "10");
  check_rows(harness, "SELECT count(type) FROM bound", "10");
  harness_run(harness->db, "CREATE TEMP VIEW mine AS SELECT * " FROM_SHOP);
  check_rows(harness, "SELECT count(type) FROM mine WHERE is_broken = 1", "3");
}

/* Not even a trusted schema changes or reads an option: the functions are for the top level alone. */
static void schema_changes_no_option(void **state) {
  static const char *const sqls[] = {
      "CREATE VIEW v AS SELECT onpage_config('base_url', 'https://api.example.com/v3')",
      "CREATE VIEW v AS SELECT onpage_config('api_key')",
      "CREATE VIEW v AS SELECT onpage_cache_clear()",
      "CREATE TABLE v(x DEFAULT (onpage_config('max_requests', '0')))",
      "CREATE TABLE v(x, CHECK (onpage_config('max_requests', '0') IS NULL))",
      "CREATE TABLE v(x, y AS (onpage_config('max_requests', x)))",
      "CREATE TRIGGER v AFTER INSERT ON t BEGIN SELECT onpage_config('max_requests', '0'); END",
      "CREATE INDEX v ON t(onpage_config('max_requests', x))",
      "CREATE INDEX v ON t(x) WHERE onpage_config('max_requests') = '0'",
  };
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE TABLE t(x); INSERT INTO t VALUES (1); PRAGMA trusted_schema = on");
  harness_config(harness->db, "max_requests", "1000");
  for (size_t i = 0; i < LENGTH(sqls); i++) {
    /* Before 3.54, or some release before it, SQLite lets a CHECK constraint of a file call any function. */
    if (strstr(sqls[i], "CHECK") && sqlite3_libversion_number() < 3054000) continue;
    struct rows *made = harness_query(harness->db, sqls[i], NULL, 0);
    static const char *const uses[] = {"SELECT * FROM v", "INSERT INTO v(x) VALUES (1)", "INSERT INTO v DEFAULT VALUES",
                                       "INSERT INTO t VALUES (2)"};
    bool refused = made->error != NULL;
    for (size_t k = 0; k < LENGTH(uses) && !refused; k++) {
      struct rows *rows = harness_query(harness->db, uses[k], NULL, 0);
      refused = harness_contains(rows->error ? rows->error : "", "unsafe use of");
      rows_free(rows);
    }
    if (!refused) print_error("%s\n", sqls[i]);
    assert_true(refused);
    rows_free(made);
    if (sqlite3_table_column_metadata(harness->db, NULL, "v", NULL, NULL, NULL, NULL, NULL, NULL) == SQLITE_OK)
      harness_run(harness->db, "DROP TABLE v");
    rows_free(harness_query(harness->db, "DROP VIEW IF EXISTS v", NULL, 0));
    rows_free(harness_query(harness->db, "DROP TRIGGER IF EXISTS v", NULL, 0));
  }
  check_rows(harness, "SELECT onpage_config('max_requests'), onpage_config('base_url') LIKE 'http://127.0.0.1:%'", "'1000'|1");
  check_rows(harness, "SELECT count(type) " FROM_SHOP, "10");
}

static void defensive_mode(void **state) {
  struct harness *harness = *state;
  assert_int_equal(sqlite3_db_config(harness->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_db_config(harness->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL), SQLITE_OK);
  harness_run(harness->db, "CREATE VIRTUAL TABLE bound USING onpage_links(task_id='" TASK "')");
  check_rows(harness, "SELECT count(type) FROM bound", "10");
  check_rows(harness, "SELECT count(*) FROM bound WHERE is_broken = 1", "3");
  check_rows(harness, "SELECT count(*) FROM onpage_requests", "2");
  check_rows(harness, "SELECT onpage_config('page_size', '5')", "'5'");
  harness_run(harness->db, "DROP TABLE bound");
}

/* A file whose bound table has invalid arguments, as another program may have written them. */
static void damaged_schema(void **state) {
  static const char *const arguments[] = {
      "", "nonsense", "task_id", "task_id=", "=", "task_id='x', task_id='y'", "tag='x'", "filters='not json', task_id='x'"};
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(arguments); i++) {
    char path[] = "/tmp/onpage-test-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *insert =
        sqlite3_mprintf("PRAGMA writable_schema = on; INSERT INTO sqlite_master VALUES ('table', 'bound', 'bound', 0, "
                        "'CREATE VIRTUAL TABLE bound USING onpage_links(%q)')",
                        arguments[i]);
    harness_run(db, insert);
    sqlite3_free(insert);
    assert_true(harness_close(db));
    check_case(arguments[i]);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    check_error_on(db, "SELECT count(type) FROM bound", "no such module");
    assert_int_equal(harness_load_into(db, NULL), SQLITE_OK);
    harness_config(db, "base_url", standin_url(harness->standin));
    harness_config(db, "api_key", "test-key");
    check_error_on(db, "SELECT count(type) FROM bound", "onpage_links");
    check_rows_on(db, "SELECT count(type) " FROM_SHOP, "10");
    assert_true(harness_close(db));
    close(file);
    unlink(path);
  }
}

/* ---- Authorizers ---- */

static int allow_select_only(void *context, int action, const char *first, const char *second, const char *third,
                             const char *fourth) {
  (void)third, (void)fourth;
  int *refusals = context;
  bool allowed = action == SQLITE_SELECT || action == SQLITE_READ ||
                 (action == SQLITE_FUNCTION && strncmp(second, "onpage_", strlen("onpage_")) != 0);
  if (action == SQLITE_READ && second && strcmp(second, "text") == 0) return SQLITE_IGNORE; /* NULL instead */
  (void)first;
  if (!allowed) ++*refusals;
  return allowed ? SQLITE_OK : SQLITE_DENY;
}

/* The usual one for SQL of others: no writing, no option. */
static void authorizer_lets_read_only(void **state) {
  struct harness *harness = *state;
  int refusals = 0;
  harness_run(harness->db, "CREATE TABLE t(x)");
  /* Some releases of SQLite ask the authorizer whether a virtual table may be declared, when it is first used. */
  check_rows(harness, "SELECT count(*) " FROM_SHOP, "10");
  sqlite3_set_authorizer(harness->db, allow_select_only, &refusals);
  check_rows(harness, "SELECT count(type), count(text), sum(is_broken) " FROM_SHOP, "10|0|3");
  check_rows(harness, "SELECT count(*) " FROM_SHOP " WHERE is_broken = 1", "3");
  check_rows(harness,
             "SELECT count(*) " FROM_SHOP " AS a LEFT JOIN onpage_links('" TASK "') AS b ON b.page_from = a.page_to AND "
             "b.link_to LIKE '%/gone'",
             "14");
  assert_int_equal(refusals, 0);
  check_error(harness, "SELECT onpage_config('api_key', 'x')", "not authorized");
  check_error(harness, "SELECT onpage_cache_clear()", "not authorized");
  check_error(harness, "INSERT INTO t SELECT link_to " FROM_SHOP, "not authorized");
  check_error(harness, "CREATE VIRTUAL TABLE temp.v USING onpage_links(task_id='x')", "not authorized");
  sqlite3_set_authorizer(harness->db, NULL, NULL);
}

static int deny_all(void *context, int action, const char *first, const char *second, const char *third, const char *fourth) {
  (void)context, (void)action, (void)first, (void)second, (void)third, (void)fourth;
  return SQLITE_DENY;
}

/* One that denies everything comes while a statement is under way; that goes on. */
static void authorizer_denies_in_the_middle(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "page_size", "2");
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(harness->db, "SELECT type " FROM_SHOP " WHERE link_to <> 'x'", -1, &statement, NULL),
                   SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  sqlite3_set_authorizer(harness->db, deny_all, NULL);
  int rows = 1, code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) rows++;
  sqlite3_set_authorizer(harness->db, NULL, NULL);
  assert_int_equal(code, SQLITE_DONE);
  assert_int_equal(rows, 10);
  sqlite3_finalize(statement);
}

/* ---- Limits ---- */

/* Those that SQLite's documentation proposes for SQL of others. */
static void limits_for_sql_of_others(void **state) {
  static const int limits[][2] = {
      {SQLITE_LIMIT_LENGTH, 1000000},     {SQLITE_LIMIT_SQL_LENGTH, 100000}, {SQLITE_LIMIT_COLUMN, 100},
      {SQLITE_LIMIT_EXPR_DEPTH, 10},      {SQLITE_LIMIT_COMPOUND_SELECT, 3}, {SQLITE_LIMIT_VDBE_OP, 25000},
      {SQLITE_LIMIT_FUNCTION_ARG, 8},     {SQLITE_LIMIT_ATTACHED, 0},        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
      {SQLITE_LIMIT_VARIABLE_NUMBER, 10}, {SQLITE_LIMIT_TRIGGER_DEPTH, 10},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(limits); i++) sqlite3_limit(harness->db, limits[i][0], limits[i][1]);
  harness_run(harness->db, "CREATE VIRTUAL TABLE bound USING onpage_links(task_id='" TASK "')");
  check_rows(harness, "SELECT count(type) FROM bound WHERE link_to LIKE 'https://shop.example/%'", "9");
  check_rows(harness, "SELECT count(item) " FROM_SHOP, "10");
  check_rows(harness, "SELECT count(*) FROM onpage_columns WHERE table_name = 'onpage_links' AND NOT hidden", "20");
  check_rows(harness, "SELECT crawl_progress FROM onpage_crawl('" TASK "')", "'finished'");
  harness_run(harness->db, "DROP TABLE bound");
}

/* A link's text that is longer than the host's longest value is an error of the host's. */
static void value_beyond_the_limit(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT count(item) " FROM_SHOP, "10");
  sqlite3_limit(harness->db, SQLITE_LIMIT_LENGTH, 200);
  check_error(harness, "SELECT item " FROM_SHOP, "too big");
  check_rows(harness, "SELECT count(link_to) " FROM_SHOP, "10");
}

#define untrusted_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      untrusted_test(schema_is_not_trusted),
      untrusted_test(schema_changes_no_option),
      untrusted_test(defensive_mode),
      untrusted_test(damaged_schema),
      untrusted_test(authorizer_lets_read_only),
      untrusted_test(authorizer_denies_in_the_middle),
      untrusted_test(limits_for_sql_of_others),
      untrusted_test(value_beyond_the_limit),
  };
  return cmocka_run_group_tests_name("untrusted", tests, NULL, NULL);
}
