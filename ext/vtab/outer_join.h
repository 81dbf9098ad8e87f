/*
** Whether running statements have outer joins, judged by the SQL of statements, views and triggers.
**
** Tests: tests/e2e/test_planner.c.
*/
#ifndef ONPAGE_OUTER_JOIN_H
#define ONPAGE_OUTER_JOIN_H

#include <stdbool.h>

#include "base/error.h"

struct sqlite3;

/* *may: a statement that is running may join the table, or a view of it, by an outer join. When in doubt, true; fails only when
** memory runs out. */
CHECKED int outer_join_may_run(struct sqlite3 *db, const char *table, bool *may, struct error *error);

#endif
