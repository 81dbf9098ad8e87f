/*
** Pages: how many requests a scan makes, when, with which offset or token; how it ends; and that a crawl that comes up short is
** an error.
*/
#include "checks.h"

#include <json-c/json.h>
#include <string.h>

#include "dataset.h"

#define COUNT_ROWS "SELECT count(link_to) FROM onpage_links('" TASK "')"

static void add_numbered(struct harness *harness, enum standin_crawl crawl, size_t count) {
  assert_int_equal(harness_add_numbered(harness, TASK, crawl, count, 5), 0);
}

static void add_sample(struct harness *harness) {
  assert_int_equal(standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SAMPLE_FILE, 1), 0);
}

/* SQLite passes LIMIT to the table. */
static bool limit_is_offered(void) {
  return sqlite3_libversion_number() >= 3038000;
}

/* The n-th body as an object, without its token. */
static struct json_object *body_without_token(struct harness *harness, size_t n, bool *has_token) {
  const struct standin_request *request = harness_request(harness->standin, "/on_page/links", n);
  assert_non_null(request);
  struct json_object *body = json_tokener_parse(request->body);
  *has_token = json_object_object_get_ex(body, "search_after_token", NULL);
  json_object_object_del(body, "search_after_token");
  return body;
}

/* One request at a time, so that they come in order: by offset as far as the documents advise, then by the token. */
static void full_scan_of_the_sample(void **state) {
  struct harness *harness = *state;
  add_sample(harness);
  harness_config(harness->db, "max_in_flight", "1");
  check_rows(
      harness,
      "SELECT count(link_to), count(DISTINCT link_to), sum(is_broken), count(page_to_status_code) FROM onpage_links('" TASK
      "')",
      "76140|2463|8222|74897");
  check_requests(harness, 77);
  struct json_object *previous = NULL;
  size_t tokens = 0;
  for (size_t i = 0; i < 77; i++) {
    bool has_token = false;
    struct json_object *body = body_without_token(harness, i, &has_token), *offset = NULL, *limit = NULL;
    assert_true(json_object_object_get_ex(body, "limit", &limit));
    assert_int_equal(json_object_get_int(limit), 1000);
    json_object_object_get_ex(body, "offset", &offset);
    if (has_token) {
      assert_true(i > 0);
      assert_true(json_object_equal(body, previous));
      tokens++;
    } else {
      assert_int_equal(json_object_get_int(offset), 1000 * i);
    }
    assert_true(json_object_get_int(offset) <= 20000);
    json_object_put(previous);
    previous = body;
  }
  json_object_put(previous);
  assert_true(tokens >= 56);
}

/* Requests side by side are as many: none is made twice or without need. Where a request is slow (under a sanitizer it may be), the
** result is partitioned, which costs a few more. */
static void full_scan_with_look_ahead(void **state) {
  struct harness *harness = *state;
  add_sample(harness);
  check_rows(harness, "SELECT count(link_to), sum(is_broken) FROM onpage_links('" TASK "')", "76140|8222");
  struct rows *divided = harness_query(harness->db, "SELECT 1 FROM onpage_requests WHERE body LIKE '%regex%' LIMIT 1", NULL, 0);
  assert_null(divided->error);
  size_t most = divided->count > 0 ? 77 + 8 : 77;
  assert_in_range(standin_log_count(harness->standin), 77, most);
  rows_free(divided);
}

static void broken_links_of_the_sample(void **state) {
  struct harness *harness = *state;
  add_sample(harness);
  check_rows(harness,
             "SELECT count(link_to), count(DISTINCT link_to) > 1 FROM onpage_links WHERE task_id = '" TASK
             "' AND is_broken = 1",
             "8222|1");
  check_requests(harness, 9);
  for (size_t i = 0; i < 9; i++) check_conditions(harness, i, "[[\"is_broken\",\"=\",true]]");
}

static void limit_sizes_the_first_request(void **state) {
  struct harness *harness = *state;
  add_sample(harness);
  struct rows *rows = harness_query(harness->db, "SELECT * FROM onpage_links('" TASK "') LIMIT 10", NULL, 0);
  assert_null(rows->error);
  assert_int_equal(rows->count, 10);
  rows_free(rows);
  check_requests(harness, 1);
  check_body_key(harness, 0, "limit", limit_is_offered() ? "10" : "1000");
}

