/*
** Joins whose inner side is requested value by value: once that has cost as many requests as reading all of it, it is read and then
** probed in memory; how long it is kept, and how much of it.
*/
#include "checks.h"

#include <string.h>
#include <time.h>

#include "dataset.h"

/* Links to /p/0, /p/1 …, and their numbers as a local table. */
enum { LINKS = 7000, PAGES = 7 };

static void add_links(struct harness *harness, const char *task, size_t broken_every) {
  assert_int_equal(harness_add_numbered(harness, task, STANDIN_FINISHED, LINKS, broken_every), 0);
}

static int add_reference(struct harness *harness) {
  char *items = dataset_numbered(LINKS, 2);
  int failed = dataset_create_table(harness->db, "reference") != 0 || dataset_load(harness->db, "reference", TASK, items) != 0;
  sqlite3_free(items);
  return failed ? -1 : 0;
}

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  harness_config(harness->db, "cache_mb", "64");
  add_links(harness, TASK, 2);
  add_links(harness, OTHER_TASK, 3);
  harness_run(harness->db,
              "CREATE TABLE page AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)"
              " SELECT '/p/' || i AS path FROM n;"
              "CREATE TABLE many AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)"
              " SELECT i, '/p/' || (i * 4) AS path, i % 2 AS flag, CASE i % 4 WHEN 0 THEN 404 ELSE 200 END AS code FROM n");
  return add_reference(harness);
}

#define JOIN(task)                                                                                                             \
  "SELECT count(*), sum(l.is_broken) FROM page CROSS JOIN onpage_links l ON l.task_id = '" task "' AND l.page_to = page.path"

/* 764 pages, each asked for by a join: as many requests as reading all takes, and then all once. */
static void join_reads_its_inner_side_once(void **state) {
  struct harness *harness = *state;
  assert_int_equal(standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SAMPLE_FILE, 1), 0);
  harness_config(harness->db, "cache_mb", "64");
  harness_run(harness->db, "CREATE TABLE page AS SELECT DISTINCT page_from AS path FROM onpage_links('" TASK "');"
                           "INSERT INTO page SELECT '/none/' || path FROM page");
  harness_run(harness->db, "SELECT onpage_cache_clear()");
  harness_forget(harness);
  check_rows(harness,
             "SELECT count(*), count(l.link_to), sum(l.is_broken) FROM page CROSS JOIN onpage_links l ON l.task_id = '" TASK
             "' AND l.page_from = page.path",
             "76140|76140|8222");
  assert_in_range(standin_log_count(harness->standin), 77, 2 * 77 + 8);
  harness_forget(harness);
  check_rows(harness,
             "SELECT count(*), count(l.link_to) FROM page LEFT JOIN onpage_links l ON l.task_id = '" TASK
             "' AND l.page_from = page.path",
             "76904|76140");
  assert_in_range(standin_log_count(harness->standin), 0, 2 * 77 + 8);
}

/* Asking for each value costs as much as the inner side has pages, then these are read: together no more than twice that. */
static void small_joins_ask_for_each_value(void **state) {
  struct harness *harness = *state;
  check_rows(harness, JOIN(TASK) " WHERE page.rowid <= 5", "5|3");
  check_requests(harness, 5);
}

/* What is read at once is read as fast as any scan: by several requests side by side. */
static void inner_side_is_read_ahead(void **state) {
  struct harness *harness = *state;
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = 20});
  harness_config(harness->db, "max_in_flight", "5");
  check_rows(harness, JOIN(TASK), "100|50");
  assert_in_range(standin_log_count(harness->standin), PAGES, 2 * PAGES + 8);
  assert_true(harness_most_in_flight(harness->standin) >= 4);
}

