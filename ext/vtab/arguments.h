/*
** xFilter's arguments: a plan and its values → a query.
**
** Tests: tests/e2e/test_hostile_values.c.
*/
#ifndef ONPAGE_ARGUMENTS_H
#define ONPAGE_ARGUMENTS_H

#include "base/error.h"
#include "plan/plan.h"
#include "plan/query.h"
#include "vtab/table.h"

/* Makes the query of a plan and its values, in the order of the plan. *impossible: the values for an input are such that no row can
** have them. The caller releases the query in any case. */
CHECKED int arguments_query(const struct table *table, const struct plan *plan, sqlite3_value **values, struct query *query,
                            bool *impossible, struct error *error);
/* Drops the terms that may not mean what they say: those that may not restrict the table at all (sqlite_leaks_on_terms), and LIKE
** and GLOB if the application has replaced them. Fails for one that only the API can evaluate. */
CHECKED int arguments_drop_doubtful(struct table *table, const struct plan *plan, struct query *query, struct error *error);

#endif
