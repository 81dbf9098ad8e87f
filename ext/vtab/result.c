#include "vtab/result.h"

#include <string.h>

SQLITE_EXTENSION_INIT3

int result_error(sqlite3_vtab *vtab, const struct error *error) {
  if (error->kind == ERROR_NO_MEMORY) return SQLITE_NOMEM;
  if (error->kind == ERROR_INTERRUPTED) return SQLITE_INTERRUPT;
  sqlite3_free(vtab->zErrMsg);
  vtab->zErrMsg = sqlite3_mprintf("%s", error->message);
  return vtab->zErrMsg != NULL ? SQLITE_ERROR : SQLITE_NOMEM;
}

void result_value(sqlite3_context *context, const struct value *value) {
  switch (value->type) {
    case VALUE_INTEGER: sqlite3_result_int64(context, value->integer); break;
    case VALUE_REAL: sqlite3_result_double(context, value->real); break;
    case VALUE_TEXT:
      /* Copied: SQLite may keep a value, as max() does, longer than the page lives. When no size is given, SQLite copies the zero,
      ** too, and needn't copy again when a program asks for the text. */
      if (strlen(value->text) == value->size)
        sqlite3_result_text(context, value->text, -1, SQLITE_TRANSIENT);
      else
        sqlite3_result_text64(context, value->text, value->size, SQLITE_TRANSIENT, SQLITE_UTF8);
      break;
    case VALUE_NULL:
    case VALUE_BLOB: sqlite3_result_null(context); break;
  }
}
