/*
** One connection's share of the extension.
*/
#include "session.h"

#include <sqlite3ext.h>
#include <stdlib.h>

SQLITE_EXTENSION_INIT3

/*
** Whether the host wants its statement to end. Stepping any statement on an interrupted connection says so, in every version of
** SQLite, and lets a progress handler speak; a statement kept for it would stop sqlite3_close, so it is made anew.
*/
static bool is_interrupted(void *context) {
  struct session *session = context;
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(session->db, "SELECT 1", -1, &statement, NULL) != SQLITE_OK) return false;
  int code = sqlite3_step(statement);
  sqlite3_finalize(statement);
  return code == SQLITE_INTERRUPT;
}

static const char *get_variable(const char *name) {
  return getenv(name);
}

int session_new(struct sqlite3 *db, struct session **session, struct error *error) {
  struct session *made = calloc(1, sizeof *made);
  if (made == NULL) return error_no_memory(error);
  const struct client_host host = {.context = made, .interrupted = is_interrupted};
  made->db = db;
  made->references = 1;
  made->config = config_new();
  made->log = request_log_new();
  if (made->config == NULL || made->log == NULL) {
    error_no_memory(error);
  } else if (config_read_environment(made->config, get_variable, error) == 0) {
    made->client = client_new(made->config, made->log, &host);
    if (made->client == NULL) error_set(error, "libcurl can't be set up, or memory ran out");
  }
  if (made->client == NULL) {
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
  client_free(released->client);
  request_log_free(released->log);
  config_free(released->config);
  free(released);
}
