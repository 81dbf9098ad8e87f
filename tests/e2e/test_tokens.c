/*
** Tokens that don't change, tokens that the API forgets, and offsets that it refuses: the same rows, by another way, and what was
** refused once is not tried again.
*/
#include "checks.h"

#include <stdio.h>
#include <string.h>

#include "dataset.h"
#include "hurry.h"

enum { HURRY = 200 };

#define LINKS "SELECT count(link_to), count(DISTINCT link_to) FROM onpage_links('" TASK "')"
#define FIRST(limit)                                                                                                           \
  "SELECT count(link_to), count(DISTINCT link_to) FROM (SELECT * FROM onpage_links('" TASK "') LIMIT " limit ")"

static void add(struct harness *harness, size_t count) {
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, count, 5), 0);
}

static size_t requests_of(struct harness *harness, const char *sql, const char *expected) {
  harness_forget(harness);
  check_rows(harness, sql, expected);
  return harness_request_count(harness->standin, "/on_page/links");
}

static bool limit_is_offered(void) {
  return sqlite3_libversion_number() >= 3038000;
}

/* ---- A token that names a cursor kept by the API ---- */

static void a_token_that_does_not_change(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "max_in_flight", "1"); /* a slow result is divided else */
  add(harness, 24000);
  standin_set_readings(harness->standin, &(struct standin_readings){.token_same = true});
  harness_config(harness->db, "cache_mb", "64");
  assert_int_equal(requests_of(harness, LINKS, "24000|24000"), 24);
  /* Cached pages are used up to the one whose token is needed: it belongs to the scan that fetched it. */
  assert_int_equal(requests_of(harness, LINKS, "24000|24000"), 5);
  check_rows(harness, FIRST("22000"), "22000|22000");
  check_rows(harness, LINKS, "24000|24000");
}

/* Two scans come to the last page by offset together, and must not share what follows. */
static void a_cursor_is_not_shared(void **state) {
  struct harness *harness = *state;
  add(harness, 23000);
  standin_set_readings(harness->standin, &(struct standin_readings){.token_same = true, .latency_ms = 5});
  harness_config(harness->db, "cache_mb", "64");
  sqlite3_stmt *statements[2];
  long long rows[2] = {0}, sums[2] = {0};
  for (int i = 0; i < 2; i++)
    assert_int_equal(
        sqlite3_prepare_v2(harness->db, "SELECT CAST(text AS INTEGER) FROM onpage_links('" TASK "')", -1, &statements[i], NULL),
        SQLITE_OK);
  for (int open = 3; open != 0;)
    for (int i = 0; i < 2; i++) {
      if ((open & 1 << i) == 0) continue;
      int code = sqlite3_step(statements[i]);
      if (code != SQLITE_ROW && code != SQLITE_DONE) fail_msg("%s", sqlite3_errmsg(harness->db));
      if (code == SQLITE_DONE) open &= ~(1 << i);
      if (code == SQLITE_DONE) continue;
      rows[i]++;
      sums[i] += sqlite3_column_int64(statements[i], 0);
    }
  for (int i = 0; i < 2; i++) {
    assert_int_equal(rows[i], 23000);
    assert_int_equal(sums[i], 23000LL * 22999 / 2);
    sqlite3_finalize(statements[i]);
  }
}

/* A scan's request by token is done, and the scan hasn't looked at the response, when another scan comes to the same page: the
** token's cursor has moved. */
static void a_cursor_that_has_moved_is_not_used(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statement;
  long long rows = 0, sum = 0;
  add(harness, 1000);
  harness_config(harness->db, "page_size", "100");
  standin_set_readings(harness->standin, &(struct standin_readings){.offset_most = 5});
  check_rows(harness, LINKS, "1000|1000"); /* learns that offsets are refused */
  standin_set_readings(harness->standin, &(struct standin_readings){.offset_most = 5, .token_same = true});
  harness_config(harness->db, "cache_mb", "64");
  assert_int_equal(
      sqlite3_prepare_v2(harness->db, "SELECT CAST(text AS INTEGER) FROM onpage_links('" TASK "')", -1, &statement, NULL),
      SQLITE_OK);
  for (; rows < 40; rows++) {
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    sum += sqlite3_column_int64(statement, 0);
  }
  for (int i = 0; i < 3; i++) /* the response comes meanwhile */
    check_rows(harness,
               i == 0   ? LINKS " WHERE link_to = 'a'"
               : i == 1 ? LINKS " WHERE link_to = 'b'"
                        : LINKS " WHERE link_to = 'c'",
               "0|0");
  check_rows(harness, LINKS, "1000|1000");
  for (; sqlite3_step(statement) == SQLITE_ROW; rows++) sum += sqlite3_column_int64(statement, 0);
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
  assert_int_equal(rows, 1000);
  assert_int_equal(sum, 1000LL * 999 / 2);
}

