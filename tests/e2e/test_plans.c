/*
** How many requests a scan has under way at once: by the plan of the account, which the responses' headers show, unless an
** option sets it.
*/
#include "checks.h"

#include "dataset.h"

#define COUNT_ROWS "SELECT count(link_to) FROM onpage_links('" TASK "')"
enum { LINKS = 3000 };

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  harness_config(harness->db, "page_size", "50");
  return harness_add_numbered(harness, TASK, STANDIN_FINISHED, LINKS, 5);
}

/* The most requests at once of a scan over a host that takes its time. */
static size_t most_at_once(struct harness *harness, unsigned plan_limit, bool short_name) {
  size_t most = 0;
  standin_set_readings(harness->standin,
                       &(struct standin_readings){.plan_limit = plan_limit, .plan_header_short = short_name, .latency_ms = 80});
  harness_forget(harness);
  check_rows(harness, COUNT_ROWS, "3000");
  for (size_t i = 0; i < standin_log_count(harness->standin); i++) {
    size_t in_flight = standin_log_get(harness->standin, i)->in_flight;
    if (in_flight > most) most = in_flight;
  }
  return most;
}

static void the_plan_decides(void **state) {
  static const struct {
    unsigned plan_limit;
    bool short_name;
    size_t at_once;
    size_t smaller; /* what the next smaller plan allows; a machine that is busy may not come to at_once */
  } plans[] = {{0, false, 5, 1},      {60, false, 5, 1},  {600, false, 20, 5},
               {3000, false, 30, 20}, {600, true, 20, 5}, {60, true, 5, 1}};
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(plans); i++) {
    size_t most = most_at_once(harness, plans[i].plan_limit, plans[i].short_name);
    if (most > plans[i].at_once || most <= plans[i].smaller) fail_msg("a plan of %u: %zu at once", plans[i].plan_limit, most);
  }
  check_rows(harness, "SELECT onpage_config('max_in_flight')", "'auto'");
}

static void an_option_decides_over_it(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "max_in_flight", "3");
  assert_int_equal(most_at_once(harness, 3000, false), 3);
  harness_config(harness->db, "max_in_flight", "auto");
  assert_in_range(most_at_once(harness, 0, false), 21, 30); /* as in the last response */
  harness_config(harness->db, "api_key", "another");
  harness_config(harness->db, "api_key", "test-key");
  assert_int_equal(most_at_once(harness, 0, false), 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_plan_decides, set_up, harness_tear_down),
      cmocka_unit_test_setup_teardown(an_option_decides_over_it, set_up, harness_tear_down),
  };
  return cmocka_run_group_tests_name("plans", tests, NULL, NULL);
}
