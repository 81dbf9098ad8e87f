/*
** xBestIndex: SQLite's constraints → offers → the planner's plan → what SQLite is told of it.
**
** Tests: tests/e2e/test_planner.c.
*/
#ifndef ONPAGE_BEST_INDEX_H
#define ONPAGE_BEST_INDEX_H

#include "plan/pushdown.h"
#include "vtab/table.h"

/* SQLite calls it while it prepares a statement, once for each order of tables and each set of terms that it considers. */
int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info);
/* The number under which xFindFunction has SQLite offer an overloaded function as a constraint. */
int best_index_function(enum sql_operator op);

#endif
