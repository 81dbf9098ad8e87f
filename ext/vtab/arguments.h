/* xFilter's arguments: a plan and its values → a query. */
#ifndef ONPAGE_ARGUMENTS_H
#define ONPAGE_ARGUMENTS_H

#include "base/error.h"
#include "plan/plan.h"
#include "plan/query.h"
#include "vtab/table.h"

/* Makes the query of a plan and its values, in the order of the plan. *impossible: an input can't be what is asked for, so there
** are no rows. The query is to be released in any case. */
CHECKED int arguments_query(const struct table *table, const struct plan *plan, sqlite3_value **values, struct query *query,
                            bool *impossible, struct error *error);
/* Drops the terms that may not mean what they say: may not restrict the table at all, or have a meaning of the application's
** (host.h). Fails for one that only the API can evaluate. */
CHECKED int arguments_drop_doubtful(struct table *table, const struct plan *plan, struct query *query, struct error *error);

#endif