/* Without totals the inner side is read once that seems to cost no more than was spent. */
static void totals_may_be_missing(void **state) {
  static const enum standin_total totals[] = {STANDIN_TOTAL_NULL, STANDIN_TOTAL_ABSENT};
  struct harness *harness = *state;
  for (int i = 0; i < 4; i++) {
    standin_set_readings(harness->standin, &(struct standin_readings){.total = totals[i % 2]});
    harness_config(harness->db, "cache_mb", i < 2 ? "0" : "1");
    harness_run(harness->db, "SELECT onpage_cache_clear()");
    harness_forget(harness);
    check_rows(harness, JOIN(TASK), "100|50");
    assert_in_range(standin_log_count(harness->standin), PAGES, 4 * PAGES + 8);
  }
}

/* Rows read for a join serve the next one, until the cache is cleared: then they are read anew. */
static void rows_are_kept_until_the_cache_is_cleared(void **state) {
  struct harness *harness = *state;
  check_rows(harness, JOIN(TASK), "100|50");
  assert_in_range(standin_log_count(harness->standin), PAGES, 2 * PAGES + 8);
  add_links(harness, TASK, 4); /* the same crawl with other links */
  harness_forget(harness);
  check_rows(harness, JOIN(TASK), "100|50");
  check_requests(harness, 0);
  harness_run(harness->db, "SELECT onpage_cache_clear()");
  check_rows(harness, JOIN(TASK), "100|25");
  assert_in_range(standin_log_count(harness->standin), PAGES, 2 * PAGES + 8);
}

/* … even while another statement on the table has not come to its end. */
static void rows_are_not_kept_for_an_open_statement(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *open = NULL;
  assert_int_equal(sqlite3_prepare_v2(harness->db, "SELECT link_to FROM onpage_links('" TASK "')", -1, &open, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(open), SQLITE_ROW);
  check_rows(harness, JOIN(TASK), "100|50");
  add_links(harness, TASK, 4);
  harness_run(harness->db, "SELECT onpage_cache_clear()");
  check_rows(harness, JOIN(TASK), "100|25");
  sqlite3_finalize(open);
}

/* A running crawl that is polled shows its progress, too. */
static void running_crawl_may_be_polled(void **state) {
  static const char count[] = "SELECT count(link_to) FROM onpage_links('" TASK "')";
  struct harness *harness = *state;
  sqlite3_stmt *open = NULL;
  standin_set_crawl(harness->standin, TASK, STANDIN_IN_PROGRESS);
  assert_int_equal(sqlite3_prepare_v2(harness->db, "SELECT link_to FROM onpage_links('" TASK "')", -1, &open, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(open), SQLITE_ROW);
  for (size_t rows = 10; rows < 15; rows++) {
    char *expected = sqlite3_mprintf("%d", (int)rows);
    assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_IN_PROGRESS, rows, 5), 0);
    check_rows(harness, count, expected);
    sqlite3_free(expected);
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 100000000}, NULL);
  }
  sqlite3_finalize(open);
}

/* With cache_ttl_s = 0 nothing outlives a statement, but within one the inner side is read once all the same. */
static void rows_expire_with_the_cache(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "cache_ttl_s", "0");
  check_rows(harness, JOIN(TASK), "100|50");
  assert_in_range(standin_log_count(harness->standin), PAGES, 2 * PAGES + 8);
  add_links(harness, TASK, 4);
  check_rows(harness, JOIN(TASK), "100|25");
}

/* The inner sides of several joins share cache_mb: what an earlier statement has read makes room. */
static void joins_share_the_memory(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "cache_mb", "1");
  check_rows(harness, JOIN(TASK), "100|50");
  harness_forget(harness);
  check_rows(harness, JOIN(TASK), "100|50");
  check_requests(harness, 0);
  check_rows(harness, JOIN(OTHER_TASK), "100|34");
  assert_in_range(standin_log_count(harness->standin), PAGES, 2 * PAGES + 8);
  harness_forget(harness);
  check_rows(harness, JOIN(OTHER_TASK), "100|34");
  check_requests(harness, 0);
  check_rows(harness, JOIN(TASK), "100|50");
  assert_true(standin_log_count(harness->standin) >= PAGES);
}

