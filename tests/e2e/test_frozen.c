/*
** Connections that die silently while they are kept (a NAT forgets them, the machine sleeps, a VPN comes up): one time-out at
** most, then rows. And readers that pause: no time-out at all.
*/
#include "checks.h"

#include <sys/types.h>
#include <time.h>

#include "dataset.h"
#include "freezer.h"
#include "tls.h"

#define READ_ALL "SELECT count(link_to), count(DISTINCT link_to) FROM onpage_links('" TASK "')"
#define ONE "SELECT link_to FROM onpage_links('" TASK "')"
#define FAULTS "SELECT count(*), count(DISTINCT body) FROM onpage_requests WHERE error IS NOT NULL"

enum { ROWS = 60 }; /* pages of 10 */

static void sleep_ms(long milliseconds) {
  nanosleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}, NULL);
}

/* A burst of requests leaves several connections, and all of them die. Each of the next requests may time out, once. */
static void several_connections(void **state) {
  struct harness *harness = *state;
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = 20});
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, ROWS, 0), 0);
  struct freezer *freezer = freezer_start(standin_port(harness->standin));
  harness_set_url(harness->db, "http", "127.0.0.1", freezer_port(freezer));
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "timeout_ms", "400");
  harness_config(harness->db, "max_retries", "1");
  for (int round = 0; round < 3; round++) {
    check_rows(harness, READ_ALL, "60|60");
    assert_true(freezer_connections(freezer) > 2);
    freezer_freeze(freezer);
    sleep_ms(round * 100);
  }
  check_rows(harness, READ_ALL, "60|60");
  check_rows(harness, FAULTS, "3|1"); /* the first page of each query but the first */
  freezer_stop(freezer);
}

/* ---- HTTP/1.1 and HTTP/2 over TLS ---- */

static void check_frozen_tls(struct harness *harness, unsigned port) {
  struct freezer *freezer = freezer_start(port);
  char *authority = sqlite3_mprintf("%s/authority.pem", tls_folder);
  harness_set_url(harness->db, "https", "127.0.0.1", freezer_port(freezer));
  harness_config(harness->db, "ca_file", authority);
  harness_config(harness->db, "timeout_ms", "400");
  sqlite3_free(authority);
  check_rows(harness, ONE, "'/'");
  check_rows(harness, ONE, "'/'");
  assert_int_equal(freezer_connections(freezer), 1);
  freezer_freeze(freezer);
  check_rows(harness, ONE, "'/'");
  check_rows(harness, ONE, "'/'");
  assert_int_equal(freezer_connections(freezer), 2);
  check_rows(harness, FAULTS, "1|1");
  freezer_stop(freezer);
}

static void one_over_tls(void **state) {
  struct tls_server *server = tls_start("right");
  check_frozen_tls(*state, tls_port(server));
  tls_stop(server);
}

/* All streams of an HTTP/2 connection die with it, and libcurl doesn't give it up. */
static void one_of_http2(void **state) {
  unsigned port;
  pid_t server = http2_start(&port);
  if (server == 0) skip();
  check_frozen_tls(*state, port);
  http2_stop(server);
}

/* ---- Pauses ---- */

/* Pages requested ahead are not lost when the reader pauses for longer than timeout_ms. */
static void pausing_reader(void **state) {
  struct harness *harness = *state;
  sqlite3_stmt *statement = NULL;
  int rows = 0;
  assert_int_equal(harness_add_numbered(harness, TASK, STANDIN_FINISHED, ROWS, 0), 0);
  standin_set_readings(harness->standin, &(struct standin_readings){.latency_ms = 50});
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "timeout_ms", "200");
  harness_config(harness->db, "max_retries", "0");
  assert_int_equal(sqlite3_prepare_v2(harness->db, ONE, -1, &statement, NULL), SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW)
    if (rows++ % 12 == 0) sleep_ms(400);
  if (sqlite3_finalize(statement) != SQLITE_OK) fail_msg("after %d rows: %s", rows, sqlite3_errmsg(harness->db));
  assert_int_equal(rows, ROWS);
  check_requests(harness, ROWS / 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      e2e_test(several_connections),
      e2e_test(one_over_tls),
      e2e_test(one_of_http2),
      e2e_test(pausing_reader),
  };
  return cmocka_run_group_tests_name("frozen", tests, tls_set_up, tls_tear_down);
}
