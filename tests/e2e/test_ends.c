/*
** Where a result ends: not at a page shorter than asked for, whatever the envelope holds or lacks. And how requests are made where
** pages are short: ahead as soon as their size is known, one after another where it isn't.
*/
#include "checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "hurry.h"

#define READ_ALL "SELECT count(link_to), count(DISTINCT link_to) FROM onpage_links('" TASK "')"

static size_t requests_of(struct harness *harness, sqlite3 *db, const char *sql, const char *expected) {
  harness_forget(harness);
  check_rows_on(db, sql, expected);
  return harness_request_count(harness->standin, "/on_page/links");
}

/* Hides every token of the stand-in. */
static void hide_tokens(struct harness *harness) {
  standin_plant(
      harness->standin, 1,
      &(struct standin_fault){.kind = STANDIN_FAULT_EDIT, .text = "search_after_token", .with = "hidden", .times = SIZE_MAX});
}

/* 250 links, 100 in a page although 250 are asked for. */
static void pages_of_a_hundred(void **state) {
  struct harness *harness = *state;
  for (int progress = STANDIN_PROGRESS_TRUE; progress <= STANDIN_PROGRESS_OTHER; progress++)
    for (int total = STANDIN_TOTAL_TRUE; total <= STANDIN_TOTAL_ABSENT; total++)
      for (int crawl = STANDIN_FINISHED; crawl <= STANDIN_IN_PROGRESS; crawl++)
        for (int tokens = 0; tokens <= 3; tokens++)
          for (int flights = 1; flights <= 5; flights += 4) {
            const struct standin_readings readings = {.page_cap = 100,
                                                      .progress = (enum standin_progress)progress,
                                                      .total = (enum standin_total)total,
                                                      .last_token = (enum standin_last_token)(tokens % 3)};
            char name[120];
            snprintf(name, sizeof name, "progress %d, total %d, crawl %d, tokens %d, %d in flight", progress, total, crawl,
                     tokens, flights);
            check_case(name);
            assert_int_equal(harness_add_numbered(harness, TASK, (enum standin_crawl)crawl, 250, 5), 0);
            standin_set_readings(harness->standin, &readings);
            standin_clear_faults(harness->standin);
            if (tokens == 3) hide_tokens(harness);
            sqlite3 *db = harness_connect(harness->standin);
            harness_config(db, "page_size", "250");
            harness_config(db, "max_in_flight", flights == 1 ? "1" : "5");
            size_t requests = requests_of(harness, db, READ_ALL, "250|250");
            /* Without a total only a page without links shows the end; two of them if it has a token. */
            size_t most = total == STANDIN_TOTAL_TRUE ? 3 : tokens == STANDIN_TOKEN_PRESENT ? 5 : 4;
            assert_in_range(requests, 3, most);
            assert_true(harness_close(db));
          }
}

/* Once the size of a page is known, pages are asked for ahead again, and by the next scan from the start. */
static void ahead_in_short_pages(void **state) {
  struct harness *harness = *state;
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, 2550, 5), 0);
  standin_set_readings(harness->standin, &(struct standin_readings){.page_cap = 100, .latency_ms = 20});
  harness_config(harness->db, "max_in_flight", "5");
  for (int scan = 0; scan < 2; scan++) {
    assert_int_equal(requests_of(harness, harness->db, READ_ALL, "2550|2550"), 26);
    assert_true(harness_most_in_flight(harness->standin) >= 4);
  }
  /* The size may change again. */
  standin_set_readings(harness->standin, &(struct standin_readings){.page_cap = 300, .latency_ms = 20});
  assert_in_range(requests_of(harness, harness->db, READ_ALL, "2550|2550"), 9, 9 + 5);
}

