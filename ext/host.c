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

int host_replaces(struct sqlite3 *db, const char *function, bool *replaced, struct error *error) {
  sqlite3_stmt *statement = NULL;
  char *select = sqlite3_mprintf("SELECT 1 FROM pragma_function_list WHERE name = %Q COLLATE NOCASE AND NOT builtin", function);
  int code = select != NULL ? sqlite3_prepare_v2(db, select, -1, &statement, NULL) : SQLITE_NOMEM;
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  sqlite3_finalize(statement);
  sqlite3_free(select);
  if (code == SQLITE_NOMEM) return error_no_memory(error);
  *replaced = code != SQLITE_DONE;
  return 0;
}
