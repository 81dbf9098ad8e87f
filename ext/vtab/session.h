/*
** What one connection owns: its options, its client, its request log. It has a count of references, because SQLite frees the
** modules, functions and tables of a connection in no fixed order.
**
** Tests: tests/e2e/test_connections.c.
*/
#ifndef ONPAGE_SESSION_H
#define ONPAGE_SESSION_H

#include <stdint.h>

#include "base/error.h"
#include "client/client.h"
#include "client/config.h"
#include "client/request_log.h"
#include "scan/inner_sides.h"

struct sqlite3;

struct session {
  struct sqlite3 *db; /* borrowed */
  unsigned references;
  int64_t interruption_checked_ms;
  struct config *config;
  struct request_log *log;
  struct client *client;
  struct inner_side_pool *pool;
};

/* A session with one reference, its options read from the environment. */
CHECKED int session_new(struct sqlite3 *db, struct session **session, struct error *error);
struct session *session_retain(struct session *session);
/* Drops a reference; the last one frees the session. Takes a void pointer so that SQLite can call it as a destructor. */
void session_release(void *session);

#endif