/* A LIMIT on rows that only SQLite can find doesn't bound the rows to fetch. */
static void limit_does_not_cut_what_stays_local(void **state) {
  struct harness *harness = *state;
  add_numbered(harness, STANDIN_FINISHED, 100);
  harness_config(harness->db, "page_size", "10");
  check_rows(harness, "SELECT page_to FROM onpage_links('" TASK "') WHERE upper(page_to) = '/P/97' LIMIT 1", "'/p/97'");
  check_rows(harness, "SELECT page_to FROM onpage_links('" TASK "') WHERE is_broken ORDER BY 1 LIMIT 3 OFFSET 18",
             "'/p/90'\n'/p/95'");
  check_rows(harness, "SELECT page_to FROM onpage_links('" TASK "') WHERE page_to NOT LIKE '%9%' ORDER BY link_to DESC LIMIT 1",
             "'/p/88'");
  check_rows(harness, "SELECT count(*) FROM (SELECT DISTINCT page_from FROM onpage_links('" TASK "') LIMIT 5)", "1");
  check_rows(harness, "SELECT max(page_to) FROM (SELECT page_to FROM onpage_links('" TASK "') LIMIT 15)", "'/p/9'");
}

/* Nor does it above a term that could have been sent with another value: an empty text is not. */
static void limit_does_not_cut_what_is_not_sent(void **state) {
  static const char nothing[] = "SELECT link_to FROM onpage_links('" TASK "') WHERE link_to = '' LIMIT 5";
  struct harness *harness = *state;
  add_numbered(harness, STANDIN_FINISHED, 700);
  harness_config(harness->db, "page_size", "50");
  harness_config(harness->db, "max_in_flight", "5");
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = 20});
  check_rows(harness, nothing, "");
  check_requests(harness, 14);
  assert_true(harness_most_in_flight(harness->standin) >= 4);
  standin_set_readings(harness->standin, &(struct standin_readings){.total = STANDIN_TOTAL_NULL});
  harness_forget(harness);
  check_rows(harness, nothing, "");
  check_requests(harness, 15);
}

/* If SQLite drops rows that the API returns, the pages after the first have the full size. */
static void limit_does_not_size_what_follows(void **state) {
  struct harness *harness = *state;
  sqlite3_str *items = sqlite3_str_new(NULL);
  for (int i = 0; i < 100; i++) sqlite3_str_appendf(items, "{\"page_to\":\"/%s\",\"link_to\":\"%d\"}\n", i < 99 ? "A" : "a", i);
  char *text = sqlite3_str_finish(items);
  assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, text, strlen(text)), 0);
  sqlite3_free(text);
  standin_set_readings(harness->standin, &(struct standin_readings){.ignore_case = true, .total = STANDIN_TOTAL_NULL});
  check_rows(harness, "SELECT link_to FROM onpage_links('" TASK "') WHERE page_to = '/a' LIMIT 1", "'99'");
  assert_in_range(standin_log_count(harness->standin), 1, 3);
}

static void limit_and_offset(void **state) {
  static const struct {
    const char *tail, *expected;
  } cases[] = {
      {"LIMIT 2 OFFSET 0", "'/p/0'\n'/p/1'"},
      {"LIMIT 2 OFFSET 7", "'/p/7'\n'/p/8'"},
      {"LIMIT 2 OFFSET 34", "'/p/34'"},
      {"LIMIT 2 OFFSET 35", ""},
      {"LIMIT 2 OFFSET 1000", ""},
      {"LIMIT 0", ""},
      {"LIMIT -1 OFFSET 33", "'/p/33'\n'/p/34'"},
      {"WHERE is_broken = 1 LIMIT 2 OFFSET 5", "'/p/25'\n'/p/30'"},
      {"WHERE is_broken LIMIT 2 OFFSET 5", "'/p/25'\n'/p/30'"},
      {"WHERE link_to LIKE '%/P/1_' LIMIT 2 OFFSET 8", "'/p/18'\n'/p/19'"},
      {"WHERE page_to_status_code BETWEEN 300 AND 404 LIMIT 3 OFFSET 6", "'/p/30'"},
      {"WHERE page_to_status_code IN (404, 500) LIMIT 3 OFFSET 6", "'/p/30'"},
  };
  struct harness *harness = *state;
  add_numbered(harness, STANDIN_FINISHED, 35);
  for (int page_size = 1; page_size <= 50; page_size += 7) {
    char *text = sqlite3_mprintf("%d", page_size);
    harness_config(harness->db, "page_size", text);
    sqlite3_free(text);
    for (size_t i = 0; i < LENGTH(cases); i++) {
      char *sql = sqlite3_mprintf("SELECT page_to FROM onpage_links('" TASK "') %s", cases[i].tail);
      check_rows(harness, sql, cases[i].expected);
      sqlite3_free(sql);
    }
  }
}

