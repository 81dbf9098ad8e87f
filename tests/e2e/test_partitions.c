/*
** Large results over a slow network: partitioned if the partitions' totals add up, by one chain of tokens otherwise. Always the
** same rows.
*/
#include "checks.h"

#include <string.h>

#include "dataset.h"

/* Above what the extension treats as slow; the duration doesn't matter here. */
enum { SLOW_MS = 120 };

/* A digest of a scan's rows, whatever their order. */
#define FINGERPRINT                                                                                                            \
  "SELECT count(*), count(DISTINCT rowid), sum(length(link_to)), sum(is_broken), count(DISTINCT link_to || page_from || "      \
  "coalesce(text, '')) FROM onpage_links('" TASK "')"

static void add_slow_sample(struct harness *harness, const struct standin_readings *readings) {
  struct standin_readings slow = *readings;
  slow.latency_ms = SLOW_MS;
  assert_int_equal(standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SAMPLE_FILE, 1), 0);
  standin_set_readings(harness->standin, &slow);
}

static bool any_body_has(struct harness *harness, const char *text) {
  bool found = false;
  for (size_t i = 0; i < standin_log_count(harness->standin); i++)
    found = found || strstr(standin_log_get(harness->standin, i)->body, text) != NULL;
  return found;
}

enum { FLIGHTS = 16 };

/* The most requests in flight among the first so many. */
static size_t most_in_flight(struct harness *harness, size_t count) {
  size_t most = 0;
  for (size_t i = 0; i < count && i < standin_log_count(harness->standin); i++)
    if (standin_log_get(harness->standin, i)->in_flight > most) most = standin_log_get(harness->standin, i)->in_flight;
  return most;
}

static char *fingerprint(struct harness *harness) {
  struct rows *rows = harness_query(harness->db, FINGERPRINT, NULL, 0);
  if (rows->error) print_error("%s\n", rows->error);
  assert_null(rows->error);
  char *text = rows_text(rows);
  rows_free(rows);
  return text;
}

/* The rows as one chain of requests gives them. */
static char *rows_of_one_chain(struct harness *harness) {
  standin_set_readings(harness->standin, &(struct standin_readings){0});
  harness_config(harness->db, "max_in_flight", "1");
  harness_config(harness->db, "cache_mb", "0");
  char *text = fingerprint(harness);
  harness_forget(harness);
  harness_config(harness->db, "max_in_flight", "16");
  return text;
}

static void partitions_give_the_same_rows(void **state) {
  struct harness *harness = *state;
  add_slow_sample(harness, &(struct standin_readings){0});
  char *expected = rows_of_one_chain(harness);
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = SLOW_MS});
  check_rows(harness, FINGERPRINT, expected);
  assert_true(any_body_has(harness, "not_regex"));
  assert_in_range(standin_log_count(harness->standin), 78, 77 + 24);
  /* What is likely there is requested together with the first pages of the partitions. */
  assert_in_range(most_in_flight(harness, FLIGHTS + 1), FLIGHTS - 4, FLIGHTS);
  sqlite3_free(expected);
}

/* Links whose first thousand are not a fair sample: these end in many ways, all others alike except for one character
** further in. */
static char *make_uneven(void) {
  sqlite3_str *items = sqlite3_str_new(NULL);
  for (int i = 0; i < 60000; i++) {
    sqlite3_str_appendf(items, "{\"type\":\"anchor\",\"page_from\":\"/%d\",\"is_broken\":%s,\"link_to\":\"https://u.example/",
                        i, i % 7 == 0 ? "true" : "false");
    if (i < 1000)
      sqlite3_str_appendf(items, "%05d\"}\n", i * 37 % 1000);
    else
      sqlite3_str_appendf(items, "%d/end\"}\n", i);
  }
  return sqlite3_str_finish(items);
}

/* One partition has nearly all rows: it is partitioned again. */
static void large_partitions_are_partitioned_again(void **state) {
  struct harness *harness = *state;
  char *items = make_uneven();
  assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, strlen(items)), 0);
  sqlite3_free(items);
  char *expected = rows_of_one_chain(harness);
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = SLOW_MS});
  check_rows(harness, FINGERPRINT, expected);
  sqlite3_free(expected);
  bool twice = false;
  for (size_t n = 0; n < standin_log_count(harness->standin); n++) twice = twice || harness_condition_count(harness, n) == 2;
  assert_true(twice);
  assert_false(any_body_has(harness, "search_after_token"));
  assert_false(any_body_has(harness, "[]"));
  assert_in_range(standin_log_count(harness->standin), 60, 60 + 3 * 24);
}

/* A crawl whose pages all have the same two links, and few others: link_to can't tell most rows apart, page_from can. A few rows
** have `missing` for it. */
static char *make_navigation(const char *missing) {
  sqlite3_str *items = sqlite3_str_new(NULL);
  for (int i = 0; i < 60000; i++) {
    sqlite3_str_appendf(items, "{\"type\":\"anchor\",\"is_broken\":%s,", i % 7 == 0 ? "true" : "false");
    if (i < 1000)
      sqlite3_str_appendf(items, "\"page_from\":\"/\",\"link_to\":\"https://u.example/%05d\"}\n", i * 37 % 1000);
    else if (i % 1000 == 7)
      sqlite3_str_appendf(items, "\"page_from\":%s,\"link_to\":\"https://u.example/home\"}\n", missing);
    else
      sqlite3_str_appendf(items, "\"page_from\":\"/%d\",\"link_to\":\"https://u.example/%s\"}\n", i / 2,
                          i % 2 == 0 ? "home" : "about-us");
  }
  return sqlite3_str_finish(items);
}

