/*
** Errors: every code of the API's table, every shape of the gateway's own failures, broken transfers and malformed
** responses become an SQL error with the code and the best message that can be found, never rows, and never with a credential.
*/
#include "checks.h"

#include <stdint.h>
#include <string.h>

#include "dataset.h"

#define COUNT_ROWS "SELECT count(link_to) FROM onpage_links('" TASK "')"

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  harness_config(harness->db, "max_retries", "0");
  return standin_add_file(harness->standin, TASK, STANDIN_FINISHED, SHOP_FILE, 1);
}

static void plant_always(struct harness *harness, struct standin_fault fault) {
  fault.times = SIZE_MAX;
  standin_clear_faults(harness->standin);
  standin_plant(harness->standin, 1, &fault);
  harness_forget(harness);
}

/* Code and words, at the task and at the top level alike. */
static void codes_of_the_api(void **state) {
  static const struct {
    int code;
    const char *code_text, *words;
  } cases[] = {
      {40100, "40100", "not authorized"}, {40104, "40104", "verify"},       {40200, "40200", "Payment Required"},
      {40203, "40203", "Cost Limit"},     {40210, "40210", "Insufficient"}, {40202, "40202", "Rate"},
      {40209, "40209", "At Once"},        {40401, "40401", "Not Found"},    {40403, "40403", "Expired"},
      {40501, "40501", "Invalid Field"},  {40502, "40502", "POST Data"},    {40503, "40503", "POST Data"},
      {40506, "40506", "Unknown Fields"}, {40601, "40601", "begun"},        {40602, "40602", "begun"},
      {50000, "50000", "Internal"},       {50001, "50001", "Internal"},     {50301, "50301", "Unavailable"},
      {50303, "50303", "Updating"},       {50304, "50304", "Overloaded"},   {50401, "50401", "Timeout"},
      {40999, "40999", "Error"},          {59999, "59999", "Error"},
  };
  static const enum standin_fault_kind kinds[] = {STANDIN_FAULT_TASK, STANDIN_FAULT_ENVELOPE};
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++)
    for (size_t k = 0; k < 2; k++) {
      check_case(cases[i].code_text);
      plant_always(harness, (struct standin_fault){.kind = kinds[k], .code = cases[i].code});
      check_error(harness, COUNT_ROWS, cases[i].code_text, cases[i].words);
      /* A body that is called invalid is tried in its other form; nothing else is sent twice. */
      check_requests(harness, cases[i].code == 40503 ? 2 : 1);
    }
  standin_clear_faults(harness->standin);
  check_rows(harness, COUNT_ROWS, "10");
}

static void states_of_a_crawl(void **state) {
  static const struct {
    enum standin_crawl crawl;
    const char *code, *words;
  } cases[] = {
      {STANDIN_QUEUED, "40602", "begun"},
      {STANDIN_HANDED, "40601", "begun"},
      {STANDIN_EXPIRED, "40403", "expired"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    standin_set_crawl(harness->standin, TASK, cases[i].crawl);
    check_error(harness, COUNT_ROWS, cases[i].code, cases[i].words, TASK);
  }
  check_error(harness, "SELECT * FROM onpage_links('07131248-1535-0216-1000-000000000404')", "40401",
              "07131248-1535-0216-1000-000000000404");
}

static void no_results_is_an_empty_table(void **state) {
  struct harness *harness = *state;
  standin_set_crawl(harness->standin, TASK, STANDIN_NO_RESULTS);
  check_rows(harness, COUNT_ROWS, "0");
  check_rows(harness, "SELECT * FROM onpage_links('" TASK "')", "");
  check_rows(harness, "SELECT count(*) FROM onpage_links('" TASK "')", "0");
  standin_set_crawl(harness->standin, TASK, STANDIN_FINISHED);
  plant_always(harness, (struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 40102});
  check_rows(harness, COUNT_ROWS, "0");
  plant_always(harness, (struct standin_fault){.kind = STANDIN_FAULT_ENVELOPE, .code = 40102});
  check_rows(harness, COUNT_ROWS, "0");
}

static void statuses_of_http(void **state) {
  static const struct {
    int status;
    const char *text, *has[2];
  } cases[] = {
      {401,
       "{\"error\":{\"type\":\"auth\",\"code\":\"invalid_api_key\",\"message\":\"The key is unknown\",\"request_id\":\"r-1\"}}",
       {"401", "The key is unknown"}},
      {402, "{\"error\":{\"message\":\"Balance too low\"}}", {"402", "Balance too low; check the key"}},
      {403, "{\"error\":\"Not for this plan\"}", {"403", "Not for this plan"}},
      {404, "{\"message\":\"No such route\"}", {"404", "No such route"}},
      {429, "{\"error\":{\"message\":\"Slow down\"}}", {"429", "Slow down"}},
      {500, "Something broke", {"500", "Something broke"}},
      {502,
       "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>",
       {"502", "Bad Gateway"}},
      {503, "", {"503"}},
      {504, "{\"status_code\":50401,\"status_message\":\"Internal Service Timeout.\",\"tasks\":null}", {"50401", "Timeout"}},
      {418, "{\"nothing\":\"useful\"}", {"418"}},
      {500, "{\"error\":null,\"message\":17}", {"500"}},
      {500, "[]", {"500"}},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].text);
    plant_always(harness,
                 (struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = cases[i].status, .text = cases[i].text});
    check_error(harness, COUNT_ROWS, cases[i].has[0], cases[i].has[1] ? cases[i].has[1] : "");
    check_requests(harness, 1);
  }
}

