/*
** Connections beside each other: in threads, in forked processes, loaded again, closed in the middle of a transfer. `make tsan`
** runs this under the thread sanitizer.
*/
#include "checks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dataset.h"

enum { THREADS = 8, ROUNDS = 4, CONNECTIONS = 60, LINKS = 300, BROKEN_EVERY = 4 };
/* Rows before a fork: some of a second page, when others have been asked for. */
enum { READ = 70 };

#define ALL_ROWS "SELECT link_to FROM onpage_links('" TASK "')"
#define SUM "SELECT count(link_to), sum(is_broken), count(DISTINCT link_to) FROM onpage_links('" TASK "')"
#define SUM_ROW "300|75|300"

/* Small pages, so that several requests are under way at once. */
static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  int failed = harness_add_numbered(harness, TASK, STANDIN_FINISHED, LINKS, BROKEN_EVERY);
  harness_config(harness->db, "page_size", "20");
  return failed;
}

/* For threads and forked processes, in which cmocka can't fail: whether the statement gives this one row. */
static bool gives(sqlite3 *db, const char *sql, const char *row) {
  struct rows *rows = harness_query(db, sql, NULL, 0);
  bool good = rows->code == SQLITE_DONE && rows->count == 1 && strcmp(rows->row[0], row) == 0;
  if (!good) fprintf(stderr, "%s: %s\n", sql, rows->error ? rows->error : rows->count > 0 ? rows->row[0] : "no row");
  rows_free(rows);
  return good;
}

static sqlite3_stmt *start(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  return statement;
}

/* Reads the rest of a statement that is on its first row. */
static void finish(sqlite3_stmt *statement, int rows) {
  for (int i = 1; i < rows; i++) assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
}

/* ---- Threads ---- */

struct worker {
  struct standin *standin;
  sqlite3 *shared; /* NULL: each round has a connection of its own */
  bool good;
};

static void *work(void *context) {
  struct worker *worker = context;
  worker->good = true;
  for (int i = 0; i < ROUNDS && worker->good; i++) {
    sqlite3 *db = worker->shared ? worker->shared : harness_connect(worker->standin);
    if (!worker->shared) harness_config(db, "page_size", "50");
    worker->good = gives(db, SUM, SUM_ROW) &&
                   gives(db, "SELECT count(*) FROM onpage_links('" TASK "') WHERE is_broken = 1", "75") &&
                   gives(db, "SELECT crawl_progress FROM onpage_crawl('" TASK "')", "'finished'") &&
                   gives(db, "SELECT count(*) > 0 FROM onpage_requests WHERE cost >= 0", "1") &&
                   gives(db, "SELECT onpage_debug() LIKE 'onpage/%'", "1");
    if (!worker->shared) worker->good = harness_close(db) && worker->good;
  }
  return NULL;
}

static void run_threads(struct harness *harness, sqlite3 *shared) {
  pthread_t threads[THREADS];
  struct worker workers[THREADS];
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (struct worker){.standin = harness->standin, .shared = shared};
    assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < THREADS; i++) assert_true(workers[i].good);
}

static void threads_with_a_connection_each(void **state) {
  run_threads(*state, NULL);
}

/* SQLite serializes their calls, in the middle of each other's scans. */
static void threads_with_one_connection(void **state) {
  struct harness *harness = *state;
  assert_int_not_equal(sqlite3_threadsafe(), 0);
  run_threads(harness, harness->db);
}

static void *read_on(void *context) {
  for (int i = 0; i < LINKS / 2; i++) sqlite3_step(context);
  return NULL;
}

/* A scan begun in one thread and read on in another, as a pool of workers does it. */
static void scan_moves_to_another_thread(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statement = start(harness->db, ALL_ROWS);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, read_on, statement), 0);
  pthread_join(thread, NULL);
  finish(statement, LINKS - LINKS / 2);
}

/* ---- Forks ---- */

static void leave(struct harness *harness, sqlite3_stmt *statement) {
  (void)harness;
  (void)statement;
}

static void close_all(struct harness *harness, sqlite3_stmt *statement) {
  sqlite3_finalize(statement);
  if (sqlite3_close(harness->db) != SQLITE_OK) _exit(2);
}

static void use_a_connection_of_its_own(struct harness *harness, sqlite3_stmt *statement) {
  (void)statement;
  sqlite3 *db = harness_connect(harness->standin);
  if (!gives(db, SUM, SUM_ROW) || !harness_close(db)) _exit(3);
}

/* SQLite forbids it for files, but not for a database in memory. */
static void use_the_connection_of_the_parent(struct harness *harness, sqlite3_stmt *statement) {
  while (sqlite3_step(statement) == SQLITE_ROW) {
  }
  sqlite3_finalize(statement);
  if (!gives(harness->db, SUM, SUM_ROW)) _exit(4);
}

