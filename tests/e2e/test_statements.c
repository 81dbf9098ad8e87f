/*
** What a host does with statements: many open at once, reset halfway, run again after the schema or an option has changed, within
** transactions, triggers and other tables, and statements that SQLite doesn't allow on a virtual table.
*/
#include "checks.h"

#include <stdio.h>

#include "dataset.h"

enum { MANY = 60, LINKS = 200, BROKEN_EVERY = 4 };

#define ALL_ROWS "SELECT link_to FROM onpage_links('" TASK "')"
#define FIRST_ROW "'https://n.example/p/0'"

/* TASK: 200 links in pages of 30. OTHER_TASK: the shop's ten. */
static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  int failed = harness_add_numbered(harness, TASK, STANDIN_FINISHED, LINKS, BROKEN_EVERY) ||
               standin_add_file(harness->standin, OTHER_TASK, STANDIN_FINISHED, SHOP_FILE, 1);
  harness_config(harness->db, "page_size", "30");
  return failed;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) print_error("%s\n", sqlite3_errmsg(db));
  assert_non_null(statement);
  return statement;
}

static void step(sqlite3_stmt *statement, int rows) {
  for (int i = 0; i < rows; i++) assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
}

/* Steps to the end; the number of rows. */
static int count_rows(sqlite3_stmt *statement) {
  int rows = 0, code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) rows++;
  if (code != SQLITE_DONE) print_error("%s\n", sqlite3_errmsg(sqlite3_db_handle(statement)));
  assert_int_equal(code, SQLITE_DONE);
  return rows;
}

/* ---- Many cursors ---- */

static void many_statements_in_turn(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statements[MANY];
  for (int i = 0; i < MANY; i++) statements[i] = prepare(harness->db, ALL_ROWS);
  for (int row = 0; row < LINKS; row++)
    for (int i = 0; i < MANY; i++) {
      char expected[64];
      snprintf(expected, sizeof expected, "https://n.example/p/%d", row);
      assert_int_equal(sqlite3_step(statements[i]), SQLITE_ROW);
      assert_string_equal(sqlite3_column_text(statements[i], 0), expected);
    }
  for (int i = 0; i < MANY; i++) assert_int_equal(sqlite3_step(statements[i]), SQLITE_DONE);
  for (int i = 0; i < MANY; i++) sqlite3_finalize(statements[i]);
}

/* Ended in another order than begun, some never read to their end, in the middle of each other's requests. */
static void statements_end_in_any_order(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statements[MANY];
  for (int i = 0; i < MANY; i++) {
    statements[i] = prepare(harness->db, i % 2 ? ALL_ROWS : ALL_ROWS " WHERE is_broken = 1");
    step(statements[i], 1 + i % 40);
  }
  for (int i = 0; i < MANY; i++) {
    int k = i * 37 % MANY;
    if (k % 3) assert_int_equal(count_rows(statements[k]), (k % 2 ? 200 : 50) - 1 - k % 40);
    sqlite3_finalize(statements[k]);
  }
}

/* As many cursors in one statement as SQLite joins. */
static void join_of_many_cursors(void **state) {
  struct harness *harness = *state;
  sqlite3_str *sql = sqlite3_str_new(harness->db);
  sqlite3_str_appendall(sql, "SELECT count(t0.text), count(t59.link_to)");
  for (int i = 0; i < MANY; i++)
    sqlite3_str_appendf(sql, " %s onpage_links('%s') AS t%d", i ? "CROSS JOIN" : "FROM", OTHER_TASK, i);
  for (int i = 0; i < MANY; i++) sqlite3_str_appendf(sql, " %s t%d.page_from = '/old'", i ? "AND" : "WHERE", i);
  char *text = sqlite3_str_finish(sql);
  check_rows(harness, text, "0|1");
  sqlite3_free(text);
}

/* ---- Statements used again ---- */

