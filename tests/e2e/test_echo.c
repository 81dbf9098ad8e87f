/*
** Responses that belong to another request: recognized by the request they echo, requested again on another connection, and never
** kept.
*/
#include "checks.h"

#include <string.h>

#include "dataset.h"
#include "hurry.h"

enum { HURRY = 200 };

#define READ_ALL "SELECT count(link_to), count(DISTINCT link_to), sum(CAST(text AS INTEGER)) FROM onpage_links('" TASK "')"
#define ALL_ROWS "25|25|300"
#define OTHER_ID "{\"id\":\"" OTHER_TASK "\",\"limit\":10}"

/* 25 links in pages of 10, asked for one after another. */
static void begin(struct harness *harness, const char *cache_mb) {
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, 25, 5), 0);
  assert_int_equal(harness_add_numbered(harness, OTHER_TASK, STANDIN_FINISHED, 7, 0), 0);
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_in_flight", "1");
  harness_config(harness->db, "cache_mb", cache_mb);
  harness_config(harness->db, "max_retries", "2");
  hurry(HURRY);
}

static size_t connection_of(struct harness *harness, size_t n) {
  return harness_request(harness->standin, "/on_page/links", n)->connection;
}

/* The second of three pages echoes something: if that is another request, it is requested again. */
static void echoes(void **state) {
  static const struct {
    const char *echo;
    bool foreign;
  } cases[] = {
      {OTHER_ID, true},
      {"{\"id\":\"" TASK "\",\"limit\":10,\"offset\":20}", true},
      {"{\"id\":\"" TASK "\",\"limit\":10,\"offset\":\"20\"}", true},
      {"{\"id\":\"" TASK "\",\"limit\":10,\"offset\":0}", true},
      {"{\"limit\":11}", true},
      {"{\"limit\":11.0}", true},
      {"{\"search_after_token\":\"eyJv\"}", true},
      {"{\"id\":\"" TASK "\",\"limit\":10.0,\"offset\":10.0}", false},
      {"{\"id\":\"" TASK "\",\"limit\":\"10\",\"offset\":\"10\",\"search_after_token\":null}", false},
      {"{\"id\":null,\"limit\":null,\"offset\":null}", false},
      {"{\"limit\":\"ten\",\"offset\":[20],\"id\":7,\"search_after_token\":{}}", false},
      {"{}", false},
  };
  struct harness *harness = *state;
  begin(harness, "0");
  for (size_t i = 0; i < LENGTH(cases); i++) {
    check_case(cases[i].echo);
    harness_forget(harness);
    standin_plant(harness->standin, 2, &(struct standin_fault){.kind = STANDIN_FAULT_ECHO, .text = cases[i].echo});
    check_rows(harness, READ_ALL, ALL_ROWS);
    check_requests(harness, cases[i].foreign ? 4 : 3);
    assert_int_equal(connection_of(harness, 1), connection_of(harness, 0));
    assert_int_equal(connection_of(harness, 2) == connection_of(harness, 1), !cases[i].foreign);
  }
}

/* A whole response of another crawl or page, even a failure. */
static void whole_responses(void **state) {
  static const char *const others[] = {
      OTHER_ID,
      "{\"id\":\"" TASK "\",\"limit\":10,\"offset\":20}",
      "{\"id\":\"" TASK "\",\"limit\":10,\"offset\":20,\"filters\":[\"direction\",\"=\",\"external\"]}",
      "{\"id\":\"no-such-task\",\"limit\":10,\"offset\":10}",
      "{\"id\":\"" TASK "\",\"limit\":10,\"offset\":20,\"filters\":[\"nonsense\",\"=\",1]}",
  };
  struct harness *harness = *state;
  begin(harness, "64");
  for (size_t nth = 1; nth <= 3; nth++)
    for (size_t i = 0; i < LENGTH(others); i++) {
      if (nth == 3 && i > 0) continue; /* they are of the third page */
      check_case(others[i]);
      harness_run(harness->db, "SELECT onpage_cache_clear()");
      harness_forget(harness);
      standin_plant(harness->standin, nth, &(struct standin_fault){.kind = STANDIN_FAULT_FOREIGN, .text = others[i]});
      check_rows(harness, READ_ALL, ALL_ROWS);
      check_requests(harness, 4);
      check_rows(harness, READ_ALL, ALL_ROWS); /* out of the cache */
      check_requests(harness, 4);
    }
}

/* A connection out of step gives each request the response to the one before, until it is no longer used. */
static void a_connection_out_of_step(void **state) {
  struct harness *harness = *state;
  begin(harness, "0");
  check_rows(harness, READ_ALL, ALL_ROWS);
  harness_forget(harness);
  standin_plant(harness->standin, 1, &(struct standin_fault){.kind = STANDIN_FAULT_LATE, .text = OTHER_ID});
  check_rows(harness, READ_ALL, ALL_ROWS);
  check_requests(harness, 4);
  check_rows(harness, READ_ALL, ALL_ROWS);
  check_requests(harness, 7);
  check_rows(harness, "SELECT status_message, error FROM onpage_requests WHERE error IS NOT NULL",
             "'the response belongs to another request: it echoes the id ''" OTHER_TASK "'''|'the response belongs to another "
             "request: it echoes the id ''" OTHER_TASK "'''");
}

static void nothing_but_other_responses(void **state) {
  struct harness *harness = *state;
  begin(harness, "64");
  standin_plant(harness->standin, 1,
                &(struct standin_fault){.kind = STANDIN_FAULT_FOREIGN, .text = OTHER_ID, .times = SIZE_MAX});
  check_error(harness, READ_ALL, "onpage_links", "another request", "3 attempts", OTHER_TASK);
  check_error(harness, "SELECT * FROM onpage_crawl('" TASK "')", "another request");
  standin_clear_faults(harness->standin);
  check_rows(harness, READ_ALL, ALL_ROWS);
}

/* Items that are null where rows are promised and no token leads on. */
static void garbled_items(void **state) {
  struct harness *harness = *state;
  static const char garbled[] =
      "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{\"crawl_progress\":\"in_progress\","
      "\"total_items_count\":25,\"items\":null}]}]}";
  begin(harness, "64");
  for (size_t nth = 1; nth <= 3; nth++) {
    harness_run(harness->db, "SELECT onpage_cache_clear()");
    harness_forget(harness);
    standin_plant(harness->standin, nth, &(struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = garbled});
    check_rows(harness, READ_ALL, ALL_ROWS);
    check_requests(harness, 4);
  }
  harness_run(harness->db, "SELECT onpage_cache_clear()");
  standin_plant(harness->standin, 1, &(struct standin_fault){.kind = STANDIN_FAULT_BODY, .text = garbled, .times = SIZE_MAX});
  check_error(harness, READ_ALL, "onpage_links", "promises 25 links", "items are null");
}

static int tear_down(void **state) {
  hurry(1);
  return harness_tear_down(state);
}

#define echo_test(function) cmocka_unit_test_setup_teardown(function, harness_set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      echo_test(echoes),
      echo_test(whole_responses),
      echo_test(a_connection_out_of_step),
      echo_test(nothing_but_other_responses),
      echo_test(garbled_items),
  };
  return cmocka_run_group_tests_name("echo", tests, NULL, NULL);
}