/* Pages of any length, some without links, or with null in their place: each once, by token. */
static void pages_of_any_length(void **state) {
  struct harness *harness = *state;
  static const struct standin_readings cases[] = {
      {.pages_vary = true},
      {.empty_every = 3},
      {.empty_every = 2, .items_null_when_none = true},
      {.pages_vary = true, .empty_every = 4, .page_cap = 30, .items_null_when_none = true},
      {.pages_vary = true, .empty_every = 4, .total = STANDIN_TOTAL_NULL},
      {.pages_vary = true, .empty_every = 4, .total = STANDIN_TOTAL_ABSENT, .last_token = STANDIN_TOKEN_PRESENT},
      {.pages_vary = true, .empty_every = 4, .token_same = true},
      {.pages_vary = true, .empty_every = 4, .token_same = true, .total = STANDIN_TOTAL_NULL},
      {.pages_vary = true, .empty_every = 4, .total_cap = 1000},
      {.empty_every = 1},
      {.empty_every = 1, .total = STANDIN_TOTAL_ABSENT},
  };
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, 2100, 5), 0);
  for (size_t i = 0; i < LENGTH(cases); i++)
    for (int flights = 1; flights <= 5; flights += 4) {
      char name[40];
      snprintf(name, sizeof name, "case %zu, %d in flight", i, flights);
      check_case(name);
      standin_set_readings(harness->standin, &cases[i]);
      sqlite3 *db = harness_connect(harness->standin);
      harness_config(db, "page_size", "50");
      harness_config(db, "max_in_flight", flights == 1 ? "1" : "5");
      size_t requests = requests_of(harness, db, READ_ALL, "2100|2100");
      size_t pages = 0;
      for (size_t n = 0; n < requests; n++) pages += harness_request(harness->standin, "/on_page/links", n)->items > 0;
      size_t empty = requests - pages;
      assert_in_range(requests, 42, 2 * (2100 / 15 + 2100 / 15));
      if (cases[i].empty_every == 0) assert_true(empty <= 2);
      check_rows_on(db, "SELECT count(*) FROM onpage_links('" TASK "') WHERE is_broken", "420");
      check_rows_on(db, "SELECT count(*) FROM (SELECT DISTINCT link_to FROM onpage_links('" TASK "') LIMIT 777)", "777");
      check_rows_on(db, "SELECT count(page_to) FROM (SELECT page_to FROM onpage_links('" TASK "') LIMIT 20)", "20");
      assert_true(harness_close(db));
    }
}

/* Empty pages with tokens, without end, are given up: an error if rows were promised. */
static void endless_empty_pages(void **state) {
  struct harness *harness = *state;
  static const char *const bodies[] = {
      "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{\"search_after_token\":\"t\",\"items\":[],"
      "\"total_items_count\":30}]}]}",
      "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{\"search_after_token\":\"t\",\"items\":null}]}]}",
  };
  harness_config(harness->db, "page_size", "10");
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, 30, 5), 0);
  standin_plant(harness->standin, 2, &(struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = bodies[0], .times = SIZE_MAX});
  check_error(harness, READ_ALL, "onpage_links", "promised 30 links but ended after 10");
  assert_in_range(standin_log_count(harness->standin), 100, 110);
  standin_clear_faults(harness->standin);
  harness_forget(harness);
  standin_plant(harness->standin, 1, &(struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = bodies[1], .times = SIZE_MAX});
  check_rows(harness, READ_ALL, "0|0");
  check_requests(harness, 2);
}

/* For a running crawl the newest total counts. */
static void totals_that_change(void **state) {
  struct harness *harness = *state;
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_IN_PROGRESS, 35, 5), 0);
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_in_flight", "1");
  static const struct {
    size_t nth;
    const char *with;
    size_t requests;
  } cases[] = {
      {1, "\"total_items_count\":25", 4}, {2, "\"total_items_count\":12", 4}, {1, "\"total_items_count\":50", 4},
      {3, "\"total_items_count\":99", 4}, {4, "\"total_items_count\":20", 4}, {4, "\"total_items_count\":36", 5},
  };
  for (size_t i = 0; i < LENGTH(cases); i++) {
    const struct standin_fault fault = {.kind = STANDIN_FAULT_EDIT, .text = "\"total_items_count\":35", .with = cases[i].with};
    check_case(cases[i].with);
    standin_plant(harness->standin, cases[i].nth, &fault);
    assert_int_equal(requests_of(harness, harness->db, READ_ALL, "35|35"), cases[i].requests);
  }
}

/* A number from 0 to n - 1, by the state of a generator. */
static size_t pick(uint64_t *state, size_t n) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (size_t)(*state >> 33) % n;
}