static void reset_halfway(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statement = prepare(harness->db, "SELECT link_to FROM onpage_links(?)");
  static const int stops[] = {0, 1, 29, 30, 31, 199, 7};
  for (size_t i = 0; i < LENGTH(stops); i++) {
    sqlite3_bind_text(statement, 1, TASK, -1, SQLITE_STATIC);
    step(statement, stops[i]);
    assert_int_equal(sqlite3_reset(statement), SQLITE_OK);
    assert_int_equal(count_rows(statement), LINKS);
    sqlite3_reset(statement);
    step(statement, stops[i]);
    sqlite3_reset(statement);
    sqlite3_bind_text(statement, 1, OTHER_TASK, -1, SQLITE_STATIC);
    assert_int_equal(count_rows(statement), 10);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    assert_int_equal(count_rows(statement), 0);
    sqlite3_reset(statement);
  }
  sqlite3_finalize(statement);
}

/* A change of the schema makes SQLite prepare a statement anew when it is run again. */
static void prepared_anew_after_changes(void **state) {
  static const char bind_table[] = "CREATE VIRTUAL TABLE temp.bound USING onpage_links(task_id='" TASK "')";
  static const char *const changes[] = {
      "CREATE TABLE t(x)",
      "SELECT onpage_config('page_size', '7')",
      "SELECT onpage_config('pushdown', 'off')",
      bind_table,
      "SELECT onpage_config('count_pushdown', 'off')",
      "SELECT onpage_config('max_in_flight', '30')",
      "DROP TABLE bound",
      "SELECT onpage_config('pushdown', 'on')",
      "SELECT onpage_config('cache_mb', '64')",
      "PRAGMA schema_version = 99",
      "SELECT onpage_cache_clear()",
      "ATTACH ':memory:' AS other",
      "DETACH other",
      "ANALYZE",
      "DROP TABLE t",
  };
  struct harness *harness = *state;
  sqlite3_stmt *rows = prepare(harness->db, ALL_ROWS " WHERE is_broken = 1"),
               *count = prepare(harness->db, "SELECT count(*) FROM onpage_links('" TASK "')"),
               *open = prepare(harness->db, ALL_ROWS);
  int opened = 0;
  for (size_t i = 0; i < LENGTH(changes); i++) {
    check_case(changes[i]);
    if (changes[i][0] == 'D') { /* DROP and DETACH want no statement under way */
      sqlite3_reset(open);
      opened = 0;
    }
    harness_run(harness->db, changes[i]);
    assert_int_equal(count_rows(rows), LINKS / BROKEN_EVERY);
    assert_int_equal(sqlite3_step(count), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(count, 0), LINKS);
    sqlite3_reset(rows);
    sqlite3_reset(count);
    step(open, 5);
    opened += 5;
  }
  assert_int_equal(count_rows(open), LINKS - opened);
  sqlite3_finalize(rows);
  sqlite3_finalize(count);
  sqlite3_finalize(open);
}

/* The account or the server changes during a scan: its rows would come from both. */
static void server_changed_under_a_scan(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statement = prepare(harness->db, ALL_ROWS);
  harness_config(harness->db, "max_in_flight", "1");
  step(statement, 1);
  harness_config(harness->db, "base_url", "http://127.0.0.1:1/v3");
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
  }
  assert_int_equal(code, SQLITE_ERROR);
  assert_true(harness_contains(sqlite3_errmsg(harness->db), "changed while"));
  sqlite3_finalize(statement);
  harness_config(harness->db, "base_url", standin_url(harness->standin));
  harness_config(harness->db, "api_key", "test-key");
  check_rows(harness, ALL_ROWS " LIMIT 1", FIRST_ROW);
}

/* ---- Schemas and transactions ---- */