/* A page by token is lost, whose token names a cursor: the request for it again brings the next one, which isn't taken for it. */
static void a_cursor_that_a_lost_page_has_moved(void **state) {
  struct harness *harness = *state;
  add(harness, 1000);
  harness_config(harness->db, "page_size", "100");
  hurry(HURRY);
  standin_set_readings(harness->standin, &(struct standin_readings){.offset_most = 5});
  check_rows(harness, LINKS, "1000|1000"); /* learns that offsets are refused */
  standin_set_readings(harness->standin, &(struct standin_readings){.offset_most = 5, .token_same = true});
  for (size_t nth = 2; nth <= 10; nth++) {
    check_case("lost page");
    standin_plant(harness->standin, nth, &(struct standin_fault){.kind = STANDIN_FAULT_TRUNCATE, .times = 1});
    check_rows(harness, LINKS, "1000|1000");
  }
}

/* ---- Tokens that are forgotten ---- */

/* Requests of another client. */
static void spend_requests(struct harness *harness, size_t count, const char *total) {
  sqlite3 *db = harness_connect(harness->standin);
  for (size_t i = 0; i < count; i++) check_rows_on(db, "SELECT total_items_count FROM onpage_crawl('" TASK "')", total);
  assert_true(harness_close(db));
}

static void a_token_out_of_the_cache(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "max_in_flight", "1"); /* a slow result is divided else */
  add(harness, 25000);
  standin_set_readings(harness->standin, &(struct standin_readings){.token_life = 10});
  harness_config(harness->db, "cache_mb", "64");
  size_t ahead = limit_is_offered() ? 0 : 1;
  assert_in_range(requests_of(harness, FIRST("20000"), "20000|20000"), 20, 20 + ahead);
  spend_requests(harness, 12, "25000");
  /* The token is refused, its page asked for anew, and then the rest. */
  if (limit_is_offered()) assert_int_equal(requests_of(harness, LINKS, "25000|25000"), 1 + 1 + 5);
  check_rows(harness, LINKS, "25000|25000");
  /* The page was kept in the place of the old one: nothing is refused any more. */
  assert_in_range(requests_of(harness, LINKS, "25000|25000"), 0, ahead);
}

/* Reads rows of the crawl and stops; one more page may have been asked for. */
static void read_some(struct harness *harness, int count) {
  sqlite3_stmt *statement;
  assert_int_equal(sqlite3_prepare_v2(harness->db, "SELECT text FROM onpage_links('" TASK "')", -1, &statement, NULL),
                   SQLITE_OK);
  for (int i = 0; i < count; i++) assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  sqlite3_finalize(statement);
}

/* The page before came by token as well: on by offset. */
static void a_token_of_a_chain_out_of_the_cache(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "max_in_flight", "1"); /* a slow result is divided else */
  add(harness, 25000);
  standin_set_readings(harness->standin, &(struct standin_readings){.token_life = 10});
  harness_config(harness->db, "cache_mb", "64");
  read_some(harness, 22500);
  spend_requests(harness, 12, "25000");
  assert_in_range(requests_of(harness, LINKS, "25000|25000"), 1 + 1, 1 + 2);
  assert_int_equal(requests_of(harness, LINKS, "25000|25000"), 1); /* refused again, and then all is there */
  harness_run(harness->db, "SELECT onpage_cache_clear()");
  read_some(harness, 22500);
  spend_requests(harness, 12, "25000");
  /* Where offsets don't go as far, by the chain from its beginning. */
  standin_set_readings(harness->standin, &(struct standin_readings){.token_life = 10, .offset_most = 20000});
  check_rows(harness, LINKS, "25000|25000");
}

/* A reader that pauses longer than tokens live. */
static void a_token_that_dies_between_two_pages(void **state) {
  struct harness *harness = *state;
  add(harness, 35000);
  standin_set_readings(harness->standin, &(struct standin_readings){.token_life = 8});
  for (int offsets = 0; offsets < 2; offsets++) {
    sqlite3_stmt *statement;
    long long rows = 0, sum = 0;
    int code;
    assert_int_equal(
        sqlite3_prepare_v2(harness->db, "SELECT CAST(text AS INTEGER) FROM onpage_links('" TASK "')", -1, &statement, NULL),
        SQLITE_OK);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      sum += sqlite3_column_int64(statement, 0);
      if (rows++ == 22500) spend_requests(harness, 12, "35000");
    }
    if (code != SQLITE_DONE) fail_msg("%s", sqlite3_errmsg(harness->db));
    sqlite3_finalize(statement);
    assert_int_equal(rows, 35000);
    assert_int_equal(sum, 35000LL * 34999 / 2);
    standin_set_readings(harness->standin, &(struct standin_readings){.token_life = 8, .offset_most = 20000});
  }
}

static void no_word_of_filters(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "max_in_flight", "1"); /* a slow result is divided else */
  add(harness, 25000);
  /* Every token is refused, and every offset that might take its place. */
  standin_set_readings(harness->standin, &(struct standin_readings){.offset_most = 20000});
  standin_plant(harness->standin, 1,
                &(struct standin_fault){.kind = STANDIN_FAULT_EDIT,
                                        .text = "\"search_after_token\":\"e",
                                        .with = "\"search_after_token\":\"x",
                                        .times = SIZE_MAX});
  struct rows *rows = harness_query(harness->db, LINKS, NULL, 0);
  assert_non_null(rows->error);
  if (!harness_contains(rows->error, "its own search_after_token")) fail_msg("%s", rows->error);
  assert_false(harness_contains(rows->error, "filter"));
  rows_free(rows);
}

