/*
** The ways to name a crawl: a task_id in WHERE, an argument of the table as a function, a table bound by CREATE VIRTUAL TABLE;
** and the error when none is named.
*/
#include "checks.h"

#include <stdlib.h>
#include <unistd.h>

#include "dataset.h"

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  return standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1) ||
         harness_add_numbered(harness, OTHER_TASK, STANDIN_FINISHED, 3, 0) ||
         standin_add_task(harness->standin, THIRD_TASK, STANDIN_FINISHED, "", 0);
}

static void task_id_in_where(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT count(type) FROM onpage_links WHERE task_id = '" TASK "'", "10");
  check_body_key(harness, 0, "id", "\"" TASK "\"");
}

static void task_id_as_argument(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT count(type) FROM onpage_links('" TASK "')", "10");
  check_body_key(harness, 0, "id", "\"" TASK "\"");
}

static void filters_and_tag_as_arguments(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT page_to, filters, tag FROM onpage_links('" TASK "', '[\"type\",\"=\",\"image\"]', 'mine')",
             "'/logo'|'[\"type\",\"=\",\"image\"]'|'mine'");
  check_conditions(harness, 0, "[[\"type\",\"=\",\"image\"]]");
  check_body_key(harness, 0, "tag", "\"mine\"");
}

static void task_id_as_parameter(void **state) {
  struct harness *harness = *state;
  struct bound task = {.type = SQLITE_TEXT, .bytes = TASK, .size = -1};
  check_rows_with(harness, "SELECT count(type), task_id FROM onpage_links WHERE task_id = ?1", &task, 1, "10|'" TASK "'");
  check_rows_with(harness, "SELECT count(type) FROM onpage_links(?1)", &task, 1, "10");
}

/* A second run of the same statement starts anew. */
static void statement_can_be_run_again(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(harness->db, "SELECT count(type) FROM onpage_links(?1)", -1, &statement, NULL),
                   SQLITE_OK);
  static const struct {
    const char *task;
    int count;
  } runs[] = {{TASK, 10}, {OTHER_TASK, 3}, {THIRD_TASK, 0}, {TASK, 10}};
  for (size_t i = 0; i < LENGTH(runs); i++) {
    sqlite3_bind_text(statement, 1, runs[i].task, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), runs[i].count);
    assert_int_equal(sqlite3_reset(statement), SQLITE_OK);
  }
  sqlite3_finalize(statement);
}

static void null_task_is_no_rows(void **state) {
  struct harness *harness = *state;
  struct bound null = {.type = SQLITE_NULL};
  check_rows(harness, "SELECT count(*) FROM onpage_links WHERE task_id = NULL", "0");
  check_rows_with(harness, "SELECT count(*) FROM onpage_links(?1)", &null, 1, "0");
  check_requests(harness, 0);
}

static void several_tasks(void **state) {
  struct harness *harness = *state;
  check_rows(harness,
             "SELECT task_id, count(type) FROM onpage_links WHERE task_id IN ('" TASK "', '" OTHER_TASK "', '" THIRD_TASK
             "') GROUP BY 1 ORDER BY 1",
             "'" OTHER_TASK "'|3\n'" TASK "'|10");
  check_rows(harness,
             "SELECT count(page_to) FROM onpage_links WHERE (task_id = '" TASK
             "' AND type = 'image') OR (task_id = '" OTHER_TASK "' AND type = 'anchor')",
             "4");
}

static void tasks_from_a_join(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE TABLE crawls(task TEXT, name TEXT)");
  harness_run(harness->db, "INSERT INTO crawls VALUES('" TASK "', 'shop'), ('" OTHER_TASK "', 'numbers'), ('" THIRD_TASK
                           "', 'empty'), (NULL, 'none')");
  check_rows(harness, "SELECT name, count(l.type) FROM crawls JOIN onpage_links l ON l.task_id = task GROUP BY 1 ORDER BY 1",
             "'numbers'|3\n'shop'|10");
  check_rows(harness, "SELECT name, count(l.type) FROM onpage_links l, crawls WHERE l.task_id = task GROUP BY 1 ORDER BY 1",
             "'numbers'|3\n'shop'|10");
  check_rows(harness,
             "SELECT name, count(l.type) FROM crawls LEFT JOIN onpage_links l ON l.task_id = task GROUP BY 1 ORDER BY 1",
             "'empty'|0\n'none'|0\n'numbers'|3\n'shop'|10");
  check_rows(harness, "SELECT name, (SELECT count(l.type) FROM onpage_links(task) l) FROM crawls ORDER BY 1",
             "'empty'|0\n'none'|0\n'numbers'|3\n'shop'|10");
}

static void missing_task_id_is_friendly(void **state) {
  static const char *const statements[] = {
      "SELECT * FROM onpage_links",
      "SELECT count(*) FROM onpage_links",
      "SELECT * FROM onpage_links WHERE is_broken = 1",
      "SELECT * FROM onpage_links WHERE task_id > 'a'",
      "SELECT * FROM onpage_links WHERE task_id LIKE '07%'",
      "SELECT * FROM onpage_links WHERE is_broken = 1 OR dofollow = 1",
      "SELECT * FROM onpage_links LIMIT 5",
      "SELECT * FROM onpage_links ORDER BY type",
      "SELECT * FROM onpage_links a JOIN onpage_links b ON a.page_to = b.page_from",
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(statements); i++) check_error(harness, statements[i], "onpage_links", "task_id", "task_id = '");
  check_requests(harness, 0);
}

