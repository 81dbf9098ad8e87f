/*
** Rows in a temporary database of SQLite: in memory while it is small, beyond that in a file, which is gone when the database is
** closed. It is a connection of its own, so the host's transactions, schema and authorizer don't see it.
**
** Tests: tests/e2e/test_joins.c.
*/
#ifndef ONPAGE_SPILL_H
#define ONPAGE_SPILL_H

#include "scan/row_index.h"

extern const struct spill_methods spill_to_sqlite;

#endif