/* Tags are not part of the message. */
static void html_is_not_shown(void **state) {
  struct harness *harness = *state;
  plant_always(harness, (struct standin_fault){.kind = STANDIN_FAULT_HTTP,
                                               .http_status = 502,
                                               .text = "<!DOCTYPE html><html><body><h1>Bad Gateway</h1></body></html>"});
  struct rows *rows = harness_query(harness->db, COUNT_ROWS, NULL, 0);
  assert_non_null(rows->error);
  assert_false(harness_contains(rows->error, "<body>"));
  rows_free(rows);
}

static void long_messages_are_cut(void **state) {
  struct harness *harness = *state;
  enum { SIZE = 100000 };
  char *text = sqlite3_malloc(SIZE + 1);
  for (int i = 0; i < SIZE; i += 2) memcpy(text + i, "\xc3\xa9", 2);
  text[SIZE] = '\0';
  plant_always(harness, (struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = 500, .text = text});
  sqlite3_free(text);
  struct rows *rows = harness_query(harness->db, COUNT_ROWS, NULL, 0);
  assert_non_null(rows->error);
  assert_true(harness_contains(rows->error, "500"));
  assert_in_range(strlen(rows->error), 10, 1500);
  /* Cut between two characters. */
  size_t size = strlen(rows->error);
  assert_int_not_equal((unsigned char)rows->error[size - 1], 0xc3);
  rows_free(rows);
}

static void credentials_are_never_shown(void **state) {
  static const char *const texts[] = {
      "{\"error\":{\"message\":\"Bearer test-key is not known\"}}",
      "{\"message\":\"Authorization: Bearer test-key\"}",
      "test-key",
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(texts); i++) {
    plant_always(harness, (struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = 401, .text = texts[i]});
    struct rows *rows = harness_query(harness->db, COUNT_ROWS, NULL, 0);
    assert_non_null(rows->error);
    if (harness_contains(rows->error, "test-key")) print_error("%s\n", rows->error);
    assert_false(harness_contains(rows->error, "test-key"));
    rows_free(rows);
  }
}

/* Success at the top level doesn't mean success of the task, and tasks_error means neither. */
#define TASKS(tasks) "{\"status_code\":20000,\"status_message\":\"Ok.\",\"tasks_error\":0,\"tasks\":" tasks "}"
#define RESULT(result) TASKS("[{\"id\":\"x\",\"status_code\":20000,\"status_message\":\"Ok.\",\"result\":" result "}]")
#define ITEMS(total, items) RESULT("[{\"crawl_progress\":\"finished\",\"total_items_count\":" total ",\"items\":" items "}]")

