/*
** The fault matrix: every fault of the API's documents and of the network, at the first, a middle and the last request of a
** scan, once and without end, with one request at a time and with several. A transient one costs one more request, and the rows
** are the same; a permanent one is an error that states what happened, how often it was tried, and how many rows had come.
*/
#include "checks.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dataset.h"
#include "hurry.h"

enum { ROWS = 45, PAGE = 10, PAGES = 5, RETRIES = 2, HURRY = 200 };

#define READ_ALL "SELECT count(link_to), count(DISTINCT link_to), sum(CAST(text AS INTEGER)) FROM onpage_links('" TASK "')"
#define ALL_ROWS "45|45|990"

enum kind {
  PASSES,     /* sent again after a while */
  STOPS,      /* an error at once */
  OTHER_FORM, /* sent again once, with the body in the other form */
  REFUSED,    /* an error at once of the first request; later it is the offset that is refused, and the token leads on */
  NO_RESULTS  /* an empty table; after a page it contradicts the total */
};

#define HTTP(status) .fault = {.kind = STANDIN_FAULT_HTTP, .http_status = status}
#define ENVELOPE(number) .fault = {.kind = STANDIN_FAULT_ENVELOPE, .code = number}
#define TASK_CODE(number) .fault = {.kind = STANDIN_FAULT_TASK, .code = number}
#define BODY(body) .fault = {.kind = STANDIN_FAULT_BODY, .text = body}

