/*
** One table, of hashes and packed rows. A reader's statement is kept for the next reader.
*/
#include "vtab/spill.h"

#include <sqlite3ext.h>
#include <stdlib.h>

SQLITE_EXTENSION_INIT3

struct spill {
  sqlite3 *db;
  sqlite3_stmt *insert;
  sqlite3_stmt *idle[2]; /* one that reads all rows, and one that looks up a hash; NULL: in use, or not prepared yet */
};

struct spill_reader {
  struct spill *spill;
  sqlite3_stmt *statement;
  bool keyed;
};

static int fail(const struct spill *spill, int code, struct error *error) {
  if (code == SQLITE_NOMEM || spill->db == NULL) return error_no_memory(error);
  return error_set(error, "rows can't be kept in a temporary database: %s", sqlite3_errmsg(spill->db));
}

static void close_spill(void *given) {
  struct spill *spill = given;
  sqlite3_finalize(spill->insert);
  for (int i = 0; i < 2; i++) sqlite3_finalize(spill->idle[i]);
  sqlite3_close(spill->db);
  free(spill);
}

static int open_spill(void **into, struct error *error) {
  /* Nothing has to survive a crash, and nothing is rolled back. */
  static const char set_up[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA cache_size = -2000; CREATE TABLE kept(hash INTEGER, bytes BLOB); BEGIN";
  struct spill *opened = calloc(1, sizeof *opened);
  if (opened == NULL) return error_no_memory(error);
  int code = sqlite3_open_v2("", &opened->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
  if (code == SQLITE_OK) code = sqlite3_exec(opened->db, set_up, NULL, NULL, NULL);
  if (code == SQLITE_OK) code = sqlite3_prepare_v2(opened->db, "INSERT INTO kept VALUES (?, ?)", -1, &opened->insert, NULL);
  if (code != SQLITE_OK) {
    fail(opened, code, error);
    close_spill(opened);
    return -1;
  }
  *into = opened;
  return 0;
}

static int append(void *given, int64_t hash, const char *bytes, size_t size, struct error *error) {
  struct spill *spill = given;
  sqlite3_bind_int64(spill->insert, 1, hash);
  int code = sqlite3_bind_blob64(spill->insert, 2, bytes, size, SQLITE_STATIC);
  if (code == SQLITE_OK) code = sqlite3_step(spill->insert);
  if (code != SQLITE_DONE) fail(spill, code, error);
  sqlite3_reset(spill->insert);
  return code == SQLITE_DONE ? 0 : -1;
}

static int finish(void *given, bool indexed, struct error *error) {
  struct spill *spill = given;
  int code = sqlite3_exec(spill->db, indexed ? "CREATE INDEX by_hash ON kept(hash); COMMIT" : "COMMIT", NULL, NULL, NULL);
  return code == SQLITE_OK ? 0 : fail(spill, code, error);
}

static int read_rows(void *given, const int64_t *hash, void **reader, struct error *error) {
  static const char *const selects[] = {"SELECT bytes FROM kept", "SELECT bytes FROM kept WHERE hash = ?"};
  struct spill *spill = given;
  struct spill_reader *made = calloc(1, sizeof *made);
  if (made == NULL) return error_no_memory(error);
  made->spill = spill;
  made->keyed = hash != NULL;
  made->statement = spill->idle[made->keyed];
  spill->idle[made->keyed] = NULL;
  int code =
      made->statement == NULL ? sqlite3_prepare_v2(spill->db, selects[made->keyed], -1, &made->statement, NULL) : SQLITE_OK;
  if (code != SQLITE_OK) {
    free(made);
    return fail(spill, code, error);
  }
  if (hash != NULL) sqlite3_bind_int64(made->statement, 1, *hash);
  *reader = made;
  return 0;
}

static int next(void *given, const char **bytes, struct error *error) {
  struct spill_reader *reader = given;
  int code = sqlite3_step(reader->statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) return fail(reader->spill, code, error);
  const char *found = code == SQLITE_ROW ? sqlite3_column_blob(reader->statement, 0) : NULL;
  if (code == SQLITE_ROW && found == NULL) return error_no_memory(error);
  *bytes = found;
  return 0;
}

static void end(void *given) {
  struct spill_reader *reader = given;
  struct spill *spill = reader->spill;
  sqlite3_reset(reader->statement);
  if (spill->idle[reader->keyed] == NULL)
    spill->idle[reader->keyed] = reader->statement;
  else
    sqlite3_finalize(reader->statement);
  free(reader);
}

const struct spill_methods spill_to_sqlite = {
    .open = open_spill,
    .close = close_spill,
    .append = append,
    .finish = finish,
    .read = read_rows,
    .next = next,
    .end = end,
};
