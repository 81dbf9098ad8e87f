/*
** Interruption: whatever a statement waits for, sqlite3_interrupt from another thread and a progress handler's refusal end it
** at once, and the connection goes on. Each wait here would take minutes by itself.
*/
#include "checks.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "dataset.h"
#include "loopback.h"

/* Queries run undisturbed for a moment, so that they do wait. The longest time that one may need to end is 200 ms on a machine that
** has nothing else to do; here it only has to be far from the wait's own length. */
enum { MOMENT_MS = 100, AT_MOST_MS = 10000, WAIT_MS = 120000, NEVER = 0 };

#define ALL_ROWS "SELECT link_to FROM onpage_links('" TASK "')"

/* ---- What there is to wait for ---- */

static void plant(struct harness *harness, size_t nth, struct standin_fault fault) {
  fault.times = SIZE_MAX;
  standin_plant(harness->standin, nth, &fault);
}

static void responds_late(struct harness *harness) {
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = WAIT_MS});
}

static void second_page_comes_late(struct harness *harness) {
  harness_config(harness->db, "page_size", "4");
  plant(harness, 2, (struct standin_fault){.kind = STANDIN_FAULT_STALL, .delay_ms = WAIT_MS});
}

static void asks_to_retry_later(struct harness *harness) {
  plant(harness, 1, (struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = 503, .retry_after = "120"});
}

static void asks_to_slow_down(struct harness *harness) {
  plant(harness, 1, (struct standin_fault){.kind = STANDIN_FAULT_HTTP, .http_status = 429, .retry_after = "120"});
}

static void fails_again_and_again(struct harness *harness) {
  harness_config(harness->db, "max_retries", "100");
  plant(harness, 1, (struct standin_fault){.kind = STANDIN_FAULT_TASK, .code = 50000});
}

static void rate_is_used_up(struct harness *harness) {
  harness_config(harness->db, "rate_limit", "1");
  check_rows(harness, "SELECT count(link_to) FROM onpage_links('" TASK "')", "10");
}

static void crawl_is_queued(struct harness *harness) {
  harness_config(harness->db, "wait_s", "3600");
  standin_set_crawl(harness->standin, TASK, STANDIN_QUEUED);
}

/* A server whose queue of connections is full: the next one is neither accepted nor refused. */
static int busy_server[4] = {-1, -1, -1, -1};

static void connects_without_success(struct harness *harness) {
  unsigned port;
  busy_server[0] = loopback_listen(0, &port);
  struct sockaddr_in address = loopback_address(port);
  for (int i = 1; i < 4; i++) {
    busy_server[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)connect(busy_server[i], (struct sockaddr *)&address, sizeof address);
  }
  harness_set_url(harness->db, "http", "127.0.0.1", port);
  harness_config(harness->db, "connect_timeout_ms", "120000");
}

static const struct wait {
  const char *name;
  void (*prepare)(struct harness *harness);
  const char *sql;
} waits[] = {
    {"for a response", responds_late, ALL_ROWS},
    {"for a count", responds_late, "SELECT count(*) FROM onpage_links('" TASK "')"},
    {"for the filters there are", responds_late, ALL_ROWS " WHERE hreflang = 'en'"},
    {"for the state of a crawl", responds_late, "SELECT * FROM onpage_crawl('" TASK "')"},
    {"for a row of a join", responds_late,
     "WITH page(path) AS (VALUES ('/'), ('/about')) SELECT path, link_to FROM page LEFT JOIN onpage_links AS l ON "
     "l.page_from = path AND l.task_id = '" TASK "'"},
    {"to write a table", responds_late, "CREATE TABLE kept AS " ALL_ROWS},
    {"for a second page", second_page_comes_late, ALL_ROWS},
    {"as the server asked", asks_to_retry_later, ALL_ROWS},
    {"as the server asked for its rate", asks_to_slow_down, ALL_ROWS},
    {"before another try", fails_again_and_again, ALL_ROWS},
    {"for the option rate_limit", rate_is_used_up, ALL_ROWS},
    {"for a queued crawl", crawl_is_queued, ALL_ROWS},
    {"for the state of a queued crawl", crawl_is_queued, "SELECT * FROM onpage_crawl('" TASK "')"},
    {"for a connection", connects_without_success, ALL_ROWS},
};
enum { WAIT_COUNT = LENGTH(waits) };

