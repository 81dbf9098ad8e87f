/*
** Rows in a temporary database: of SQLite's own kind, so that it stays in memory while it is small, goes to a file of its own when
** it isn't, and is gone when it is closed. It is a connection by itself: the host's transactions, schema and authorizer don't see
** it.
*/
#ifndef ONPAGE_SPILL_H
#define ONPAGE_SPILL_H

#include "scan/row_index.h"

extern const struct spill_methods spill_to_sqlite;

#endif
