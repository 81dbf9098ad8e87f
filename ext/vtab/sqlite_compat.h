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
/* Whether SQLite checks IN lists again. Before 3.38 it gives them one value at a time as `=`, and checks again neither NULLs
** nor row values. */
bool sqlite_checks_lists(void);
/*
** Before 3.51, SQLite offers table `a` a constraint from the ON clause of `a LEFT JOIN b` as if it came from WHERE, if only `a`
** occurs in it and its operator is auxiliary (operator_is_auxiliary). It must not restrict `a`, but one from WHERE must, and a
** virtual table can't tell them apart.
*/
bool sqlite_leaks_on_terms(void);

#endif
