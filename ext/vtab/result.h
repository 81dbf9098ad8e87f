/* Errors and values as SQLite wants them from a virtual table. */
#ifndef ONPAGE_RESULT_H
#define ONPAGE_RESULT_H

#include <sqlite3ext.h>

#include "base/error.h"
#include "base/value.h"

/* Gives the error to the table; returns SQLite's code for it. */
int result_error(sqlite3_vtab *vtab, const struct error *error);
/* Gives a column's value, of which SQLite makes a copy. Texts have a zero behind them. */
void result_value(sqlite3_context *context, const struct value *value);

#endif