static void bound_tables_of_every_database(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "ATTACH ':memory:' AS side");
  static const char *const schemas[] = {"main", "temp", "side"};
  for (size_t i = 0; i < LENGTH(schemas); i++) {
    char *create = sqlite3_mprintf("CREATE VIRTUAL TABLE %s.\"a \"\"b'\" USING onpage_links(task_id='%s')", schemas[i],
                                   i == 1 ? TASK : OTHER_TASK);
    harness_run(harness->db, create);
    sqlite3_free(create);
  }
  check_rows(harness, "SELECT (SELECT count(type) FROM main.\"a \"\"b'\"), count(type) FROM temp.\"a \"\"b'\"", "10|200");
  check_error(harness, "CREATE VIRTUAL TABLE IF NOT EXISTS t USING onpage_links(nonsense)",
              "unknown argument nonsense; expected task_id");
  sqlite3_stmt *open = prepare(harness->db, "SELECT link_to FROM side.\"a \"\"b'\"");
  step(open, 2);
  check_error(harness, "DETACH side", "locked");
  check_error(harness, "DROP TABLE side.\"a \"\"b'\"", "locked");
  assert_int_equal(count_rows(open), 8);
  sqlite3_finalize(open);
  harness_run(harness->db, "ALTER TABLE main.\"a \"\"b'\" RENAME TO renamed");
  check_rows(harness, "SELECT count(type) FROM renamed", "10");
  harness_run(harness->db, "DROP TABLE renamed; DROP TABLE temp.\"a \"\"b'\"; DETACH side");
}

static void transactions(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db,
              "CREATE TABLE kept(link); BEGIN; CREATE VIRTUAL TABLE shop USING onpage_links(task_id='" OTHER_TASK "')");
  harness_run(harness->db, "SAVEPOINT a; INSERT INTO kept SELECT link_to FROM shop; SAVEPOINT b");
  sqlite3_stmt *open = prepare(harness->db, ALL_ROWS), *bound = prepare(harness->db, "SELECT type FROM shop");
  step(open, 3);
  step(bound, 3);
  harness_run(harness->db, "INSERT INTO kept SELECT link_to FROM onpage_links('" TASK "'); ROLLBACK TO b");
  check_rows(harness, "SELECT count(*) FROM kept", "10");
  assert_int_equal(count_rows(open), LINKS - 3);
  sqlite3_reset(open);
  step(open, 3);
  /* The table is dropped with the transaction that made it; open statements may read on. */
  harness_run(harness->db, "ROLLBACK");
  assert_int_equal(count_rows(bound), 10 - 3);
  assert_int_equal(count_rows(open), LINKS - 3);
  sqlite3_finalize(open);
  sqlite3_finalize(bound);
  check_error(harness, "SELECT * FROM shop", "no such table");
  check_rows(harness, "SELECT count(*) FROM kept", "0");
  check_rows(harness, ALL_ROWS " LIMIT 1", FIRST_ROW);
}

/* An error in the middle takes back what the statement has written. */
static void failure_halfway_writes_nothing(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE TABLE kept(link)");
  harness_config(harness->db, "max_retries", "0");
  harness_config(harness->db, "max_in_flight", "1");
  standin_plant(harness->standin, 3, &(struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 50000});
  check_error(harness, "INSERT INTO kept " ALL_ROWS, "onpage_links", "after 60 rows", "50000");
  check_rows(harness, "SELECT count(*) FROM kept", "0");
  harness_run(harness->db, "INSERT INTO kept " ALL_ROWS);
  check_rows(harness, "SELECT count(*) FROM kept", "200");
}

