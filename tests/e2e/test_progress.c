/*
** The option progress: a line on a terminal that is written over itself and taken away at the end; nothing where standard error is
** not a terminal, or where the scan is short.
*/
#define _XOPEN_SOURCE 700 /* posix_openpt */ // NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp)
#include "checks.h"

#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "dataset.h"

enum { LINKS = 560, OUTPUT_MAX = 16384 };

#define ROWS "SELECT count(link_to) FROM onpage_links('" TASK "')"

/* Pages of 40 that take 200 ms each, one after the other: 2.8 s in all. */
static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  int failed = harness_add_numbered(harness, TASK, STANDIN_FINISHED, LINKS, 0);
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = 200});
  harness_config(harness->db, "page_size", "40");
  harness_config(harness->db, "max_in_flight", "1");
  return failed;
}

/* Runs the statement with standard error at the descriptor; *output is what came out at the other end. */
static struct rows *run_at(sqlite3 *db, const char *sql, int error_end, int other_end, char output[OUTPUT_MAX]) {
  fflush(stderr);
  int saved = dup(STDERR_FILENO);
  assert_true(saved >= 0);
  dup2(error_end, STDERR_FILENO);
  struct rows *rows = harness_query(db, sql, NULL, 0);
  fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  size_t size = 0;
  ssize_t got;
  assert_int_equal(fcntl(other_end, F_SETFL, O_NONBLOCK), 0);
  while (size < OUTPUT_MAX - 1 && (got = read(other_end, output + size, OUTPUT_MAX - 1 - size)) > 0) size += (size_t)got;
  output[size] = '\0';
  close(error_end);
  close(other_end);
  return rows;
}

static struct rows *run_on_terminal(sqlite3 *db, const char *sql, char output[OUTPUT_MAX]) {
  int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  assert_true(terminal >= 0);
  assert_int_equal(grantpt(terminal), 0);
  assert_int_equal(unlockpt(terminal), 0);
  int slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  assert_true(slave >= 0);
  return run_at(db, sql, slave, terminal, output);
}

/* Whether the text is lines of the form, one or more, each over the last one, and its clearing at the end. */
static bool is_progress(const char *text) {
  regex_t form;
  assert_int_equal(regcomp(&form,
                           "^(\r(onpage_links: [0-9]+ of 560 rows, [0-9]+ requests, [0-9]+ rows/s, [0-9]+ s left|"
                           "onpage_links: [0-9]+ rows, [0-9]+ requests, [0-9]+ rows/s)\033\\[K)+\r\033\\[K$",
                           REG_EXTENDED | REG_NOSUB),
                   0);
  bool matches = regexec(&form, text, 0, NULL, 0) == 0;
  regfree(&form);
  return matches;
}

static void line_on_a_terminal(void **state) {
  struct harness *harness = *state;
  char output[OUTPUT_MAX];
  harness_config(harness->db, "progress", "on");
  struct rows *rows = run_on_terminal(harness->db, ROWS, output);
  assert_null(rows->error);
  assert_string_equal(rows->row[0], "560");
  rows_free(rows);
  if (!is_progress(output)) print_error("%s\n", output);
  assert_true(is_progress(output));
}

/* While a response is waited for there is a line, too, even before the first row. */
static void line_while_waiting(void **state) {
  struct harness *harness = *state;
  char output[OUTPUT_MAX];
  harness_config(harness->db, "progress", "on");
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = 2600});
  rows_free(run_on_terminal(harness->db, ROWS " WHERE page_from = '/list' LIMIT 3", output));
  assert_non_null(strstr(output, ": 0 rows, 0 requests"));
  assert_true(is_progress(output));
}

/* It goes with the scan, however that ends. */
static void line_goes_with_an_error(void **state) {
  struct harness *harness = *state;
  char output[OUTPUT_MAX];
  harness_config(harness->db, "progress", "on");
  harness_config(harness->db, "max_retries", "0");
  standin_plant(harness->standin, 14, &(struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 50000});
  struct rows *rows = run_on_terminal(harness->db, ROWS, output);
  assert_non_null(rows->error);
  rows_free(rows);
  if (!is_progress(output)) print_error("%s\n", output);
  assert_true(is_progress(output));
}

static void silent_in_a_pipe(void **state) {
  struct harness *harness = *state;
  char output[OUTPUT_MAX];
  int ends[2];
  harness_config(harness->db, "progress", "on");
  assert_int_equal(pipe(ends), 0);
  rows_free(run_at(harness->db, ROWS, ends[1], ends[0], output));
  assert_string_equal(output, "");
}

static void silent_when_quick(void **state) {
  struct harness *harness = *state;
  char output[OUTPUT_MAX];
  harness_config(harness->db, "progress", "on");
  standin_set_readings(harness->standin, &(struct standin_readings){0});
  rows_free(run_on_terminal(harness->db, ROWS " WHERE page_from = '/list' LIMIT 3", output));
  assert_string_equal(output, "");
}

#define progress_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      progress_test(line_on_a_terminal), progress_test(line_while_waiting), progress_test(line_goes_with_an_error),
      progress_test(silent_in_a_pipe),   progress_test(silent_when_quick),
  };
  return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