/* So do those of several tables. */
static void tables_share_the_memory(void **state) {
  static const char bound_join[] = "SELECT count(*), sum(l.is_broken) FROM page CROSS JOIN bound l ON l.page_to = page.path";
  struct harness *harness = *state;
  harness_config(harness->db, "cache_mb", "1");
  harness_run(harness->db, "CREATE VIRTUAL TABLE temp.bound USING onpage_links(task_id='" OTHER_TASK "')");
  check_rows(harness, bound_join, "100|34");
  harness_forget(harness);
  check_rows(harness, bound_join, "100|34");
  check_requests(harness, 0);
  check_rows(harness, JOIN(TASK), "100|50");
  harness_forget(harness);
  check_rows(harness, JOIN(TASK), "100|50");
  check_requests(harness, 0);
  check_rows(harness, bound_join, "100|34");
  assert_true(standin_log_count(harness->standin) > 0);
}

/* What is too large for memory goes to a temporary database. */
static void too_large_for_memory(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "cache_mb", "1");
  check_rows(harness,
             "SELECT count(*), sum(length(l.item) > 0) FROM page CROSS JOIN onpage_links l ON l.task_id = '" TASK
             "' AND l.page_to = page.path",
             "100|100");
  assert_in_range(standin_log_count(harness->standin), PAGES, 2 * PAGES + 1);
}

/* The ways to keep rows: in memory, beyond it, without a cache, and of a crawl that is still running. */
static const struct {
  const char *cache_mb;
  enum standin_crawl crawl;
} ways[] = {
    {"64", STANDIN_FINISHED},    {"1", STANDIN_FINISHED},    {"0", STANDIN_FINISHED},
    {"64", STANDIN_IN_PROGRESS}, {"0", STANDIN_IN_PROGRESS},
};

#define CRAWL "onpage_links('" TASK "')"

/* The statement with an ordinary table instead of the crawl. */
static char *of_reference(const char *sql) {
  sqlite3_str *text = sqlite3_str_new(NULL);
  for (const char *crawl; (crawl = strstr(sql, CRAWL)) != NULL; sql = crawl + strlen(CRAWL))
    sqlite3_str_appendf(text, "%.*s reference", (int)(crawl - sql), sql);
  sqlite3_str_appendall(text, sql);
  return sqlite3_str_finish(text);
}

/* Each gives the rows of an ordinary table, and takes at most `most` requests. */
static void check_joins(struct harness *harness, const char *const *joins, size_t count, size_t most) {
  for (size_t way = 0; way < LENGTH(ways); way++) {
    standin_set_crawl(harness->standin, TASK, ways[way].crawl);
    for (size_t i = 0; i < count; i++) {
      harness_config(harness->db, "cache_mb", ways[way].cache_mb);
      harness_run(harness->db, "SELECT onpage_cache_clear()");
      harness_forget(harness);
      char *sql = of_reference(joins[i]);
      struct rows *rows = harness_query(harness->db, sql, NULL, 0);
      char *expected = rows_text(rows);
      check_case(joins[i]);
      check_rows(harness, joins[i], expected);
      size_t requests = harness_request_count(harness->standin, "/on_page/links");
      if (requests > most)
        fail_msg("%s with cache_mb %s, crawl %d: %zu requests, at most %zu", joins[i], ways[way].cache_mb, (int)ways[way].crawl,
                 requests, most);
      check_case(NULL);
      rows_free(rows);
      sqlite3_free(expected);
      sqlite3_free(sql);
    }
  }
}
#define CHECK_JOINS(harness, joins, most) check_joins(harness, joins, LENGTH(joins), most)

