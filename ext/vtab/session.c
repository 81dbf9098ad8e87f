#include "vtab/session.h"

#include <sqlite3ext.h>
#include <stdlib.h>

#include "base/clock.h"
#include "client/http.h"
#include "vtab/spill.h"

SQLITE_EXTENSION_INIT3

/* Time between two checks for an interruption; with a wait of 100 ms in between, it is never noticed later than after 150 ms. */
enum { BETWEEN_MS = 50 };

/*
** Whether the statement should end. On an interrupted connection any statement returns SQLITE_INTERRUPT, in every version of
** SQLite, from prepare or from step. It is prepared anew each time, because one that is kept would make sqlite3_close fail. The
** statement is long enough for a progress handler to be called as well: it takes some 2,000 steps, and hosts usually set 1,000. It
** names no table and no function, which an authorizer might deny.
*/
static bool is_interrupted(void *context) {
  static const char many_steps[] = "WITH ten(n) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) "
                                   "SELECT 0 FROM ten AS a, ten AS b, ten AS c LIMIT 1 OFFSET 999";
  struct session *session = context;
  sqlite3_stmt *statement = NULL;
  int64_t now = clock_now_ms();
  if (now - session->interruption_checked_ms < BETWEEN_MS) return false;
  session->interruption_checked_ms = now;
  int code = sqlite3_prepare_v2(session->db, many_steps, -1, &statement, NULL);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  sqlite3_finalize(statement);
  return code == SQLITE_INTERRUPT;
}

extern char **environ;

static const char *const *environment(void) {
  static const char *const nothing[] = {NULL};
  return environ != NULL ? (const char *const *)environ : nothing;
}

int session_new(struct sqlite3 *db, struct session **session, struct error *error) {
  if (http_check_library(error) != 0) return -1;
  struct session *made = calloc(1, sizeof *made);
  if (made == NULL) return error_no_memory(error);
  const struct client_hooks hooks = {.context = made, .interrupted = is_interrupted};
  made->db = db;
  made->references = 1;
  made->config = config_new();
  made->log = request_log_new();
  if (made->config == NULL || made->log == NULL) {
    error_no_memory(error);
  } else if (config_read_environment(made->config, environment(), error) == 0) {
    made->client = client_new(made->config, made->log, &hooks);
    if (made->client == NULL)
      error_set(error, "libcurl can't be set up, or memory ran out");
    else
      made->pool = inner_side_pool_new(made->client, &spill_to_sqlite);
    if (made->client != NULL && made->pool == NULL) error_no_memory(error);
  }
  if (made->pool == NULL) {
    session_release(made);
    return -1;
  }
  *session = made;
  return 0;
}

struct session *session_retain(struct session *session) {
  session->references++;
  return session;
}

void session_release(void *session) {
  struct session *released = session;
  if (--released->references > 0) return;
  inner_side_pool_free(released->pool);
  client_free(released->client);
  request_log_free(released->log);
  config_free(released->config);
  free(released);
}