/* One request at a time: none before the first row, none for a page that isn't needed, none after a reset. */
static void pages_are_fetched_when_needed(void **state) {
  struct harness *harness = *state;
  add_numbered(harness, STANDIN_FINISHED, 35);
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_in_flight", "1");
  sqlite3_stmt *statement = NULL;
  assert_int_equal(sqlite3_prepare_v2(harness->db, "SELECT page_to FROM onpage_links('" TASK "')", -1, &statement, NULL),
                   SQLITE_OK);
  check_requests(harness, 0);
  for (int i = 1; i <= 10; i++) assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  check_requests(harness, 1);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  check_requests(harness, 2);
  assert_int_equal(sqlite3_reset(statement), SQLITE_OK);
  check_requests(harness, 2);
  for (int i = 1; i <= 35; i++) assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
  check_requests(harness, 6);
  sqlite3_finalize(statement);
  check_requests(harness, 6);
}

/* A scan ends at a short page or at the total; a token with the last, full page is worth another look. */
static void every_way_to_end(void **state) {
  static const enum standin_last_token last_tokens[] = {STANDIN_TOKEN_NULL, STANDIN_TOKEN_ABSENT, STANDIN_TOKEN_PRESENT};
  static const struct {
    size_t rows, requests, requests_with_token;
  } cases[] = {{0, 1, 1}, {1, 1, 1}, {9, 1, 1}, {10, 1, 2}, {11, 2, 2}, {20, 2, 3}, {25, 3, 3}};
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    add_numbered(harness, STANDIN_FINISHED, cases[i].rows);
    for (size_t k = 0; k < 3; k++) {
      standin_set_readings(harness->standin, &(struct standin_readings){.last_token = last_tokens[k]});
      sqlite3 *db = harness_connect(harness->standin);
      harness_config(db, "page_size", "10");
      char *expected = sqlite3_mprintf("%d|%d", (int)cases[i].rows, (int)cases[i].rows);
      harness_forget(harness);
      check_rows_on(db, "SELECT count(link_to), count(DISTINCT link_to) FROM onpage_links('" TASK "')", expected);
      check_requests(harness, last_tokens[k] == STANDIN_TOKEN_PRESENT ? cases[i].requests_with_token : cases[i].requests);
      sqlite3_free(expected);
      assert_true(harness_close(db));
    }
  }
}

static void no_items_may_be_null(void **state) {
  struct harness *harness = *state;
  add_numbered(harness, STANDIN_FINISHED, 3);
  standin_set_readings(harness->standin, &(struct standin_readings){.items_null_when_none = true});
  check_rows(harness, COUNT_ROWS " WHERE page_to_status_code = 500", "0");
  check_rows(harness, "SELECT * FROM onpage_links('" TASK "') WHERE page_to_status_code = 500", "");
}

/* total_items_count could be capped: rows beyond it count. */
static void total_may_be_capped(void **state) {
  struct harness *harness = *state;
  add_numbered(harness, STANDIN_FINISHED, 35);
  standin_set_readings(harness->standin, &(struct standin_readings){.total_cap = 20});
  harness_config(harness->db, "page_size", "10");
  check_rows(harness, COUNT_ROWS, "35");
}

/* Rows past 20,000 come by token, also when the scan is filtered and begins at an offset. */
static void tokens_past_twenty_thousand(void **state) {
  struct harness *harness = *state;
  assert_int_equal(standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SAMPLE_FILE, 4), 0);
  harness_config(harness->db, "max_in_flight", "1");
  check_rows(harness, "SELECT count(link_to) FROM onpage_links('" TASK "') WHERE is_broken = 1", "32888");
  check_requests(harness, 33);
  bool has_token = false;
  struct json_object *last = body_without_token(harness, 32, &has_token);
  json_object_put(last);
  assert_true(has_token);
}

