/*
** What a query that fails leaves of the host's transaction: all of it. SQLite undoes a transaction when memory runs out, so
** nothing that comes from the network may be taken for that. (What the statement itself had inserted stays, too: that is
** SQLite's way with virtual tables.)
*/
#include "checks.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataset.h"
#include "loopback.h"

#define READ_ALL "INSERT INTO kept SELECT link_to FROM onpage_links('" TASK "')"

static int set_up(void **state) {
  harness_set_up(state);
  struct harness *harness = *state;
  harness_config(harness->db, "page_size", "10");
  harness_config(harness->db, "max_retries", "0");
  harness_run(harness->db, "CREATE TABLE kept(link)");
  return harness_add_numbered(harness, TASK, STANDIN_FINISHED, 25, 0);
}

static void check_transaction(struct harness *harness) {
  harness_run(harness->db, "BEGIN");
  harness_run(harness->db, "INSERT INTO kept VALUES ('mine')");
  check_error(harness, READ_ALL, "onpage_links: task");
  assert_false(sqlite3_get_autocommit(harness->db));
  harness_run(harness->db, "COMMIT");
  check_rows(harness, "SELECT count(*) FROM kept WHERE link = 'mine'", "1");
  harness_run(harness->db, "DELETE FROM kept");
}

static void faults(void **state) {
  static const struct standin_fault planted[] = {
      {.kind = STANDIN_FAULT_HTTP, .http_status = 500},
      {.kind = STANDIN_FAULT_TASK, .code = 40401},
      {.kind = STANDIN_FAULT_BODY, .text = "{\"status_code\":20000,\"tasks\":[{\"sta"},
      {.kind = STANDIN_FAULT_TRUNCATE},
      {.kind = STANDIN_FAULT_RESET, .times = 2},
      {.kind = STANDIN_FAULT_FLOOD, .text = "{\"a\":\"", .with = "x", .size = 2 << 20},
  };
  struct harness *harness = *state;
  harness_config(harness->db, "max_response_mb", "1");
  for (size_t i = 0; i < LENGTH(planted); i++)
    for (size_t nth = 1; nth <= 3; nth += 2) {
      standin_plant(harness->standin, nth, &planted[i]);
      check_transaction(harness);
      standin_clear_faults(harness->standin);
    }
}

/* ---- A header line that is longer than libcurl takes, which it reports as out of memory ---- */

struct server {
  int listener;
  const char *start; /* of the response, to which one letter is added again and again */
};

static void *serve(void *context) {
  const struct server *server = context;
  char bytes[4096];
  int client = accept(server->listener, NULL, NULL);
  if (client < 0) return NULL;
  (void)!recv(client, bytes, sizeof bytes, 0);
  ssize_t sent = send(client, server->start, strlen(server->start), MSG_NOSIGNAL);
  memset(bytes, 'x', sizeof bytes);
  for (int i = 0; i < 100 && sent > 0; i++) sent = send(client, bytes, sizeof bytes, MSG_NOSIGNAL);
  shutdown(client, SHUT_WR);
  while (recv(client, bytes, sizeof bytes, 0) > 0) continue; /* else what is unread would break the connection off */
  close(client);
  return NULL;
}

static void long_header_lines(void **state) {
  static const char *const starts[] = {"HTTP/1.1 200 OK\r\nX-Long: ", "HTTP/1.1 200 ", "HTTP/1.1 200 OK\r\n"};
  struct harness *harness = *state;
  for (size_t i = 0; i < LENGTH(starts); i++) {
    unsigned port;
    struct server server = {.listener = loopback_listen(4, &port), .start = starts[i]};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, serve, &server), 0);
    harness_set_url(harness->db, "http", "127.0.0.1", port);
    check_case(starts[i]);
    check_transaction(harness);
    pthread_join(thread, NULL);
    close(server.listener);
  }
}

#define transaction_test(function) cmocka_unit_test_setup_teardown(function, set_up, harness_tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {transaction_test(faults), transaction_test(long_header_lines)};
  return cmocka_run_group_tests_name("transaction", tests, NULL, NULL);
}
