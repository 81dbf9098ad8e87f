#include "vtab/sqlite_compat.h"

#include <sqlite3ext.h>
#include <stddef.h>

SQLITE_EXTENSION_INIT3

bool sqlite_offers_lists(void) {
  return sqlite3_libversion_number() >= 3038000;
}

bool sqlite_checks_lists(void) {
  return sqlite3_libversion_number() >= 3038000;
}

bool sqlite_leaks_on_terms(void) {
  return sqlite3_libversion_number() < 3051000;
}