/* One partition has nearly all rows, of two links: it is partitioned by another column, if the totals show that no row is lost by
** that. */
static void one_target_is_partitioned_by_its_sources(void **state) {
  static const struct {
    const char *missing;
    bool nulls_match; /* a reading of the API in which not_regex keeps null */
    bool partitioned;
  } cases[] = {{"\"\"", false, true}, {"null", false, false}, {"null", true, true}};
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char *items = make_navigation(cases[i].missing);
    assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, strlen(items)), 0);
    sqlite3_free(items);
    char *expected = rows_of_one_chain(harness);
    standin_set_readings(harness->standin,
                         &(struct standin_readings){.latency_ms = SLOW_MS, .not_keeps_null = cases[i].nulls_match});
    check_rows(harness, FINGERPRINT, expected);
    sqlite3_free(expected);
    assert_true(any_body_has(harness, "\"page_from\",\"regex\""));
    assert_true(any_body_has(harness, "\"page_from\",\"not_regex\""));
    assert_int_equal(!any_body_has(harness, "search_after_token"), cases[i].partitioned);
    assert_in_range(standin_log_count(harness->standin), 60, 60 + 2 * 24);
  }
}

/* If the total is capped, the partitions' totals don't add up to it: one chain of tokens reads the result to its true end. */
static void partitions_that_do_not_add_up_are_given_up(void **state) {
  const struct standin_readings capped = {.total_cap = 30000, .last_token = STANDIN_TOKEN_PRESENT};
  struct harness *harness = *state;
  add_slow_sample(harness, &capped);
  char *expected = rows_of_one_chain(harness);
  struct standin_readings slow = capped;
  slow.latency_ms = SLOW_MS;
  standin_set_readings(harness->standin, &slow);
  check_rows(harness, FINGERPRINT, expected);
  assert_true(any_body_has(harness, "not_regex"));
  assert_true(any_body_has(harness, "search_after_token"));
  sqlite3_free(expected);
}

/* Windows of LIMIT and OFFSET are of one order, however deep: together they are all links, each once. Their pages come side
** by side. */
static void windows_are_of_one_order(void **state) {
  static const struct {
    const char *limit;
    size_t requests;
  } windows[] = {{"49999", 50}, {"20000 OFFSET 49999", 20}, {"20000 OFFSET 69999", 7}};
  struct harness *harness = *state;
  if (sqlite3_libversion_number() < 3038000) skip(); /* no LIMIT is offered */
  add_slow_sample(harness, &(struct standin_readings){0});
  harness_run(harness->db, "CREATE TEMP TABLE seen(page_from, link_to, type, text)");
  for (size_t i = 0; i < LENGTH(windows); i++) {
    char *sql = sqlite3_mprintf("INSERT INTO seen SELECT page_from, link_to, type, text FROM onpage_links('" TASK "') LIMIT %s",
                                windows[i].limit);
    size_t most = 0;
    harness_forget(harness);
    harness_run(harness->db, sql);
    for (size_t k = 0; k < standin_log_count(harness->standin); k++) {
      const struct standin_request *request = standin_log_get(harness->standin, k);
      if (request->in_flight > most) most = request->in_flight;
    }
    assert_int_equal(standin_log_count(harness->standin), windows[i].requests);
    assert_int_equal(most, 5);
    sqlite3_free(sql);
  }
  check_rows(harness, "SELECT count(*) FROM seen", "76140");
  assert_false(any_body_has(harness, "regex"));
  standin_set_readings(harness->standin, &(struct standin_readings){0});
  check_rows(harness,
             "SELECT count(*) FROM (SELECT page_from, link_to, type, text, count(*) FROM onpage_links('" TASK
             "') GROUP BY 1, 2, 3, 4 EXCEPT SELECT page_from, link_to, type, text, count(*) FROM seen GROUP BY 1, 2, 3, 4)",
             "0");
}

/* A reader that stops on the first page has paid for no more than one page ahead. */
static void early_end_is_cheap(void **state) {
  struct harness *harness = *state;
  add_slow_sample(harness, &(struct standin_readings){0});
  struct rows *rows = harness_query(harness->db, "SELECT (SELECT link_to FROM onpage_links('" TASK "')) IS NOT NULL", NULL, 0);
  assert_null(rows->error);
  rows_free(rows);
  assert_in_range(standin_log_count(harness->standin), 1, 2);
}

/* With a budget no request is spent on partitioning, and those in flight count. */
static void a_budget_is_kept(void **state) {
  struct harness *harness = *state;
  char *items = make_uneven();
  assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, items, strlen(items)), 0);
  sqlite3_free(items);
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = SLOW_MS});
  harness_config(harness->db, "max_in_flight", "16");
  harness_config(harness->db, "max_requests", "20");
  check_error(harness, FINGERPRINT, "budget of 20 requests", "rows");
  check_requests(harness, 20);
  assert_false(any_body_has(harness, "regex"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(partitions_give_the_same_rows),
      e2e_test(large_partitions_are_partitioned_again),
      e2e_test(one_target_is_partitioned_by_its_sources),
      e2e_test(partitions_that_do_not_add_up_are_given_up),
      e2e_test(windows_are_of_one_order),
      e2e_test(early_end_is_cheap),
      e2e_test(a_budget_is_kept),
  };
  return cmocka_run_group_tests_name("division", tests, NULL, NULL);
}