static const struct fault_case {
  const char *name;
  enum kind kind;
  struct standin_fault fault;
  const char *words[2];
  bool doubled;  /* libcurl itself asks again where a connection that it kept is closed without a response */
  bool too_long; /* for the offset, maybe: the token is tried as well */
} cases[] = {
    {"HTTP 401", STOPS, HTTP(401), {"HTTP 401", "set the key"}},
    {"HTTP 402", STOPS, HTTP(402), {"HTTP 402", "top up"}},
    {"HTTP 403", STOPS, HTTP(403), {"HTTP 403", "set the key"}},
    {"HTTP 404", STOPS, HTTP(404), {"HTTP 404", "base_url"}},
    {"HTTP 418", STOPS, HTTP(418), {"HTTP 418", "a planted fault"}},
    {"HTTP 400", OTHER_FORM, HTTP(400), {"HTTP 400", "check task_id"}},
    {"HTTP 422", OTHER_FORM, HTTP(422), {"HTTP 422", "check task_id"}},
    {"HTTP 429", PASSES, HTTP(429), {"HTTP 429", "rate_limit"}},
    {"HTTP 429 and when to come back",
     PASSES,
     .fault = {.kind = STANDIN_FAULT_HTTP, .http_status = 429, .retry_after = "2"},
     {"HTTP 429", "rate_limit"}},
    {"HTTP 503 and a day to wait",
     STOPS,
     .fault = {.kind = STANDIN_FAULT_HTTP, .http_status = 503, .retry_after = "20000"},
     {"HTTP 503", "to be tried again in 20000 s"}},
    {"HTTP 500", PASSES, HTTP(500), {"HTTP 500", "max_retries"}},
    {"HTTP 502", PASSES, HTTP(502), {"HTTP 502", "max_retries"}},
    {"HTTP 503", PASSES, HTTP(503), {"HTTP 503", "max_retries"}},
    {"HTTP 504", PASSES, HTTP(504), {"HTTP 504", "max_retries"}, .too_long = true},
    {"HTTP 599", PASSES, HTTP(599), {"HTTP 599", "max_retries"}},
    {"an error page",
     PASSES,
     .fault = {.kind = STANDIN_FAULT_HTTP, .http_status = 502, .text = "<html><h1>Bad Gateway</h1></html>"},
     {"HTTP 502: Bad Gateway", "max_retries"}},
    {"an error page that calls itself a success",
     PASSES,
     BODY("<html><h1>Welcome</h1></html>"),
     {"not a JSON object: Welcome", ""}},
    {"a redirect",
     STOPS,
     .fault = {.kind = STANDIN_FAULT_REDIRECT, .http_status = 302, .text = "https://example.com/"},
     {"HTTP 302", "redirect"}},
    {"40100", STOPS, ENVELOPE(40100), {"40100", "set the key"}},
    {"40104", STOPS, ENVELOPE(40104), {"40104", "verify"}},
    {"40200", STOPS, ENVELOPE(40200), {"40200", "top up"}},
    {"40203", STOPS, ENVELOPE(40203), {"40203", "cost limit"}},
    {"40210", STOPS, ENVELOPE(40210), {"40210", "top up"}},
    {"40202", PASSES, ENVELOPE(40202), {"40202", "rate_limit"}},
    {"40202 at the task", PASSES, TASK_CODE(40202), {"40202", "rate_limit"}},
    {"40209", PASSES, ENVELOPE(40209), {"40209", "max_in_flight"}},
    {"40401", STOPS, TASK_CODE(40401), {"40401: Task Not Found", "; check the task_id"}},
    {"40403", STOPS, TASK_CODE(40403), {"40403", "30 days"}},
    {"40501", REFUSED, TASK_CODE(40501), {"40501", "pushdown"}},
    {"40502", REFUSED, TASK_CODE(40502), {"40502", "pushdown"}},
    {"40503", OTHER_FORM, TASK_CODE(40503), {"40503", "check task_id"}},
    {"40506", REFUSED, TASK_CODE(40506), {"40506", "pushdown"}},
    {"40601", STOPS, TASK_CODE(40601), {"40601", "wait_s"}},
    {"40602", STOPS, TASK_CODE(40602), {"40602", "wait_s"}},
    {"40102", NO_RESULTS, TASK_CODE(40102), {"promised 45 links", ""}},
    {"40999", STOPS, TASK_CODE(40999), {"40999", ""}},
    {"50000", PASSES, TASK_CODE(50000), {"50000", "max_retries"}},
    {"50000 at the top", PASSES, ENVELOPE(50000), {"50000", "max_retries"}},
    {"50001", PASSES, TASK_CODE(50001), {"50001", "max_retries"}},
    {"50301", PASSES, TASK_CODE(50301), {"50301", "max_retries"}},
    {"50303", PASSES, ENVELOPE(50303), {"50303", "max_retries"}},
    {"50304", PASSES, TASK_CODE(50304), {"50304", "max_retries"}},
    {"50401", PASSES, TASK_CODE(50401), {"50401", "max_retries"}, .too_long = true},
    {"59999", PASSES, TASK_CODE(59999), {"59999", "max_retries"}},
    {"a reset", PASSES, .fault = {.kind = STANDIN_FAULT_RESET}, {"no response from the API", ""}, .doubled = true},
    {"a cut body", PASSES, .fault = {.kind = STANDIN_FAULT_TRUNCATE}, {"no response from the API", "partial"}},
    {"cut JSON", PASSES, BODY("{\"status_code\":20000,\"tasks\":[{\"sta"), {"breaks off", ""}},
    {"no JSON", PASSES, BODY("{\"status_code\":20000,,}"), {"not valid JSON", ""}},
    {"an empty body", PASSES, BODY(""), {"the response is empty", ""}},
    {"two responses", PASSES, BODY("{\"status_code\":20000} {\"status_code\":20000}"), {"not valid JSON", ""}},
    {"another type", PASSES, BODY("[]"), {"not a JSON object: []", ""}},
    {"no code", PASSES, BODY("{\"tasks\":[]}"), {"without status_code", ""}},
    {"a success without a result", STOPS, BODY("{\"status_code\":20000,\"tasks\":null}"), {"no result", ""}},
};

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  int failed = harness_add_numbered(harness, TASK, STANDIN_FINISHED, ROWS, 0);
  standin_set_readings(harness->standin, &(struct standin_readings){.body = STANDIN_BODY_BOTH});
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_retries", "2");
  harness_config(harness->db, "timeout_ms", "3600000"); /* in a hurry that is 18 seconds */
  harness_config(harness->db, "connect_timeout_ms", "3600000");
  hurry(HURRY);
  return failed;
}