/* Values of several terms change, by any operator. `many` has 100 rows: numbers, paths of each fourth of them, flags of each
** second. */
static void any_terms_may_vary(void **state) {
  static const char *const joins[] = {
      "SELECT count(*), count(l.link_to) FROM many m CROSS JOIN " CRAWL " l ON l.page_to = m.path AND l.is_broken = m.flag",
      "SELECT count(*), count(l.link_to) FROM many m LEFT JOIN " CRAWL " l ON l.is_broken = m.flag AND l.page_to = m.path",
      "SELECT count(*) FROM many m CROSS JOIN " CRAWL " l ON l.page_to_status_code >= m.code AND l.page_to = m.path",
      "SELECT count(*) FROM many m CROSS JOIN " CRAWL " l ON l.page_to IS m.path AND l.text IS m.i * 4",
      "SELECT count(*) FROM many m CROSS JOIN " CRAWL " l ON l.page_to LIKE m.path",
      "SELECT count(*) FROM many m CROSS JOIN " CRAWL " l ON l.page_to IN (m.path, '/p/6999')",
      "SELECT count(*) FROM many m WHERE NOT EXISTS (SELECT 1 FROM " CRAWL
      " l WHERE l.page_to = m.path AND l.is_broken = m.flag)",
      "SELECT count(*) FROM many m WHERE EXISTS (SELECT 1 FROM " CRAWL
      " l WHERE l.page_to = m.path AND l.is_broken = m.flag LIMIT 1)",
      "SELECT count((SELECT link_to FROM " CRAWL
      " l WHERE l.page_to = m.path AND l.page_to_status_code <> m.code LIMIT 1)) FROM many m",
      "SELECT sum((SELECT count(*) FROM " CRAWL " l WHERE l.page_to_status_code = m.code)) FROM many m",
      "SELECT count(*) FROM many m CROSS JOIN many n ON n.i = m.i CROSS JOIN " CRAWL " l ON l.page_to = m.path AND "
      "l.link_to = 'https://n.example' || n.path",
  };
  CHECK_JOINS(*state, joins, 2 * PAGES + 4);
}

/* Values that keep all rows, and so are not sent, come twice each, between others that keep none: still all rows are read once. */
static void values_may_restrict_nothing(void **state) {
  static const char *const joins[] = {
      "SELECT count(*) FROM many m CROSS JOIN " CRAWL " l ON l.page_to_status_code < 'x' || (m.i / 2)",
      "SELECT count(*) FROM many m WHERE NOT EXISTS (SELECT 1 FROM " CRAWL
      " l WHERE l.page_to_status_code < 'x' || (m.i / 2) AND l.text LIKE '/' || m.i)",
      "SELECT count(*) FROM many m CROSS JOIN " CRAWL
      " l ON l.page_to_status_code < CASE i / 2 % 2 WHEN 0 THEN 'x' || (m.i / 2) ELSE m.i END",
  };
  CHECK_JOINS(*state, joins, 2 * PAGES + 4);
}

/* An outer loop's value stays while those of an inner loop change: each time anew, or all at once. */
static void values_change_in_turns(void **state) {
  static const char *const joins[] = {
      "SELECT count(*) FROM (SELECT DISTINCT flag FROM many) f CROSS JOIN many m CROSS JOIN " CRAWL
      " l ON l.is_broken = f.flag AND l.page_to = m.path",
      "SELECT count(*) FROM (SELECT i FROM many WHERE i < 20) f CROSS JOIN many m CROSS JOIN " CRAWL
      " l ON l.link_to = 'https://n.example/p/' || f.i AND l.page_to = m.path",
  };
  CHECK_JOINS(*state, joins, 3 * PAGES + 8);
}

