/*
** Memory: however large responses are and however many are on their way, the process grows by no more than one response may
** have, and 64 MB. Each measurement is of a process of its own, beside one for the stand-in. Not under sanitizers and valgrind,
** whose own memory is most of it.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checks.h"
#include "dataset.h"

enum { RESPONSE_MB = 64, REST_MB = 64, LINKS = 150, TEXT = 3 << 19 };

/* The outcome of a measurement; shared with the process that makes it. */
static struct outcome {
  long grown_mb;
  size_t requests;
  char rows[200]; /* or the error */
} * outcome;

/* A number of /proc/self/status, in kB. */
static long status_of(const char *name) {
  char line[200];
  long kilobytes = 0;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file))
    if (!strncmp(line, name, strlen(name))) kilobytes = strtol(line + strlen(name) + 1, NULL, 10);
  if (file) fclose(file);
  return kilobytes;
}

/* Forgets the largest size that the process has had. */
static void reset_peak(void) {
  FILE *file = fopen("/proc/self/clear_refs", "w");
  if (!file) return;
  fputs("5", file);
  fclose(file);
}

/* Serves a crawl of numbered links whose responses from the n-th on are `fault`, until the other end of `alive` is closed. */
static void serve(int url, int alive, size_t n, const struct standin_fault *fault) {
  char nothing;
  struct standin *standin = standin_start(0);
  char *items = dataset_numbered(LINKS, 3);
  if (!standin || standin_add_task(standin, TASK, STANDIN_FINISHED, items, strlen(items))) _exit(1);
  standin_plant(standin, n, fault);
  if (write(url, standin_url(standin), strlen(standin_url(standin))) < 0) _exit(1);
  close(url);
  _exit(read(alive, &nothing, 1) == 0 ? 0 : 1);
}

/* Reads some rows of a statement, stops, reads all of another one, and then the rest of the first. */
static void interleave(sqlite3 *db, const char *sql) {
  sqlite3_stmt *first = NULL;
  size_t count = 0;
  if (sqlite3_prepare_v2(db, "SELECT link_to, text FROM onpage_links('" TASK "')", -1, &first, NULL) != SQLITE_OK) return;
  while (count < 25 && sqlite3_step(first) == SQLITE_ROW) count++;
  struct rows *rows = harness_query(db, sql, NULL, 0);
  while (sqlite3_step(first) == SQLITE_ROW) count++;
  snprintf(outcome->rows, sizeof outcome->rows, "%zu and %s", count, rows->count == 1 ? rows->row[0] : rows->error);
  rows_free(rows);
  sqlite3_finalize(first);
}

static void read_once(sqlite3 *db, const char *sql) {
  struct rows *rows = harness_query(db, sql, NULL, 0);
  snprintf(outcome->rows, sizeof outcome->rows, "%s", rows->count == 1 ? rows->row[0] : rows->error);
  rows_free(rows);
}

static void measure(const char *url, const char *sql, void (*reader)(sqlite3 *, const char *)) {
  sqlite3 *db = harness_load();
  harness_config(db, "base_url", url);
  harness_config(db, "api_key", "test-key");
  harness_config(db, "page_size", "10");
  harness_config(db, "max_in_flight", "30");
  harness_config(db, "max_retries", "0");
  reset_peak();
  long before = status_of("VmRSS:");
  reader(db, sql);
  outcome->grown_mb = (status_of("VmHWM:") - before) / 1024;
  struct rows *rows = harness_query(db, "SELECT count(*) FROM onpage_requests", NULL, 0);
  outcome->requests = rows->count == 1 ? strtoul(rows->row[0], NULL, 10) : 0;
  rows_free(rows);
  _exit(sqlite3_close(db) == SQLITE_OK ? 0 : 1);
}

static void run(size_t n, const struct standin_fault *fault, const char *sql, void (*reader)(sqlite3 *, const char *)) {
  int url[2], alive[2], status = -1;
  char address[100] = "";
  assert_int_equal(pipe(url) | pipe(alive), 0);
  memset(outcome, 0, sizeof *outcome);
  pid_t server = fork();
  if (server == 0) {
    close(alive[1]);
    serve(url[1], alive[0], n, fault);
  }
  close(url[1]);
  close(alive[0]);
  assert_true(read(url[0], address, sizeof address - 1) > 0);
  close(url[0]);
  pid_t process = fork();
  if (process == 0) measure(address, sql, reader);
  assert_int_equal(waitpid(process, &status, 0), process);
  assert_int_equal(status, 0);
  close(alive[1]);
  waitpid(server, &status, 0);
  print_message("%ld MB more, %zu requests: %.60s\n", outcome->grown_mb, outcome->requests, outcome->rows);
  assert_in_range(outcome->grown_mb, 0, RESPONSE_MB + REST_MB);
}

