/* What the statements that are running can reach, by their texts and those of views and triggers. */
#ifndef ONPAGE_OUTER_JOIN_H
#define ONPAGE_OUTER_JOIN_H

#include <stdbool.h>

#include "base/error.h"

struct sqlite3;

/* Whether a statement that is running may join the table, or a view of it, by an outer join. Errs towards yes; fails only when
** memory runs out. */
CHECKED int outer_join_may_run(struct sqlite3 *db, const char *table, bool *may, struct error *error);

#endif
