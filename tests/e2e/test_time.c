/*
** How long a query may wait in all (query_timeout_s), whatever it waits for: a response, the next attempt, a crawl that is
** queued, many short waits. Time runs 200 times as fast, but for the stand-in.
*/
#include "checks.h"

#include <time.h>

#include "dataset.h"
#include "hurry.h"

#define READ "SELECT link_to FROM onpage_links('" TASK "')"
#define READ_ALL "SELECT count(link_to) FROM onpage_links('" TASK "')"
#define FIVE "(VALUES ('/a'), ('/b'), ('/c'), ('/d'), ('/e'))"
#define OVER "has waited for 60 s, which is what the option query_timeout_s allows"

enum { ROWS = 45, HURRY = 200 }; /* pages of 10 */

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  int failed = harness_add_numbered(harness, TASK, STANDIN_FINISHED, ROWS, 0);
  failed |= harness_add_numbered(harness, OTHER_TASK, STANDIN_QUEUED, ROWS, 0);
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_in_flight", "1");
  harness_config(harness->db, "max_retries", "100");
  harness_config(harness->db, "timeout_ms", "3600000");
  harness_config(harness->db, "query_timeout_s", "60");
  hurry(HURRY);
  return failed;
}

static int tear_down(void **state) {
  hurry(1);
  return harness_tear_down(state);
}

/* The statement ends when the time is up, and the next one has all of its own. */
static void check_over(struct harness *harness, const char *sql, const char *words) {
  long begin = hurry_clock_ms();
  check_error(harness, sql, "onpage_", OVER, words);
  long took = hurry_clock_ms() - begin;
  if (took < 60000 || took > 1200000) fail_msg("%s: %ld ms", sql, took); /* a true second has 200, on a busy machine */
  standin_clear_faults(harness->standin);
  check_rows(harness, READ_ALL, "45");
}

static void whatever_is_waited_for(void **state) {
  struct harness *harness = *state;
  const struct standin_fault silence = {.kind = STANDIN_FAULT_STALL, .delay_ms = 1000};
  const struct standin_fault busy = {.kind = STANDIN_FAULT_HTTP, .http_status = 503, .times = SIZE_MAX};
  const struct standin_fault often = {.kind = STANDIN_FAULT_HTTP, .http_status = 429, .retry_after = "50", .times = SIZE_MAX};
  standin_plant(harness->standin, 2, &silence);
  check_over(harness, READ_ALL, "after 10 rows");
  standin_plant(harness->standin, 1, &busy);
  check_over(harness, READ_ALL, "HTTP 503");
  standin_plant(harness->standin, 3, &often);
  check_over(harness, READ_ALL, "HTTP 429");
  harness_config(harness->db, "wait_s", "3600");
  check_over(harness, "SELECT * FROM onpage_links('" OTHER_TASK "')", "queued");
  check_over(harness, "SELECT * FROM onpage_crawl('" OTHER_TASK "')", "queued");
  harness_config(harness->db, "rate_limit", "1");
  check_error(harness, READ_ALL, OVER);
}

/* Many short waits of several cursors are one long one. */
static void waits_add_up(void **state) {
  struct harness *harness = *state;
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = 100}); /* 20 s */
  check_error(harness, READ_ALL, OVER, "after ");
  check_error(harness, "SELECT count(link_to) FROM " FIVE " CROSS JOIN onpage_links('" TASK "') ON page_from = column1", OVER);
  check_error(harness, "SELECT (SELECT link_to FROM onpage_links('" TASK "') WHERE page_to = column1) FROM " FIVE, OVER);
  harness_config(harness->db, "query_timeout_s", "0");
  check_rows(harness, READ_ALL, "45");
}

/* Time that the reader spends between two rows doesn't count. */
static void pauses_do_not(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statement = NULL;
  int rows = 0;
  assert_int_equal(sqlite3_prepare_v2(harness->db, READ, -1, &statement, NULL), SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    if (rows++ % 9 == 0) nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* 20 s */
  }
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
  assert_int_equal(rows, ROWS);
}

#define time_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {time_test(whatever_is_waited_for), time_test(waits_add_up), time_test(pauses_do_not)};
  return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