static void table_cannot_be_changed(void **state) {
  static const char *const sqls[] = {
      "INSERT INTO onpage_links(type) VALUES ('anchor')",
      "DELETE FROM onpage_links",
      "UPDATE shop SET type = 'x' WHERE is_broken = 1",
      "REPLACE INTO shop(type) VALUES ('x')",
      "DELETE FROM onpage_columns",
      "CREATE INDEX i ON shop(type)",
      "CREATE TRIGGER t AFTER INSERT ON shop BEGIN SELECT 1; END",
      "ALTER TABLE shop ADD COLUMN x",
      "ALTER TABLE shop DROP COLUMN type",
      "CREATE VIRTUAL TABLE shop USING onpage_links(task_id='x')",
      "CREATE VIRTUAL TABLE t USING onpage_links(task_id='x', task_id='y')",
      "CREATE VIRTUAL TABLE t USING onpage_links('x')",
  };
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE VIRTUAL TABLE shop USING onpage_links(task_id='" OTHER_TASK "')");
  for (size_t i = 0; i < LENGTH(sqls); i++) check_error(harness, sqls[i], " ");
  check_requests(harness, 0);
  check_rows(harness, "SELECT count(type) FROM shop", "10");
  rows_free(harness_query(harness->db, "DROP TABLE onpage_links", NULL, 0)); /* SQLite up to 3.31 returns SQLITE_DONE */
  check_rows(harness, "SELECT count(type) FROM onpage_links('" OTHER_TASK "')", "10");
  harness_run(harness->db, "REINDEX; VACUUM; PRAGMA optimize");
  check_rows(harness, "PRAGMA integrity_check", "'ok'");
  check_rows(harness, "PRAGMA foreign_key_check", "");
}

/* The table as a source wherever SQL takes one. */
static void source_of_every_statement(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db,
              "CREATE TABLE pages(path PRIMARY KEY, broken, seen); "
              "CREATE TABLE log(link);"
              "CREATE TEMP TRIGGER visit AFTER INSERT ON pages BEGIN "
              "  INSERT INTO log SELECT link_to FROM onpage_links WHERE task_id = '" OTHER_TASK "' AND page_from = NEW.path;"
              "  UPDATE pages SET seen = (SELECT count(*) FROM log) WHERE path = NEW.path; "
              "END");
  harness_run(harness->db, "INSERT INTO pages(path) SELECT DISTINCT page_from FROM onpage_links('" OTHER_TASK "')");
  check_rows(harness, "SELECT max(seen), (SELECT count(*) FROM log) FROM pages", "10|10");
  harness_run(harness->db,
              "UPDATE pages SET broken = (SELECT sum(is_broken) FROM onpage_links('" OTHER_TASK "') WHERE page_from = path)");
  check_rows(harness, "SELECT sum(broken) FROM pages", "3");
  harness_run(harness->db,
              "DELETE FROM log WHERE link IN (SELECT link_to FROM onpage_links('" OTHER_TASK "') WHERE is_broken = 1)");
  check_rows(harness, "SELECT count(*) FROM log", "7");
  harness_run(harness->db, "INSERT INTO pages(path) SELECT page_from FROM onpage_links('" OTHER_TASK "') WHERE true "
                           "ON CONFLICT(path) DO UPDATE SET broken = -1");
  check_rows(harness, "SELECT sum(broken) < 0 FROM pages", "1");
}

/* A trigger that sets off itself through the table, down to the depth that SQLite allows. */
static void recursive_trigger(void **state) {
  struct harness *harness = *state;
  sqlite3_limit(harness->db, SQLITE_LIMIT_TRIGGER_DEPTH, 40);
  harness_run(harness->db,
              "PRAGMA recursive_triggers = on; CREATE TABLE t(depth, link); "
              "CREATE TEMP TRIGGER again AFTER INSERT ON t BEGIN "
              "  INSERT INTO t SELECT NEW.depth + 1, link_to FROM onpage_links('" OTHER_TASK "') WHERE page_from = '/old'; "
              "END");
  check_error(harness, "INSERT INTO t VALUES (0, '')", "trigger");
  check_rows(harness, "SELECT count(*) FROM t", "0");
  check_rows(harness, ALL_ROWS " LIMIT 1", FIRST_ROW);
}

#define statement_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      statement_test(many_statements_in_turn),        statement_test(statements_end_in_any_order),
      statement_test(join_of_many_cursors),           statement_test(reset_halfway),
      statement_test(prepared_anew_after_changes),    statement_test(server_changed_under_a_scan),
      statement_test(bound_tables_of_every_database), statement_test(transactions),
      statement_test(failure_halfway_writes_nothing), statement_test(table_cannot_be_changed),
      statement_test(source_of_every_statement),      statement_test(recursive_trigger),
  };
  return cmocka_run_group_tests_name("statements", tests, NULL, NULL);
}