/* A child is forked in the middle of a scan, does its part, and ends with exit or _exit; the parent reads on. The child
** reports success in a pipe: its exit status is also the leak checker's, which misses threads that only the parent has. */
static void forked_child_does_not_disturb(void **state) {
  static const struct {
    const char *name;
    void (*act)(struct harness *harness, sqlite3_stmt *statement);
    void (*end)(int status);
  } cases[] = {
      {"_exit", leave, _exit},
      {"exit", leave, exit},
      {"close, _exit", close_all, _exit},
      {"close, exit", close_all, exit},
      {"its own connection", use_a_connection_of_its_own, _exit},
      {"the parent's connection", use_the_connection_of_the_parent, _exit},
  };
  struct harness *harness = *state;
  harness_config(harness->db, "page_size", "60");
  harness_config(harness->db, "timeout_ms", "30000"); /* a response that the child took from the parent would never come */
  harness_config(harness->db, "max_retries", "0");
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].name);
    standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = 50});
    sqlite3_stmt *statement = start(harness->db, ALL_ROWS);
    for (int row = 1; row < READ; row++) assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int ends[2];
    char word = 0;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
      alarm(60); /* a child that hangs must not outlive the test */
      cases[i].act(harness, statement);
      cases[i].end(write(ends[1], "!", 1) != 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(ends[1]);
    assert_int_equal(read(ends[0], &word, 1), 1);
    close(ends[0]);
    assert_true(WIFEXITED(status));
    finish(statement, LINKS - READ + 1);
    standin_set_readings(harness->standin, &(struct standin_readings){0});
    check_rows(harness, SUM, SUM_ROW);
  }
}

/* ---- Loading and closing ---- */

static void many_connections_at_once(void **state) {
  struct harness *harness = *state;
  sqlite3 *dbs[CONNECTIONS];
  sqlite3_stmt *statements[CONNECTIONS];
  for (int i = 0; i < CONNECTIONS; i++) {
    dbs[i] = harness_connect(harness->standin);
    harness_config(dbs[i], "page_size", "100");
    statements[i] = start(dbs[i], ALL_ROWS);
  }
  for (int i = CONNECTIONS - 1; i >= 0; i--) finish(statements[i], LINKS);
  for (int i = 0; i < CONNECTIONS; i++) assert_true(harness_close(dbs[i]));
}

static void load_close_and_load_again(void **state) {
  struct harness *harness = *state;
  for (int i = 0; i < 20; i++) {
    sqlite3 *db = harness_connect(harness->standin);
    if (i % 2 == 0) check_rows_on(db, "SELECT count(*) FROM onpage_links('" TASK "')", "300");
    assert_true(harness_close(db));
  }
}

/* Nothing changes: the options that were set, scans under way, tables that are there. */
static void load_again_in_the_middle_of_a_scan(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.shop USING onpage_links(task_id='" TASK "')");
  sqlite3_stmt *scan = start(harness->db, ALL_ROWS), *bound = start(harness->db, "SELECT link_to FROM shop");
  for (int i = 0; i < 3; i++) {
    char *message = NULL;
    assert_int_equal(harness_load_into(harness->db, &message), SQLITE_OK);
    assert_null(message);
  }
  check_rows(harness, SUM, SUM_ROW);
  check_rows(harness, "SELECT onpage_config('page_size')", "'20'");
  finish(scan, LINKS);
  finish(bound, LINKS);
  check_rows(harness, "SELECT count(link_to) FROM shop", "300");
  harness_run(harness->db, "DROP TABLE shop");
}

/* By the SQL function, which is a statement under way itself, twice in each of two connections. */
static void load_by_sql(void **state) {
  struct harness *harness = *state;
  const char *library = getenv("TEST_LIBRARY");
  char *sql = sqlite3_mprintf("SELECT load_extension(%Q)", library ? library : "build/onpage");
  sqlite3 *dbs[2] = {NULL, NULL};
  for (int i = 0; i < 4; i++) {
    sqlite3 **db = &dbs[i % 2];
    if (!*db) assert_int_equal(sqlite3_open(":memory:", db), SQLITE_OK);
    sqlite3_enable_load_extension(*db, 1);
    harness_run(*db, sql);
    if (i == 0) harness_config(*db, "base_url", standin_url(harness->standin));
    if (i == 0) harness_config(*db, "api_key", "test-key");
  }
  sqlite3_free(sql);
  check_rows_on(dbs[0], SUM, SUM_ROW);
  check_error_on(dbs[1], SUM, "credentials");
  assert_true(harness_close(dbs[1]));
  check_rows_on(dbs[0], SUM, SUM_ROW);
  assert_true(harness_close(dbs[0]));
}

/* sqlite3_close_v2 with requests under way: they end with the statement, and the stand-in isn't asked any more. */
static void close_in_the_middle_of_transfers(void **state) {
  struct harness *harness = *state;
  for (int stepped = 1; stepped < LINKS; stepped += 90) {
    sqlite3 *db = harness_connect(harness->standin);
    harness_config(db, "page_size", "10");
    sqlite3_stmt *statement = start(db, ALL_ROWS), *other = start(db, ALL_ROWS);
    for (int i = 1; i < stepped; i++) assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_close(db), SQLITE_BUSY);
    assert_int_equal(sqlite3_close_v2(db), SQLITE_OK);
    assert_int_equal(sqlite3_finalize(other), SQLITE_OK);
    if (stepped > 100)
      finish(statement, LINKS - stepped + 1);
    else
      assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
  }
  check_rows(harness, SUM, SUM_ROW);
}

#define connection_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      connection_test(threads_with_a_connection_each),     connection_test(threads_with_one_connection),
      connection_test(scan_moves_to_another_thread),       connection_test(forked_child_does_not_disturb),
      connection_test(many_connections_at_once),           connection_test(load_close_and_load_again),
      connection_test(load_again_in_the_middle_of_a_scan), connection_test(load_by_sql),
      connection_test(close_in_the_middle_of_transfers),
  };
  return cmocka_run_group_tests_name("connections", tests, NULL, NULL);
}
