/*
** Counts and offsets that the API answers by itself: a WHERE of exact terms is counted by one request for one row, and rows at
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
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
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
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
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

#define count_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      count_test(exact_counts_are_one_request),
      count_test(other_counts_are_right),
      count_test(counting_can_be_switched_off),
      count_test(offset_of_an_exact_where_is_sent),
  };
  return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