/* ---- Ending it ---- */

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleep_ms(long ms) {
  nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* A statement that runs, and when its end was first asked for. */
struct running {
  sqlite3 *db;
  int64_t started_ms;
  _Atomic int64_t asked_ms; /* 0: not yet */
  atomic_bool ended;
};

static void *interrupt(void *context) {
  struct running *running = context;
  sleep_ms(MOMENT_MS);
  running->asked_ms = now_ms();
  /* Again and again, in case the statement had not begun: an interruption of nothing is none. */
  for (int i = 0; !running->ended; i++) {
    if (i % 100 == 0) sqlite3_interrupt(running->db);
    sleep_ms(10);
  }
  return NULL;
}

static int refuse(void *context) {
  struct running *running = context;
  int64_t now = now_ms();
  if (now - running->started_ms < MOMENT_MS) return 0;
  if (running->asked_ms == 0) running->asked_ms = running->started_ms + MOMENT_MS;
  return 1;
}

/* Runs the statement until it is ended, by a progress handler asked each `steps` or by another thread. How long it took to end. */
static int64_t end_statement(sqlite3 *db, const char *sql, int steps) {
  struct running running = {.db = db, .started_ms = now_ms()};
  pthread_t thread;
  if (steps == NEVER)
    assert_int_equal(pthread_create(&thread, NULL, interrupt, &running), 0);
  else
    sqlite3_progress_handler(db, steps, refuse, &running);
  struct rows *rows = harness_query(db, sql, NULL, 0);
  int64_t took = now_ms() - running.asked_ms;
  running.ended = true;
  sqlite3_progress_handler(db, 0, NULL, NULL);
  if (steps == NEVER) pthread_join(thread, NULL);
  if (rows->code != SQLITE_INTERRUPT) print_error("%d %s\n", rows->code, rows->error ? rows->error : "no error");
  assert_int_equal(rows->code, SQLITE_INTERRUPT);
  assert_non_null(rows->error);
  rows_free(rows);
  return took;
}

/* Once the stand-in has recovered, the connection works as before. */
static void check_usable(struct harness *harness) {
  standin_set_readings(harness->standin, &(struct standin_readings){0});
  standin_clear_faults(harness->standin);
  standin_set_crawl(harness->standin, TASK, STANDIN_FINISHED);
  harness_config(harness->db, "base_url", ""); /* what was learnt of the stand-in is forgotten: when it may be asked again */
  harness_config(harness->db, "base_url", standin_url(harness->standin));
  harness_config(harness->db, "api_key", "test-key");
  harness_config(harness->db, "rate_limit", "0");
  check_rows(harness, "SELECT count(link_to) FROM onpage_links('" TASK "')", "10");
  check_rows(harness, "SELECT count(*) FROM sqlite_master WHERE name = 'kept'", "0");
}

/* Each wait has a stand-in and a connection of its own. */
static void end_every_wait(int steps) {
  int64_t longest = 0;
  for (size_t i = 0; i < WAIT_COUNT; i++) {
    void *state;
    harness_set_up(&state);
    struct harness *harness = state;
    check_case(waits[i].name);
    char *shop = dataset_read(SHOP_FILE);
    assert_int_equal(standin_add_task(harness->standin, TASK, STANDIN_FINISHED, shop, strlen(shop)), 0);
    sqlite3_free(shop);
    waits[i].prepare(harness);
    int64_t took = end_statement(harness->db, waits[i].sql, steps);
    if (took > AT_MOST_MS) print_error("waiting %s took %lld ms to end\n", waits[i].name, (long long)took);
    assert_true(took <= AT_MOST_MS);
    if (took > longest) longest = took;
    check_usable(harness);
    assert_int_equal(harness_tear_down(&state), 0);
    for (int k = 0; k < 4; k++)
      if (busy_server[k] >= 0) {
        close(busy_server[k]);
        busy_server[k] = -1;
      }
  }
  print_message("%d waits ended within %lld ms\n", WAIT_COUNT, (long long)longest);
}

static void another_thread_interrupts(void **state) {
  (void)state;
  end_every_wait(NEVER);
}

/* Called as rarely as hosts usually set it. */
static void progress_handler_refuses(void **state) {
  (void)state;
  end_every_wait(1000);
}

static int allow_select_only(void *context, int action, const char *first, const char *second, const char *third,
                             const char *fourth) {
  (void)context, (void)first, (void)second, (void)third, (void)fourth;
  return action == SQLITE_SELECT || action == SQLITE_READ ? SQLITE_OK : SQLITE_DENY;
}

/* The wait is ended by a statement of the extension's own, which a strict authorizer, too, lets through. */
static void authorizer_lets_interrupt(void **state) {
  struct harness *harness = *state;
  rows_free(harness_query(harness->db, ALL_ROWS, NULL, 0)); /* the tables are known from now on */
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = WAIT_MS});
  sqlite3_set_authorizer(harness->db, allow_select_only, NULL);
  assert_true(end_statement(harness->db, ALL_ROWS, 1000) <= AT_MOST_MS);
  assert_true(end_statement(harness->db, ALL_ROWS, NEVER) <= AT_MOST_MS);
  sqlite3_set_authorizer(harness->db, NULL, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(another_thread_interrupts),
      cmocka_unit_test(progress_handler_refuses),
      e2e_test(authorizer_lets_interrupt),
  };
  return cmocka_run_group_tests_name("interruption", tests, NULL, NULL);
}
