/*
** Errors and values as SQLite takes them from a virtual table.
**
** Tests: tests/e2e/test_columns.c.
*/
#ifndef ONPAGE_RESULT_H
#define ONPAGE_RESULT_H

#include <sqlite3ext.h>

#include "base/error.h"
#include "base/value.h"

/* Gives the error to the table; returns SQLite's code for it. */
int result_error(sqlite3_vtab *vtab, const struct error *error);
/* Gives a column's value, of which SQLite makes a copy. Texts have a zero after them. */
void result_value(sqlite3_context *context, const struct value *value);

#endif
