/* The option trace: what it writes to standard error, that no value and no key is among it, and that it is silent while off. */
#include "checks.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dataset.h"

enum { OUTPUT_MAX = 16384 };

#define ROWS "SELECT count(link_to) FROM onpage_links('" TASK "')"

static int set_up(void **state) {
  harness_set_up(state);
  return harness_add_numbered(*state, TASK, STANDIN_FINISHED, 20, 0);
}

/* Runs the statement; output is what it writes to standard error. */
static void run(sqlite3 *db, const char *sql, char output[OUTPUT_MAX]) {
  int ends[2];
  int saved = dup(STDERR_FILENO);
  assert_true(saved >= 0);
  assert_int_equal(pipe(ends), 0);
  dup2(ends[1], STDERR_FILENO);
  rows_free(harness_query(db, sql, NULL, 0));
  fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(ends[1]);
  size_t size = 0;
  ssize_t got;
  while (size < OUTPUT_MAX - 1 && (got = read(ends[0], output + size, OUTPUT_MAX - 1 - size)) > 0) size += (size_t)got;
  output[size] = '\0';
  close(ends[0]);
}

static void expect(const char *output, const char *text) {
  if (strstr(output, text) == NULL) fail_msg("no \"%s\" in\n%s", text, output);
}

static void lines(void **state) {
  static const struct {
    const char *sql;
    const char *lines[4];
  } cases[] = {
      {ROWS " WHERE page_from = '/list'",
       {"plan: ", "page_from = ? is sent as a key", "request: POST /on_page/links, attempt 1: 1000 rows from 0",
        "response: 20000"}},
      {ROWS " WHERE page_from = '/list'", {"page_from = ? is sent as a key", "response: from the cache"}},
      {ROWS " WHERE dofollow = 1", {"dofollow = ? is sent, exact", "conditions sent: 1"}},
      {ROWS " WHERE link_to = '/list' COLLATE NOCASE", {"link_to = ? stays local: its collation isn't BINARY"}},
      {ROWS " WHERE item > '/list'", {"item > ? stays local: the API has no such condition"}},
      {ROWS " WHERE dofollow = 2", {"nothing is sent: no row can satisfy the conditions"}},
  };
  struct harness *harness = *state;
  char output[OUTPUT_MAX];
  harness_config(harness->db, "trace", "on");
  harness_config(harness->db, "cache_mb", "8");
  for (size_t i = 0; i < LENGTH(cases); i++) {
    run(harness->db, cases[i].sql, output);
    for (size_t k = 0; k < LENGTH(cases[i].lines) && cases[i].lines[k] != NULL; k++) expect(output, cases[i].lines[k]);
    assert_null(strstr(output, "/list"));
    assert_null(strstr(output, "test-key"));
  }
}

/* Why an attempt is repeated. */
static void faults(void **state) {
  struct harness *harness = *state;
  char output[OUTPUT_MAX];
  harness_config(harness->db, "trace", "on");
  standin_plant(harness->standin, 1, &(struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 50000});
  run(harness->db, ROWS, output);
  expect(output, "response: 50000");
  expect(output, "attempt 2");
}

static void silent(void **state) {
  struct harness *harness = *state;
  char output[OUTPUT_MAX];
  run(harness->db, ROWS " WHERE page_from = '/list'", output);
  assert_string_equal(output, "");
}

#define trace_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {trace_test(lines), trace_test(faults), trace_test(silent)};
  return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