static void senseless_responses_are_errors(void **state) {
  static const char *const responses[] = {
      "",
      " ",
      "null",
      "true",
      "\"text\"",
      "[]",
      "[1]",
      "{}",
      "{\"status_code\":\"20000\"}",
      "{\"status_code\":20000}",
      "not JSON at all",
      "{\"status_code\":20000,",
      "<html></html>",
      TASKS("null"),
      TASKS("[]"),
      TASKS("{}"),
      TASKS("[1]"),
      TASKS("[null]"),
      TASKS("[{}]"),
      TASKS("[{\"status_code\":null}]"),
      RESULT("17"),
      RESULT("{}"),
      RESULT("[\"x\"]"),
      ITEMS("1", "\"x\""),
      ITEMS("1", "{}"),
      ITEMS("3", "[]"),
      ITEMS("3", "null"),
      ITEMS("1", "[17]"),
      ITEMS("1", "[null]"),
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(responses); i++) {
    check_case(responses[i]);
    plant_always(harness, (struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = responses[i]});
    check_error(harness, COUNT_ROWS, "onpage_links");
  }
}

/* What the documents allow to be null or missing may be. */
static void sparse_responses_are_fine(void **state) {
  static const struct {
    const char *response, *expected;
  } cases[] = {
      {ITEMS("1", "[{}]"), "0|1"},
      {ITEMS("1.0", "[{\"link_to\":\"x\"}]"), "1|1"},
      {ITEMS("2", "[{\"link_to\":\"x\"}]"), "2|2"}, /* two pages of one */
      {ITEMS("0", "[]"), "0|0"},
      {ITEMS("0", "null"), "0|0"},
      {ITEMS("null", "[{\"link_to\":\"x\"}]"), "1|1"},
      {RESULT("[{\"items\":[{\"link_to\":\"x\"}]}]"), "1|1"},
      {RESULT("[{\"crawl_progress\":null,\"crawl_status\":null,\"search_after_token\":null,\"items\":[{\"link_to\":\"x\"}]}]"),
       "1|1"},
      {RESULT("[{\"crawl_status\":{},\"items\":[{\"link_to\":\"x\",\"unheard_of\":[{}]}],\"new\":{}}]"), "1|1"},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].response);
    plant_always(harness, (struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = cases[i].response});
    check_rows(harness, "SELECT count(link_to), count(*) FROM (SELECT link_to, type FROM onpage_links('" TASK "'))",
               cases[i].expected);
  }
}

/* A field of another type than documented: a number or boolean in a text is read, anything else is NULL, as it is to the
** API's filters. A whole crawl can be read, and counting by the API gives what reading gives. */
static void fields_of_a_wrong_type(void **state) {
  static const char items[] = "{\"link_to\":\"a\",\"dofollow\":{},\"page_to_status_code\":[404]}\n"
                              "{\"link_to\":\"b\",\"dofollow\":\"true\",\"page_to_status_code\":\"404\"}\n"
                              "{\"link_to\":\"c\",\"dofollow\":1,\"page_to_status_code\":404.0}\n"
                              "{\"link_to\":\"d\",\"dofollow\":\"no\",\"page_to_status_code\":\"gone\"}\n"
                              "{\"link_to\":18446744073709551616,\"dofollow\":\"0\",\"page_to_status_code\":\" 4.04e2\"}\n";
  struct harness *harness = *state;
  assert_int_equal(standin_add_task(harness->standin, OTHER_TASK, STANDIN_FINISHED, items, sizeof items - 1), 0);
  check_rows(harness, "SELECT link_to, dofollow, page_to_status_code FROM onpage_links('" OTHER_TASK "')",
             "'a'|NULL|NULL\n'b'|1|404\n'c'|1|404\n'd'|NULL|NULL\n'18446744073709551616'|0|404");
  check_rows(harness, "SELECT count(*) FROM onpage_links('" OTHER_TASK "') WHERE page_to_status_code = 404", "3");
  check_rows(harness, "SELECT count(*) FROM onpage_links('" OTHER_TASK "') WHERE dofollow = 1", "2");
  check_rows(harness, "SELECT count(*), count(dofollow) FROM onpage_links('" OTHER_TASK "') WHERE dofollow IS NULL", "2|0");
}

