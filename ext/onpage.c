/*
** The extension's entry point: makes the session of a connection and registers tables and functions with it.
**
** Tests: tests/e2e/test_loading.c.
*/
#include <pthread.h>
#include <sqlite3ext.h>
#include <stdbool.h>
#include <string.h>

#include "base/hash.h"
#include "vtab/functions.h"
#include "vtab/overload.h"
#include "vtab/session.h"
#include "vtab/tables.h"
#include "wire/json_version.h"

SQLITE_EXTENSION_INIT1

/* The oldest version of SQLite that the extension runs in. */
enum { SQLITE_MIN = 3031000 };

static void make_hash_key(void) {
  unsigned char key[HASH_KEY_SIZE];
  sqlite3_randomness(sizeof key, key);
  hash_set_key(key);
}

/* Takes SQLite's table of functions, which is the same for all connections and threads, and makes the process's random key. False
** if another SQLite in this process has already given its own: memory of one must not be passed to the other. */
static bool take_api(const sqlite3_api_routines *api) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  if (sqlite3_api == NULL) {
    SQLITE_EXTENSION_INIT2(api);
    make_hash_key();
  }
  bool taken = sqlite3_api == api;
  pthread_mutex_unlock(&mutex);
  return taken;
}

/* Whether the connection has this version already. Then nothing is registered: options that were set are kept, and what running
** statements use can't be replaced. */
static bool is_loaded(sqlite3 *db) {
  sqlite3_stmt *statement = NULL;
  bool same = false;
  if (sqlite3_prepare_v2(db, "SELECT onpage_version()", -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    const char *version = (const char *)sqlite3_column_text(statement, 0);
    same = version != NULL && strcmp(version, ONPAGE_VERSION) == 0;
  }
  sqlite3_finalize(statement);
  return same;
}

__attribute__((visibility("default"))) int sqlite3_onpage_init(sqlite3 *db, char **message, const sqlite3_api_routines *api);

int sqlite3_onpage_init(sqlite3 *db, char **message, const sqlite3_api_routines *api) {
  struct session *session = NULL;
  struct error error;
  if (!take_api(api)) {
    *message = api->mprintf("onpage: another SQLite of this process has loaded it; for this one, load a copy of the file");
    return SQLITE_ERROR;
  }
  if (sqlite3_libversion_number() < SQLITE_MIN) {
    *message = sqlite3_mprintf("onpage needs SQLite 3.31 or later, this is %s", sqlite3_libversion());
    return SQLITE_ERROR;
  }
  if (!json_version_is_supported()) {
    *message = sqlite3_mprintf("onpage needs json-c 0.15 or later, this is %s", json_version());
    return SQLITE_ERROR;
  }
  if (is_loaded(db)) return SQLITE_OK_LOAD_PERMANENTLY;
  if (session_new(db, &session, &error) != 0) {
    *message = sqlite3_mprintf("onpage: %s", error.message);
    return error.kind == ERROR_NO_MEMORY ? SQLITE_NOMEM : SQLITE_ERROR;
  }
  int code = overload_register(db);
  if (code == SQLITE_OK) code = functions_register(session);
  if (code == SQLITE_OK) code = tables_register(session);
  session_release(session);
  /* When memory ran out, the connection's message may be an older one. */
  if (code != SQLITE_OK)
    *message = sqlite3_mprintf("onpage: %s", code == SQLITE_NOMEM ? sqlite3_errstr(code) : sqlite3_errmsg(db));
  /* The library stays loaded: the TLS library of libcurl leaves state in the process that refers to it. */
  return code == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : code;
}
