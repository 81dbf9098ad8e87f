/* xBestIndex: SQLite's constraints → offers → the planner's plan → what SQLite is told of it. */
#ifndef ONPAGE_BEST_INDEX_H
#define ONPAGE_BEST_INDEX_H

#include "plan/pushdown.h"
#include "vtab/table.h"

int best_index(sqlite3_vtab *vtab, sqlite3_index_info *info);
/* The number under which an overloaded function is offered as a constraint. */
int best_index_function(enum sql_operator op);

#endif