/* Responses of 15 MB of texts. */
static struct standin_fault large_responses(void) {
  static const char start[] = "\"text\":\"";
  static char text[TEXT + sizeof start];
  memcpy(text, start, sizeof start - 1);
  memset(text + sizeof start - 1, 'x', TEXT);
  return (struct standin_fault){.kind = STANDIN_FAULT_EDIT, .text = start, .with = text, .times = SIZE_MAX};
}

#define ALL_ROWS "SELECT count(*), count(DISTINCT link_to), sum(length(text)) / 1000000 FROM onpage_links('" TASK "')"

/* 14 good responses, which might all be in flight at once. */
static void test_large_texts(void **state) {
  const struct standin_fault fault = large_responses();
  char expected[100];
  (void)state;
  run(2, &fault, ALL_ROWS, read_once);
  snprintf(expected, sizeof expected, "%d|%d|220", LINKS, LINKS);
  assert_string_equal(outcome->rows, expected);
  assert_in_range(outcome->requests, LINKS / 10, 5 * LINKS / 20);
}

static void read_within_budget(sqlite3 *db, const char *sql) {
  char budget[20];
  snprintf(budget, sizeof budget, "%d", LINKS / 10);
  harness_config(db, "max_requests", budget);
  read_once(db, sql);
}

/* Once it is known how large responses are, no more are asked for at once than there is memory for: none is asked for twice. */
static void test_budget(void **state) {
  const struct standin_fault fault = large_responses();
  char expected[100];
  (void)state;
  run(1, &fault, ALL_ROWS, read_within_budget);
  snprintf(expected, sizeof expected, "%d|%d|235", LINKS, LINKS);
  assert_string_equal(outcome->rows, expected);
  assert_int_equal(outcome->requests, LINKS / 10);
}

/* A pausing reader keeps no memory from others: the one that waits for a page gets it. */
static void test_two_readers(void **state) {
  const struct standin_fault fault = large_responses();
  char expected[100];
  (void)state;
  run(2, &fault, ALL_ROWS, interleave);
  snprintf(expected, sizeof expected, "%d and %d|%d|220", LINKS, LINKS, LINKS);
  assert_string_equal(outcome->rows, expected);
}

/* 12 MB of texts that break off: each is too large, whatever it consists of. */
static void test_floods(void **state) {
  static const char *const fillers[] = {"{\"link_to\":\"a\",\"text\":\"0123456789012345678901234567890123456789\"},", "x",
                                        "{},", "[[],[]],"};
  static const char *const starts[] = {
      "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{\"total_items_count\":150,\"items\":[",
      "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{\"total_items_count\":150,\"items\":[{\"text\":\"",
      "{\"status_code\":20000,\"more\":[",
      "{\"status_code\":20000,\"tasks\":[{\"status_code\":20000,\"result\":[{\"total_items_count\":150,\"items\":[{\"text\":[",
  };
  (void)state;
  for (size_t i = 0; i < LENGTH(fillers); i++) {
    const struct standin_fault fault = {
        .kind = STANDIN_FAULT_FLOOD, .text = starts[i], .with = fillers[i], .size = 12 << 20, .times = SIZE_MAX};
    run(2, &fault, "SELECT count(link_to) FROM onpage_links('" TASK "')", read_once);
    assert_non_null(strstr(outcome->rows, "after 10 rows"));
  }
}

static int group_set_up(void **state) {
  (void)state;
  harness_clean_environment();
  outcome = mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return outcome != MAP_FAILED ? 0 : -1;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_large_texts),
      cmocka_unit_test(test_budget),
      cmocka_unit_test(test_two_readers),
      cmocka_unit_test(test_floods),
  };
  const char *preloaded = getenv("LD_PRELOAD");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  const bool sanitized = true;
#else
  const bool sanitized = false;
#endif
  if (sanitized || (preloaded && strstr(preloaded, "valgrind"))) {
    printf("skipped: the memory would be the tool's\n");
    return 0;
  }
  return cmocka_run_group_tests_name("memory", tests, group_set_up, NULL);
}