static int tear_down(void **state) {
  hurry(1);
  return harness_tear_down(state);
}

static void plant(struct harness *harness, size_t nth, const struct standin_fault *fault, size_t times) {
  struct standin_fault planted = *fault;
  planted.times = times;
  standin_clear_faults(harness->standin);
  harness_forget(harness);
  standin_plant(harness->standin, nth, &planted);
}

/* The number of requests, plus one for each that libcurl repeats. */
static void check_count(struct harness *harness, const struct fault_case *tried, size_t least) {
  size_t made = harness_request_count(harness->standin, "/on_page/links");
  if (tried->doubled && made == least + 1) return;
  check_requests(harness, least);
}

static void check_failure(struct harness *harness, const struct fault_case *tried, size_t nth, const char *attempts,
                          bool in_order) {
  char after[80] = "after ";
  if (nth > 1 && in_order) snprintf(after, sizeof after, "%s' after %d rows:", TASK, (int)(nth - 1) * PAGE);
  check_error(harness, READ_ALL, "onpage_links: task '" TASK "'", tried->words[0], tried->words[1], attempts,
              nth > 1 ? after : "");
}

/* A fault once, then without end, from the nth request on. */
static void check_fault(struct harness *harness, const struct fault_case *tried, size_t nth, bool in_order) {
  bool recovers = tried->kind == PASSES || tried->kind == OTHER_FORM || (tried->kind == REFUSED && nth > 1);
  check_case(tried->name);
  plant(harness, nth, &tried->fault, 1);
  if (tried->kind == NO_RESULTS && nth == 1) {
    check_rows(harness, READ_ALL, "0|0|NULL");
  } else if (recovers) {
    check_rows(harness, READ_ALL, ALL_ROWS);
    if (in_order || tried->kind != REFUSED) check_count(harness, tried, PAGES + 1);
  } else {
    check_failure(harness, tried, nth, "", in_order);
    if (in_order) check_count(harness, tried, nth);
  }
  if (!recovers) return;
  plant(harness, nth, &tried->fault, SIZE_MAX);
  static const char *const attempts[] = {[PASSES] = "(3 attempts)", [OTHER_FORM] = "(2 attempts)", [REFUSED] = ""};
  check_failure(harness, tried, nth, attempts[tried->kind], in_order);
  size_t made = harness_request_count(harness->standin, "/on_page/links");
  size_t detour = tried->too_long && nth > 1 ? RETRIES + 1 : 0;
  if (tried->kind == REFUSED)
    assert_in_range(made, nth + 1, nth + 5 + 4); /* other ways are tried, but not without end */
  else if (in_order)
    check_count(harness, tried, nth + (tried->kind == PASSES ? RETRIES : 1) + detour);
}

static const size_t places[] = {1, 3, PAGES};
enum { PLACES = LENGTH(places), CASES = LENGTH(cases) };

static void one_request_at_a_time(void **state) {
  struct harness *harness = *state;
  harness_config(harness->db, "max_in_flight", "1");
  for (size_t i = 0; i < CASES * PLACES; i++) {
    check_fault(harness, &cases[i / PLACES], places[i % PLACES], true);
    if (cases[i / PLACES].kind != REFUSED) continue; /* which is remembered */
    assert_int_equal(tear_down(state), 0);
    assert_int_equal(set_up(state), 0);
    harness = *state;
    harness_config(harness->db, "max_in_flight", "1");
  }
  standin_clear_faults(harness->standin);
  check_rows(harness, READ_ALL, ALL_ROWS);
}

