/*
** Counts and offsets that the API evaluates by itself: a WHERE of exact terms is counted by one request for one row, and rows at
** an offset are fetched from there. What isn't exact is counted row by row, and comes out the same.
*/
#include "checks.h"

#include <string.h>

#include "dataset.h"

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  return standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SAMPLE_FILE, 1);
}

static void exact_counts_are_one_request(void **state) {
  static const struct {
    const char *sql, *expected;
  } cases[] = {
      {"SELECT count(*) FROM onpage_links('" TASK "')", "76140"},
      {"SELECT count(*) FROM onpage_links('" TASK "') WHERE is_broken = 1", "8222"},
      {"SELECT count(*) FROM onpage_links('" TASK "') WHERE page_to_status_code = 404 AND is_broken = 1", "8222"},
      {"SELECT count(*) FROM onpage_links('" TASK "') WHERE direction = 'external'", "1243"},
      {"SELECT count(*), task_id FROM onpage_links WHERE task_id = '" TASK "' AND type = 'image'", "893|'" TASK "'"},
      {"SELECT EXISTS (SELECT 1 FROM onpage_links('" TASK "') WHERE page_to_status_code = 404)", "1"},
      {"SELECT EXISTS (SELECT 1 FROM onpage_links('" TASK "') WHERE page_to_status_code = 500)", "0"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].sql);
    harness_forget(harness);
    check_rows(harness, cases[i].sql, cases[i].expected);
    check_requests(harness, 1);
    check_body_key(harness, 0, "limit", "1");
  }
}

static void other_counts_are_right(void **state) {
  static const struct {
    const char *where, *expected;
  } cases[] = {
      {"is_broken", "8222"},
      {"NOT is_broken", "67918"},
      {"is_broken = 1 OR direction = 'external'", "9465"},
      {"page_to_status_code IS NULL", "1243"},
      {"type <> 'anchor'", "1655"},
      {"type IN ('image', 'link')", "1655"},
      {"text IS NULL", "848"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char *sql = sqlite3_mprintf("SELECT count(*) FROM onpage_links('" TASK "') WHERE %s", cases[i].where);
    check_rows(harness, sql, cases[i].expected);
    sqlite3_free(sql);
  }
}

static void counting_can_be_switched_off(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "count_pushdown", "off");
  check_rows(harness, "SELECT count(*) FROM onpage_links('" TASK "') WHERE is_broken = 1", "8222");
  check_requests(harness, 9);
}

static void offset_of_an_exact_where_is_sent(void **state) {
  struct harness *harness = *state;
  check_rows(harness, "SELECT count(link_to) FROM (SELECT link_to FROM onpage_links('" TASK "') LIMIT 10 OFFSET 50000)", "10");
  if (sqlite3_libversion_number() < 3038000) return;
  check_requests(harness, 1);
  check_body_key(harness, 0, "limit", "10");
  check_body_key(harness, 0, "offset", "50000");
}

/* A capped total is not a count: every way to ask gives the same number. */
static void totals_that_are_caps(void **state) {
  struct harness *harness = *state;
  static const struct {
    size_t cap, rows, requests; /* of the first count */
  } cases[] = {{1000, 3000, 1 + 1 + 4}, {3000, 3000, 2}, {0, 3000, 2}, {0, 3001, 1}, {2000, 2001, 1 + 1 + 3}, {1000, 999, 1}};
  for (size_t i = 0; i < LENGTH(cases); i++)
    for (int tokens = STANDIN_TOKEN_NULL; tokens <= STANDIN_TOKEN_PRESENT; tokens++) {
      assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, cases[i].rows, 5), 0);
      standin_set_readings(harness->standin, &(struct standin_readings){.total_cap = cases[i].cap,
                                                                        .last_token = (enum standin_last_token)tokens});
      sqlite3 *db = harness_connect(harness->standin);
      char *number = sqlite3_mprintf("%d", (int)cases[i].rows);
      harness_forget(harness);
      check_rows_on(db, "SELECT count(*) FROM onpage_links('" TASK "')", number);
      assert_in_range(standin_log_count(harness->standin), cases[i].requests, cases[i].requests + (tokens == 2 ? 3 : 0));
      check_rows_on(db, "SELECT count(*) FROM onpage_links('" TASK "') WHERE dofollow = 1", number);
      check_rows_on(db, "SELECT count(link_to) FROM onpage_links('" TASK "')", number);
      char *rest = sqlite3_mprintf("%d", (int)cases[i].rows - 900);
      check_rows_on(db, "SELECT count(*) FROM (SELECT 1 FROM onpage_links('" TASK "') LIMIT -1 OFFSET 900)", rest);
      char *last = sqlite3_mprintf("SELECT page_to FROM onpage_links('" TASK "') LIMIT 5 OFFSET %d", (int)cases[i].rows - 1);
      char *page = sqlite3_mprintf("'/p/%d'", (int)cases[i].rows - 1);
      check_rows_on(db, last, page);
      check_rows_on(db, "SELECT page_to FROM onpage_links('" TASK "') LIMIT 5 OFFSET 5000", "");
      check_rows_on(db, "SELECT count(*) FROM (SELECT 1 FROM onpage_links('" TASK "') LIMIT 5 OFFSET 5000)", "0");
      sqlite3_free(number);
      sqlite3_free(rest);
      sqlite3_free(last);
      sqlite3_free(page);
      assert_true(harness_close(db));
    }
}

/* An impossible total is not counted up to, and no arithmetic with it overflows. */
static void totals_that_nothing_has(void **state) {
  static const char *const totals[] = {"9223372036854775807", "1000000000001", "1000000000000", "9.0e18"};
  struct harness *harness = *state;
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, 35, 5), 0);
  harness_run(harness->db,
              "CREATE TEMP TABLE wanted AS SELECT 'https://n.example/p/' || value AS url FROM (WITH RECURSIVE n(value) "
              "AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < 19) SELECT value FROM n)");
  for (size_t i = 0; i < LENGTH(totals); i++) {
    char *with = sqlite3_mprintf("\"total_items_count\":%s", totals[i]);
    const struct standin_fault fault = {
        .kind = STANDIN_FAULT_EDIT, .text = "\"total_items_count\":35", .with = with, .times = SIZE_MAX};
    check_case(totals[i]);
    standin_clear_faults(harness->standin);
    standin_plant(harness->standin, 1, &fault);
    bool trusted = strcmp(totals[i], "1000000000000") == 0; /* then the rows that were promised are missing */
    if (trusted)
      check_error(harness, "SELECT count(*) FROM onpage_links('" TASK "')", "promised 1000000000000 links");
    else
      check_rows(harness, "SELECT count(*) FROM onpage_links('" TASK "')", "35");
    if (!trusted) check_rows(harness, "SELECT count(*) FROM wanted LEFT JOIN onpage_links('" TASK "') ON link_to = url", "20");
    sqlite3_free(with);
  }
}

#define count_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      count_test(exact_counts_are_one_request), count_test(other_counts_are_right),
      count_test(counting_can_be_switched_off), count_test(offset_of_an_exact_where_is_sent),
      e2e_test(totals_that_are_caps),           e2e_test(totals_that_nothing_has),
  };
  return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