/* Any combination of the API's habits. Where tokens expire and offsets are refused there may be no way: then it is an error. */
static void mixtures(void **state) {
  static const size_t caps[] = {0, 0, 7, 10, 30}, empties[] = {0, 0, 2, 5}, lives[] = {0, 0, 0, 3, 12},
                      mosts[] = {0, 0, 15, 50};
  static const char *const queries[] = {
      "SELECT count(link_to), count(DISTINCT link_to), count(DISTINCT rowid) FROM shop",
      "SELECT count(*), count(DISTINCT link_to), count(*) FROM (SELECT link_to FROM shop WHERE dofollow = 1 LIMIT 1000)",
      "SELECT count(link_to), count(DISTINCT link_to), count(*) FROM shop WHERE direction = 'internal'",
  };
  struct harness *harness = *state;
  const char *seed = getenv("SEED");
  uint64_t random = seed ? strtoull(seed, NULL, 10) : 1;
  const char *rounds = getenv("QUERIES");
  for (long round = 0, last = rounds ? strtol(rounds, NULL, 10) : 60; round < last; round++) {
    struct standin_readings readings = {0};
    readings.page_cap = caps[pick(&random, LENGTH(caps))];
    readings.pages_vary = pick(&random, 3) == 0;
    readings.empty_every = empties[pick(&random, LENGTH(empties))];
    readings.items_null_when_none = pick(&random, 2) == 0;
    readings.token_same = pick(&random, 3) == 0;
    readings.token_life = lives[pick(&random, LENGTH(lives))];
    readings.offset_most = mosts[pick(&random, LENGTH(mosts))];
    readings.offset_refusal = (enum standin_offset_refusal)(pick(&random, 3));
    readings.progress = (enum standin_progress)(pick(&random, 4));
    readings.total = (enum standin_total)(pick(&random, 4) % 3);
    readings.last_token = (enum standin_last_token)(pick(&random, 3));
    size_t rows = pick(&random, 120);
    int flights = pick(&random, 2) ? 5 : 1;
    const char *cache = pick(&random, 2) ? "64" : "0";
    char name[300];
    snprintf(
        name, sizeof name,
        "seed %s, round %ld: %zu rows, cap %zu, vary %d, empty %zu, null %d, same %d, life %zu, most %zu, refusal %d, progress "
        "%d, total %d, last %d, flights %d, cache %s",
        seed ? seed : "1", round, rows, readings.page_cap, readings.pages_vary, readings.empty_every,
        readings.items_null_when_none, readings.token_same, readings.token_life, readings.offset_most,
        (int)readings.offset_refusal, (int)readings.progress, (int)readings.total, (int)readings.last_token, flights, cache);
    check_case(name);
    assert_int_equal(harness_add_numbered(harness, TASK, pick(&random, 2) ? STANDIN_FINISHED : STANDIN_IN_PROGRESS, rows, 5),
                     0);
    standin_set_readings(harness->standin, &readings);
    sqlite3 *db = harness_connect(harness->standin);
    harness_config(db, "page_size", "10");
    harness_config(db, "max_retries", "1");
    harness_config(db, "cache_mb", cache);
    harness_config(db, "max_in_flight", flights == 5 ? "5" : "1");
    harness_run(db, "CREATE VIRTUAL TABLE temp.shop USING onpage_links(task_id='" TASK "')");
    bool may_fail = readings.token_life && (readings.offset_most || readings.token_same || readings.empty_every);
    char *expected = sqlite3_mprintf("%d|%d|%d", (int)rows, (int)rows, (int)rows);
    for (size_t i = 0; i < 2 * LENGTH(queries); i++) {
      harness_forget(harness);
      struct rows *got = harness_query(db, queries[i / 2], NULL, 0);
      bool right = !got->error && strcmp(got->row[0], expected) == 0;
      if (!right && !(got->error && may_fail))
        fail_msg("%s\n%s: %s", name, queries[i / 2], got->error ? got->error : got->row[0]);
      if (standin_log_count(harness->standin) > 600) fail_msg("%s: %zu requests", name, standin_log_count(harness->standin));
      rows_free(got);
    }
    sqlite3_free(expected);
    assert_true(harness_close(db));
  }
}

static int set_up(void **state) {
  int failed = harness_set_up(state);
  hurry(200);
  return failed;
}

static int tear_down(void **state) {
  hurry(1);
  return harness_tear_down(state);
}

#define end_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      end_test(pages_of_a_hundred),
      end_test(ahead_in_short_pages),
      end_test(pages_of_any_length),
      end_test(endless_empty_pages),
      end_test(mixtures),
      end_test(totals_that_change),
  };
  return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
