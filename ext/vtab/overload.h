/*
** The two-argument functions that reach the API when their first argument is a column of the table: not_like, regex, not_regex,
** has. SQLite offers them to the planner as constraints of their own.
**
** Tests: tests/e2e/test_pushdown.c.
*/
#ifndef ONPAGE_OVERLOAD_H
#define ONPAGE_OVERLOAD_H

#include "base/error.h"
#include "plan/pushdown.h"

struct sqlite3;
struct sqlite3_context;
struct sqlite3_value;

typedef void overload_function(struct sqlite3_context *context, int count, struct sqlite3_value **arguments);

/* The function's operator and its implementation; false for names that are not overloaded. */
bool overload_find(const char *name, int arguments, enum sql_operator *op, overload_function **function);
/* Makes the names known to the connection, so that SQL with them can be compiled. 0 or SQLite's error code. */
CHECKED int overload_register(struct sqlite3 *db);

#endif
