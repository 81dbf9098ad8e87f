/*
** What depends on the version of SQLite that the extension runs in, whatever it was compiled against.
**
** Tests: tests/e2e/test_planner.c.
*/
#ifndef ONPAGE_SQLITE_COMPAT_H
#define ONPAGE_SQLITE_COMPAT_H

#include <stdbool.h>

/* From 3.38: IN as one list, LIMIT and OFFSET, values known while planning. */
bool sqlite_offers_lists(void);
/* Whether SQLite checks IN lists again. Before 3.38 it gives them one value at a time as `=`, and its check lets NULLs pass, and
** row values altogether. */
bool sqlite_checks_lists(void);
/*
** Before 3.51, a constraint in the ON of `a LEFT JOIN b` that is about a alone is offered for a as if it were in WHERE, if its
** operator is auxiliary (operator_is_auxiliary). It must not restrict a; and a virtual table can't tell it from one in WHERE, which
** must.
*/
bool sqlite_leaks_on_terms(void);

#endif
