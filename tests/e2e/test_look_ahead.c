/*
** Requests that leave before an earlier response is complete: told by what comes when, not by how long it takes. A
** response's second half is held back until the next request is in, and is broken off if none comes: whoever waits for the
** whole page loses.
*/
#include "checks.h"

#include "dataset.h"
#include "hurry.h"

enum { LINKS = 1000, PAGE = 100, HELD_MS = 20000 };

#define READ_ALL "SELECT count(link_to), count(DISTINCT link_to) FROM onpage_links('" TASK "')"
#define ALL "1000|1000"

enum { REQUESTS = LINKS / PAGE };

/* A crawl whose pages but the first can be had by token only, which the connection knows. */
static void add_chain(struct harness *harness) {
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, LINKS, 5), 0);
  standin_set_readings(harness->standin, &(struct standin_readings){.offset_most = 5});
  harness_config(harness->db, "page_size", "100");
  check_rows(harness, READ_ALL, ALL);
  harness_forget(harness);
}

static void plant(struct harness *harness, size_t nth, enum standin_fault_kind kind, size_t times) {
  standin_plant(harness->standin, nth, &(struct standin_fault){.kind = kind, .delay_ms = HELD_MS, .times = times});
}

static void check_one_at_a_time(struct harness *harness) {
  check_requests(harness, REQUESTS);
  for (size_t i = 0; i < REQUESTS; i++) assert_int_equal(standin_log_get(harness->standin, i)->in_flight, 1);
}

/* All pages by token, but for the last, wait for the request after them. */
static void a_chain_goes_on_by_the_head(void **state) {
  struct harness *harness = *state;
  add_chain(harness);
  harness_config(harness->db, "max_retries", "0");
  harness_config(harness->db, "max_in_flight", "2");
  plant(harness, 2, STANDIN_FAULT_HOLD, REQUESTS - 2);
  check_rows(harness, READ_ALL, ALL);
  check_requests(harness, REQUESTS);
  assert_int_equal(standin_faults_met(harness->standin), REQUESTS - 2);
}

static void no_more_are_in_flight_than_may_be(void **state) {
  struct harness *harness = *state;
  add_chain(harness);
  harness_config(harness->db, "max_in_flight", "1");
  check_rows(harness, READ_ALL, ALL);
  check_one_at_a_time(harness);
}

/* A page whose end is lost is requested again. What was requested after its head stays valid. */
static void a_broken_page_keeps_the_next(void **state) {
  struct harness *harness = *state;
  add_chain(harness);
  hurry(200);
  for (size_t nth = 2; nth < REQUESTS; nth += 2) plant(harness, nth, STANDIN_FAULT_TRUNCATE, 1);
  check_rows(harness, READ_ALL, ALL);
  check_requests(harness, REQUESTS + REQUESTS / 2 - 1);
  hurry(1);
}

/* A token that doesn't change is a cursor of the API's: a request ahead would move it on while the page may have to be
** repeated. */
static void a_cursor_is_not_moved_ahead(void **state) {
  struct harness *harness = *state;
  add_chain(harness);
  standin_set_readings(harness->standin, &(struct standin_readings){.offset_most = 5, .token_same = true});
  for (int known = 0; known <= 1; known++) {
    harness_forget(harness);
    check_rows(harness, READ_ALL, ALL);
    check_one_at_a_time(harness);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(a_chain_goes_on_by_the_head),
      e2e_test(no_more_are_in_flight_than_may_be),
      e2e_test(a_broken_page_keeps_the_next),
      e2e_test(a_cursor_is_not_moved_ahead),
  };
  return cmocka_run_group_tests_name("look-ahead", tests, NULL, NULL);
}
