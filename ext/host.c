/*
** The host's versions and their quirks.
*/
#include "host.h"

#include <sqlite3ext.h>
#include <stddef.h>

SQLITE_EXTENSION_INIT3

bool host_offers_lists(void) {
  return sqlite3_libversion_number() >= 3038000;
}

bool host_checks_lists(void) {
  return sqlite3_libversion_number() >= 3038000;
}

bool host_leaks_on_terms(void) {
  return sqlite3_libversion_number() < 3051000;
}

/* The words may stand in a comment or a string: then a few terms are not sent that could have been. */
static bool names_outer_join(const char *sql) {
  static const char *const patterns[] = {"%left%join%", "%right%join%", "%full%join%"};
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
    if (sqlite3_strlike(patterns[i], sql, 0) == 0) return true;
  return false;
}

/* Whether a view or trigger of the database names an outer join. What can't be read counts as one. Gives SQLite's last code. */
static int schema_names_outer_join(sqlite3 *db, const char *name, bool *found) {
  sqlite3_stmt *statement = NULL;
  static const char select[] = "SELECT sql FROM \"%w\".sqlite_master WHERE type IN ('view', 'trigger') AND sql IS NOT NULL";
  char *sql = name != NULL ? sqlite3_mprintf(select, name) : NULL;
  int code = sql != NULL ? sqlite3_prepare_v2(db, sql, -1, &statement, NULL) : SQLITE_NOMEM;
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  *found = code != SQLITE_ROW && code != SQLITE_DONE;
  while (code == SQLITE_ROW && !*found) {
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    *found = text != NULL && names_outer_join(text);
    code = text != NULL ? sqlite3_step(statement) : SQLITE_NOMEM;
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) *found = true;
  sqlite3_finalize(statement);
  sqlite3_free(sql);
  return code;
}

int host_may_run_outer_join(struct sqlite3 *db, bool *may, struct error *error) {
  *may = true;
  for (sqlite3_stmt *running = NULL; (running = sqlite3_next_stmt(db, running)) != NULL;) {
    const char *sql = sqlite3_stmt_busy(running) ? sqlite3_sql(running) : "";
    if (sql == NULL || names_outer_join(sql)) return 0;
  }
  sqlite3_stmt *databases = NULL;
  int code = sqlite3_prepare_v2(db, "PRAGMA database_list", -1, &databases, NULL);
  bool found = code != SQLITE_OK;
  while (code == SQLITE_OK && !found) {
    code = sqlite3_step(databases);
    if (code != SQLITE_ROW) break;
    code = schema_names_outer_join(db, (const char *)sqlite3_column_text(databases, 1), &found);
    if (code != SQLITE_NOMEM) code = SQLITE_OK;
  }
  sqlite3_finalize(databases);
  if (code == SQLITE_NOMEM) return error_no_memory(error);
  *may = found || (code != SQLITE_OK && code != SQLITE_DONE);
  return 0;
}