static const char short_page[] =
    "{\"version\":\"0.1\",\"status_code\":20000,\"status_message\":\"Ok.\",\"tasks_count\":1,\"tasks_error\":0,\"tasks\":[{"
    "\"id\":\"" TASK "\",\"status_code\":20000,\"status_message\":\"Ok.\",\"result_count\":1,\"result\":[{"
    "\"crawl_progress\":\"%s\",\"crawl_status\":{\"max_crawl_pages\":10,\"pages_in_queue\":0,\"pages_crawled\":10},"
    "\"search_after_token\":null,\"current_offset\":10,\"total_items_count\":35,\"items_count\":0,\"items\":[]}]}]}";

static void check_short(struct harness *harness, enum standin_crawl crawl, const char *progress) {
  add_numbered(harness, crawl, 35);
  char *body = sqlite3_mprintf(short_page, progress);
  standin_plant(harness->standin, 2, &(struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = body});
  sqlite3_free(body);
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_in_flight", "1");
}

static void finished_crawl_that_comes_up_short_is_an_error(void **state) {
  struct harness *harness = *state;
  check_short(harness, STANDIN_FINISHED, "finished");
  check_error(harness, COUNT_ROWS, "onpage_links", "10", "35");
}

static void so_is_a_running_one(void **state) {
  struct harness *harness = *state;
  check_short(harness, STANDIN_IN_PROGRESS, "in_progress");
  check_error(harness, COUNT_ROWS, "onpage_links", "10", "35");
}

static void failure_in_the_middle_fails_the_statement(void **state) {
  struct harness *harness = *state;
  add_numbered(harness, STANDIN_FINISHED, 35);
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_in_flight", "1");
  harness_config(harness->db, "max_retries", "0");
  standin_plant(harness->standin, 3, &(struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 50000});
  struct rows *rows = harness_query(harness->db, "SELECT page_to FROM onpage_links('" TASK "')", NULL, 0);
  assert_int_equal(rows->code & 0xff, SQLITE_ERROR);
  assert_int_equal(rows->count, 20);
  assert_true(harness_contains(rows->error, "50000"));
  assert_true(harness_contains(rows->error, "20 rows"));
  rows_free(rows);
  /* And nothing of it sticks. */
  check_rows(harness, COUNT_ROWS, "35");
}

static void scans_side_by_side(void **state) {
  struct harness *harness = *state;
  add_numbered(harness, STANDIN_FINISHED, 12);
  harness_config(harness->db, "page_size", "5");
  check_rows(harness,
             "SELECT count(a.link_to), count(DISTINCT b.link_to) FROM onpage_links('" TASK "') a, onpage_links('" TASK "') b "
             "WHERE a.page_to >= b.page_to",
             "78|12");
}

static void page_size_sizes_requests(void **state) {
  struct harness *harness = *state;
  add_numbered(harness, STANDIN_FINISHED, 12);
  harness_config(harness->db, "page_size", "7");
  check_rows(harness, COUNT_ROWS, "12");
  check_requests(harness, 2);
  check_body_key(harness, 0, "limit", "7");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(full_scan_of_the_sample),
      e2e_test(full_scan_with_look_ahead),
      e2e_test(broken_links_of_the_sample),
      e2e_test(limit_sizes_the_first_request),
      e2e_test(limit_does_not_cut_what_stays_local),
      e2e_test(limit_does_not_cut_what_is_not_sent),
      e2e_test(limit_does_not_size_what_follows),
      e2e_test(limit_and_offset),
      e2e_test(pages_are_fetched_when_needed),
      e2e_test(every_way_to_end),
      e2e_test(no_items_may_be_null),
      e2e_test(total_may_be_capped),
      e2e_test(tokens_past_twenty_thousand),
      e2e_test(finished_crawl_that_comes_up_short_is_an_error),
      e2e_test(so_is_a_running_one),
      e2e_test(failure_in_the_middle_fails_the_statement),
      e2e_test(scans_side_by_side),
      e2e_test(page_size_sizes_requests),
  };
  return cmocka_run_group_tests_name("paging", tests, NULL, NULL);
}