/* The server sees requests in any order then, and which page a fault hits is open. What a failed scan had under way may reach it
** later, hence a new one each time. */
static void several_at_a_time(void **state) {
  for (size_t i = 0; i < CASES * PLACES; i++) {
    struct harness *harness = *state;
    harness_config(harness->db, "max_in_flight", "5");
    check_fault(harness, &cases[i / PLACES], places[i % PLACES], false);
    assert_int_equal(tear_down(state), 0);
    assert_int_equal(set_up(state), 0);
  }
}

/* Different faults one after another count as retries of one call. */
static void faults_in_a_row(void **state) {
  struct harness *harness = *state;
  const struct standin_fault row[] = {{.kind = STANDIN_FAULT_RESET},
                                      {.kind = STANDIN_FAULT_HTTP, .http_status = 429},
                                      {.kind = STANDIN_FAULT_TASK, .code = 50301},
                                      {.kind = STANDIN_FAULT_TRUNCATE}};
  enum { COUNT = LENGTH(row) };
  for (size_t retries = COUNT - 1; retries <= COUNT; retries++) {
    char number[8];
    snprintf(number, sizeof number, "%d", (int)retries);
    harness_config(harness->db, "max_retries", number);
    harness_config(harness->db, "max_in_flight", "1");
    plant(harness, 1, &row[0], 1);
    for (size_t i = 1; i < COUNT; i++) standin_plant(harness->standin, i + 1, &row[i]);
    if (retries < COUNT) {
      check_error(harness, READ_ALL, "partial", "(4 attempts)");
      check_requests(harness, COUNT);
    } else {
      check_rows(harness, READ_ALL, ALL_ROWS);
      check_requests(harness, COUNT + PAGES);
    }
  }
}

/* Retry-After delays the next attempt, in seconds or by a date; without it the delay at least doubles: a half of 0.5, 1, 2, 4 … */
static void waiting_between_attempts(void **state) {
  struct harness *harness = *state;
  char date[40];
  time_t later = time(NULL) + 100;
  struct tm parts;
  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&later, &parts));
  const struct {
    const char *retry_after;
    size_t times;
    long least_ms;
  } waits[] = {{"7", 1, 7000}, {"7", 2, 14000}, {date, 1, 60000}, {NULL, 1, 250}, {NULL, 2, 750}, {NULL, 4, 3750}};
  harness_config(harness->db, "max_retries", "4");
  for (size_t i = 0; i < LENGTH(waits); i++) {
    check_case(waits[i].retry_after ? waits[i].retry_after : "back-off");
    plant(harness, 1,
          &(struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = 503, .retry_after = waits[i].retry_after},
          waits[i].times);
    long start = hurry_clock_ms();
    check_rows(harness, READ_ALL, ALL_ROWS);
    assert_true(hurry_clock_ms() - start >= waits[i].least_ms);
    check_requests(harness, PAGES + waits[i].times);
  }
}

/* A server that sends nothing, or too little at a time. */
static void silence(void **state) {
  static const struct standin_fault silences[] = {{.kind = STANDIN_FAULT_STALL, .delay_ms = 600000},
                                                  {.kind = STANDIN_FAULT_DRIP, .delay_ms = 100}};
  struct harness *harness = *state;
  harness_config(harness->db, "timeout_ms", "100000"); /* half a second */
  harness_config(harness->db, "max_retries", "20");
  for (size_t i = 0; i < LENGTH(silences); i++)
    for (size_t k = 0; k < PLACES; k++) {
      plant(harness, places[k], &silences[i], 1);
      check_rows(harness, READ_ALL, ALL_ROWS);
      assert_true(harness_request_count(harness->standin, "/on_page/links") > PAGES);
    }
  harness_config(harness->db, "max_retries", "1");
  plant(harness, 1, &silences[1], SIZE_MAX);
  check_error(harness, READ_ALL, "no response from the API", "timed out", "(2 attempts)");
}

#define fault_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      fault_test(one_request_at_a_time),    fault_test(several_at_a_time), fault_test(faults_in_a_row),
      fault_test(waiting_between_attempts), fault_test(silence),
  };
  return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
