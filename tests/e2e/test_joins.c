/*
** Joins whose inner side is asked for value by value: once that has cost as many requests as reading all of it, it is read, and
** answers from memory; how long it is kept, and how much of it.
*/
#include "checks.h"

#include <string.h>

#include "dataset.h"

/* Links to /p/0, /p/1 …, and their numbers as a local table. */
enum { LINKS = 7000, PAGES = 7 };

static void add_links(struct harness *harness, const char *task, size_t broken_every) {
  assert_int_equal(harness_add_numbered(harness, task, STANDIN_FINISHED, LINKS, broken_every), 0);
}

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  harness_config(harness->db, "cache_mb", "64");
  add_links(harness, TASK, 2);
  add_links(harness, OTHER_TASK, 3);
  harness_run(harness->db, "CREATE TABLE page AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)"
                           " SELECT '/p/' || i AS path FROM n");
  return 0;
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

/* Rows that were read for a join are there for the next one, until the cache is cleared: then they are today's. */
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

/* Where the inner side is too large for memory, the API is asked for each value. */
static void too_large_for_memory(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "cache_mb", "1");
  check_rows(harness,
             "SELECT count(*), sum(length(l.item) > 0) FROM page CROSS JOIN onpage_links l ON l.task_id = '" TASK
             "' AND l.page_to = page.path",
             "100|100");
  assert_in_range(standin_log_count(harness->standin), 100, 100 + PAGES + 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(join_reads_its_inner_side_once),
      cmocka_unit_test_setup_teardown(small_joins_ask_for_each_value, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(rows_are_kept_until_the_cache_is_cleared, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(rows_expire_with_the_cache, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(joins_share_the_memory, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(too_large_for_memory, set_up, harness_tear_down),
  };
  return cmocka_run_group_tests_name("joins", tests, NULL, NULL);
}