/* ---- Offsets that are refused ---- */

static void offsets_that_are_refused(void **state) {
  static const enum standin_offset_refusal refusals[] = {STANDIN_OFFSET_40501, STANDIN_OFFSET_50401, STANDIN_OFFSET_HTTP_504};
  struct harness *harness = *state;
  if (sqlite3_libversion_number() < 3038000) skip(); /* no OFFSET is offered */
  add(harness, 40000);
  hurry(HURRY);
  for (size_t i = 0; i < 3; i++) {
    standin_set_readings(harness->standin, &(struct standin_readings){.offset_most = 25000, .offset_refusal = refusals[i]});
    sqlite3 *db = harness_connect(harness->standin);
    harness_forget(harness);
    check_rows_on(db, "SELECT min(page_to), count(*) FROM (SELECT * FROM onpage_links('" TASK "') LIMIT 10 OFFSET 30000)",
                  "'/p/30000'|10");
    /* Refused, twice where it may pass; then the chain from 20,000 on. */
    check_requests(harness, (refusals[i] == STANDIN_OFFSET_40501 ? 1 : 2) + 11);
    check_rows_on(db, "SELECT min(page_to), count(*) FROM (SELECT * FROM onpage_links('" TASK "') LIMIT 10 OFFSET 22000)",
                  "'/p/22000'|10");
    harness_forget(harness);
    check_rows_on(db, "SELECT min(page_to), count(*) FROM (SELECT * FROM onpage_links('" TASK "') LIMIT 10 OFFSET 31000)",
                  "'/p/31000'|10");
    check_requests(harness, 10); /* not tried again: from the deepest that was taken */
    assert_true(harness_close(db));
  }
}

/* The API refuses offsets that its documents allow, in the middle of a scan: on by token. */
static void offsets_that_are_refused_in_the_middle(void **state) {
  static const enum standin_offset_refusal refusals[] = {STANDIN_OFFSET_40501, STANDIN_OFFSET_50401, STANDIN_OFFSET_HTTP_504};
  struct harness *harness = *state;
  add(harness, 1250);
  hurry(HURRY);
  for (size_t i = 0; i < 3; i++)
    for (int flights = 1; flights <= 5; flights += 4) {
      standin_set_readings(harness->standin, &(struct standin_readings){.offset_most = 500, .offset_refusal = refusals[i]});
      sqlite3 *db = harness_connect(harness->standin);
      harness_config(db, "page_size", "100");
      harness_config(db, "max_retries", "1");
      harness_config(db, "max_in_flight", flights == 1 ? "1" : "5");
      check_rows_on(db, LINKS, "1250|1250");
      harness_forget(harness);
      check_rows_on(db, LINKS " WHERE dofollow = 1", "1250|1250");
      /* A refusal for good is remembered. */
      if (refusals[i] == STANDIN_OFFSET_40501) check_requests(harness, 13);
      check_rows_on(db, "SELECT count(*) FROM (SELECT * FROM onpage_links('" TASK "') WHERE dofollow = 1 LIMIT 10 OFFSET 1000)",
                    "10");
      assert_true(harness_close(db));
    }
}

/* It is the filter that is refused, not the offset. */
static void a_filter_beside_an_offset(void **state) {
  struct harness *harness = *state;
  add(harness, 100);
  standin_set_readings(harness->standin, &(struct standin_readings){.is_broken_rejected = true});
  for (int i = 0; i < 2; i++)
    check_rows(harness,
               "SELECT group_concat(page_to) FROM (SELECT page_to FROM onpage_links('" TASK
               "') WHERE is_broken = 1 LIMIT 2 OFFSET 3)",
               "'/p/15,/p/20'");
  harness_forget(harness);
  check_rows(harness, "SELECT count(*) FROM (SELECT * FROM onpage_links('" TASK "') WHERE dofollow = 1 LIMIT 2 OFFSET 50)",
             "2");
  check_requests(harness, 1); /* offsets have no bad name */
}

static int tear_down(void **state) {
  hurry(1);
  return harness_tear_down(state);
}

#define token_test(function) cmocka_unit_test_setup_teardown(function, harness_set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      token_test(a_token_that_does_not_change),
      token_test(a_cursor_is_not_shared),
      token_test(a_cursor_that_has_moved_is_not_used),
      token_test(a_cursor_that_a_lost_page_has_moved),
      token_test(a_token_out_of_the_cache),
      token_test(a_token_of_a_chain_out_of_the_cache),
      token_test(a_token_that_dies_between_two_pages),
      token_test(no_word_of_filters),
      token_test(offsets_that_are_refused),
      token_test(offsets_that_are_refused_in_the_middle),
      token_test(a_filter_beside_an_offset),
  };
  return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}