/* Nothing can be sent that differs from one outer row to the next. */
static void terms_that_stay_here(void **state) {
  static const char *const joins[] = {
      "SELECT count(*) FROM many m CROSS JOIN " CRAWL " l ON l.text = '' || m.i WHERE m.i < 20",
      "SELECT count(*), count(l.text) FROM many m LEFT JOIN " CRAWL " l ON lower(l.page_to) = m.path WHERE m.i < 20",
      "SELECT count(*) FROM many m CROSS JOIN " CRAWL " l ON l.page_to = upper(m.path) COLLATE NOCASE WHERE m.i < 20",
      "SELECT count(*) FROM many m WHERE m.i < 20 AND EXISTS (SELECT 1 FROM " CRAWL " l WHERE lower(l.page_to) = m.path)",
      "SELECT count((SELECT l.link_to FROM " CRAWL " l WHERE l.text = '' || m.i LIMIT 1)) FROM many m WHERE m.i < 20",
      "SELECT count(*) FROM many m CROSS JOIN " CRAWL " l WHERE m.i < 20 AND l.is_broken + 0 = m.flag AND l.type = 'anchor'",
      "SELECT sum((SELECT count(*) FROM " CRAWL
      " l WHERE l.page_to IN ('/p/1', nullif(m.flag, m.flag)))) FROM many m WHERE m.i < 20",
  };
  CHECK_JOINS(*state, joins, 2 * PAGES + 2);
}

/* What only the API can evaluate is requested each time, and its rows count. */
static void the_api_is_asked_for_what_only_it_can_tell(void **state) {
  struct harness *harness = *state;
  check_rows(harness,
             "SELECT count(*) FROM many m JOIN " CRAWL
             " l ON regex(l.page_to, '^' || m.path || '$') AND l.is_broken = m.flag WHERE m.i < 20",
             "10");
  check_requests(harness, 20);
}

/* A crawl that is known to have a page is read at once, not asked for value by value. */
static void known_totals_decide(void **state) {
  struct harness *harness = *state;
  harness_run(harness->db, "SELECT count(*) FROM " CRAWL " WHERE page_to_status_code = 404 AND page_to IN ('/p/0', '/p/2')");
  harness_run(harness->db, "SELECT count(*) FROM " CRAWL " WHERE link_to LIKE '%/p/39_'");
  harness_forget(harness);
  check_rows(harness, "SELECT count(*) FROM many m CROSS JOIN " CRAWL " l ON l.link_to LIKE '%/p/39_' AND l.page_to = m.path",
             "2");
  check_requests(harness, 1);
}

/* A list of many values isn't sent in pieces when reading without it is known to take fewer requests. */
static void known_totals_decide_about_lists(void **state) {
  static const char join[] = "SELECT count(*) FROM " CRAWL " WHERE page_to IN (SELECT '/p/' || i FROM numbers)";
  struct harness *harness = *state;
  harness_run(harness->db,
              "CREATE TABLE numbers AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999)"
              " SELECT i FROM n");
  harness_run(harness->db, "SELECT count(*) FROM " CRAWL);
  harness_forget(harness);
  check_rows(harness, join, "7000");
  if (sqlite3_libversion_number() >= 3038000) check_requests(harness, PAGES);
}

#define join_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(join_reads_its_inner_side_once),
      join_test(small_joins_ask_for_each_value),
      join_test(inner_side_is_read_ahead),
      join_test(totals_may_be_missing),
      join_test(rows_are_kept_until_the_cache_is_cleared),
      join_test(rows_are_not_kept_for_an_open_statement),
      join_test(running_crawl_may_be_polled),
      join_test(rows_expire_with_the_cache),
      join_test(joins_share_the_memory),
      join_test(tables_share_the_memory),
      join_test(too_large_for_memory),
      join_test(any_terms_may_vary),
      join_test(values_may_restrict_nothing),
      join_test(values_change_in_turns),
      join_test(terms_that_stay_here),
      join_test(the_api_is_asked_for_what_only_it_can_tell),
      join_test(known_totals_decide),
      join_test(known_totals_decide_about_lists),
  };
  return cmocka_run_group_tests_name("joins", tests, NULL, NULL);
}