/* A crawl that is queued is waited for when wait_s says so. */
static void queued_crawl_is_waited_for(void **state) {
  struct harness *harness = *state;
  standin_plant(harness->standin, 1, &(struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 40602});
  harness_config(harness->db, "wait_s", "30");
  check_rows(harness, COUNT_ROWS, "10");
  check_requests(harness, 2);
}

static int refuse_after(void *calls) {
  return ++*(int *)calls > 3;
}

/* rate_limit delays the second request of a minute; only an interruption ends the wait. */
static void rate_limit_holds_requests_back(void **state) {
  struct harness *harness = *state;
  int calls = 0;
  harness_config(harness->db, "rate_limit", "1");
  harness_config(harness->db, "cache_mb", "0");
  check_rows(harness, COUNT_ROWS, "10");
  sqlite3_progress_handler(harness->db, 1, refuse_after, &calls);
  struct rows *rows = harness_query(harness->db, COUNT_ROWS, NULL, 0);
  sqlite3_progress_handler(harness->db, 0, NULL, NULL);
  assert_non_null(rows->error);
  assert_true(harness_contains(rows->error, "interrupted"));
  rows_free(rows);
  check_requests(harness, 1);
  harness_config(harness->db, "rate_limit", "0");
  check_rows(harness, COUNT_ROWS, "10");
}

static void broken_transfers(void **state) {
  struct harness *harness = *state;
  plant_always(harness, (struct standin_fault){.kind = STANDIN_FAULT_RESET});
  check_error(harness, COUNT_ROWS, "onpage_links");
  plant_always(harness, (struct standin_fault){.kind = STANDIN_FAULT_TRUNCATE});
  check_error(harness, COUNT_ROWS, "onpage_links");
  standin_clear_faults(harness->standin);
  check_rows(harness, COUNT_ROWS, "10");
}

static void no_server(void **state) {
  struct harness *harness = *state;
  struct standin *gone = standin_start(0);
  assert_non_null(gone);
  sqlite3 *db = harness_connect(gone);
  harness_config(db, "max_retries", "0");
  standin_stop(gone);
  check_error_on(db, COUNT_ROWS, "onpage_links", "connect");
  assert_true(harness_close(db));
  check_rows(harness, COUNT_ROWS, "10");
}

/* A term that the API doesn't accept is named, since it can't be left out of the request. */
static void rejected_conditions_are_named(void **state) {
  static const struct {
    const char *where, *named[2];
  } cases[] = {
      {"regex(link_to, '(pdf')", {": regex(link_to, '(pdf'): the API answered 40501", "the pattern of regex()"}},
      {"is_broken = 1 AND not_regex(page_from, '[')", {": not_regex(page_from, '['): the API answered 40501", "regex()"}},
      {"filters = '[\"nope\",\"=\",1]'", {": filters [\"nope\",\"=\",1]: the API answered 40501", "the column filters"}},
      {"filters = '[\"nope\",\"=\",1]' AND regex(link_to, '(')",
       {": filters [\"nope\",\"=\",1]: regex(link_to, '('): the API answered 40501", "check"}},
  };
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(cases); i++) {
    char *sql = sqlite3_mprintf("SELECT count(*) FROM onpage_links('" TASK "') WHERE %s", cases[i].where);
    check_error(harness, sql, cases[i].named[0], cases[i].named[1]);
    sqlite3_free(sql);
  }
}

static void silence_times_out(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "timeout_ms", "50");
  standin_plant(harness->standin, 1, &(struct standin_fault){.kind = STANDIN_FAULT_STALL, .delay_ms = 1000});
  check_error(harness, COUNT_ROWS, "onpage_links", "time");
}

#define error_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      error_test(codes_of_the_api),
      error_test(states_of_a_crawl),
      error_test(no_results_is_an_empty_table),
      error_test(statuses_of_http),
      error_test(html_is_not_shown),
      error_test(long_messages_are_cut),
      error_test(credentials_are_never_shown),
      error_test(senseless_responses_are_errors),
      error_test(sparse_responses_are_fine),
      error_test(fields_of_a_wrong_type),
      error_test(broken_transfers),
      error_test(queued_crawl_is_waited_for),
      error_test(rate_limit_holds_requests_back),
      error_test(no_server),
      error_test(rejected_conditions_are_named),
      error_test(silence_times_out),
  };
  return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