static void bound_table(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.shop USING onpage_links(task_id='" TASK "')");
  check_requests(harness, 0);
  check_rows(harness, "SELECT count(type) FROM shop", "10");
  check_rows(harness, "SELECT page_to FROM shop WHERE type = 'image'", "'/logo'");
  check_rows(harness, "SELECT DISTINCT task_id, filters, tag FROM shop", "'" TASK "'|NULL|NULL");
  check_rows(harness, "SELECT count(type) FROM shop WHERE task_id = '" TASK "'", "10");
  check_rows(harness, "SELECT count(type) FROM shop WHERE task_id = '" OTHER_TASK "'", "0");
  check_rows(harness, "SELECT count(*) FROM shop WHERE task_id IS NULL", "0");
}

static void bound_table_with_filters_and_tag(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db,
              "CREATE VIRTUAL TABLE temp.images USING onpage_links(task_id='" TASK
              "', filters='[[\"type\",\"=\",\"image\"],\"or\",[\"type\",\"=\",\"alternate\"]]', tag='it''s mine')");
  check_rows(harness, "SELECT type, count(page_to) FROM images GROUP BY 1 ORDER BY 1", "'alternate'|2\n'image'|1");
  check_body_key(harness, 0, "tag", "\"it's mine\"");
  check_rows(harness, "SELECT DISTINCT tag, filters FROM images",
             "'it''s mine'|'[[\"type\",\"=\",\"image\"],\"or\",[\"type\",\"=\",\"alternate\"]]'");
  harness_forget(harness);
  check_rows(harness, "SELECT page_to FROM images WHERE is_broken = 1", "'/logo'");
  check_conditions(harness, 0,
                   "[[\"is_broken\",\"=\",true],[[\"type\",\"=\",\"image\"],\"or\",[\"type\",\"=\",\"alternate\"]]]");
}

static void arguments_are_read_leniently(void **state) {
  static const char *const arguments[] = {
      "task_id='" TASK "'",
      "task_id = '" TASK "'",
      "  task_id\n=\n'" TASK "'  ",
      "TASK_ID=\"" TASK "\"",
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(arguments); i++) {
    char *sql = sqlite3_mprintf("CREATE VIRTUAL TABLE temp.shop USING onpage_links(%s)", arguments[i]);
    harness_run(harness->db, sql);
    sqlite3_free(sql);
    check_rows(harness, "SELECT count(type) FROM shop", "10");
    harness_run(harness->db, "DROP TABLE shop");
  }
}

static void bad_arguments_are_explained(void **state) {
  struct harness *harness = *state;
  check_error(harness, "CREATE VIRTUAL TABLE temp.t USING onpage_links(task='x')", "task", "task_id", "filters", "tag");
  check_error(harness, "CREATE VIRTUAL TABLE temp.t USING onpage_links('" TASK "')", "task_id");
  check_error(harness, "CREATE VIRTUAL TABLE temp.t USING onpage_links(task_id='a', task_id='b')", "task_id");
  check_rows(harness, "SELECT count(*) FROM sqlite_temp_master", "0");
  check_requests(harness, 0);
}

/* A bound table without a task needs one in the query, as the eponymous one does. */
static void created_without_a_task(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.any_crawl USING onpage_links");
  check_rows(harness, "SELECT count(type) FROM any_crawl WHERE task_id = '" TASK "'", "10");
  check_error(harness, "SELECT * FROM any_crawl", "task_id");
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.tagged USING onpage_links(tag='t')");
  harness_forget(harness);
  check_rows(harness, "SELECT count(type), min(tag) FROM tagged('" OTHER_TASK "')", "3|'t'");
  check_body_key(harness, 0, "tag", "\"t\"");
}

static void table_outlives_its_connection(void **state) {
  struct harness *harness = *state;
  char path[] = "/tmp/onpage-e2e-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  for (int round = 0; round < 2; round++) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(harness_load_into(db, NULL), SQLITE_OK);
    harness_config(db, "base_url", standin_url(harness->standin));
    harness_config(db, "api_key", "test-key");
    if (round == 0) harness_run(db, "CREATE VIRTUAL TABLE shop USING onpage_links(task_id='" TASK "')");
    check_rows_on(db, "SELECT count(type) FROM shop", "10");
    if (round == 1) {
      harness_run(db, "ALTER TABLE shop RENAME TO store");
      check_rows_on(db, "SELECT count(type) FROM store", "10");
      harness_run(db, "DROP TABLE store");
      check_rows_on(db, "SELECT count(*) FROM sqlite_master", "0");
    }
    assert_true(harness_close(db));
  }
  unlink(path);
}

static void views_and_copies(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "CREATE TEMP VIEW broken AS SELECT * FROM onpage_links('" TASK "') WHERE is_broken = 1");
  check_rows(harness, "SELECT count(type) FROM broken", "3");
  harness_run(harness->db, "CREATE TABLE copy AS SELECT *, task_id FROM onpage_links('" TASK "')");
  check_rows(harness, "SELECT count(*), count(task_id), sum(is_broken) FROM copy", "10|10|3");
}

#define way(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      way(task_id_in_where),
      way(task_id_as_argument),
      way(filters_and_tag_as_arguments),
      way(task_id_as_parameter),
      way(statement_can_be_run_again),
      way(null_task_is_no_rows),
      way(several_tasks),
      way(tasks_from_a_join),
      way(missing_task_id_is_friendly),
      way(bound_table),
      way(bound_table_with_filters_and_tag),
      way(arguments_are_read_leniently),
      way(bad_arguments_are_explained),
      way(created_without_a_task),
      way(table_outlives_its_connection),
      way(views_and_copies),
  };
  return cmocka_run_group_tests_name("ways", tests, NULL, NULL);
}
