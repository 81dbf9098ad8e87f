/*
** All tables of the extension: what is registered, and what onpage_columns lists. A new table is a descriptor, and a line in
** tables.c.
**
** Tests: tests/e2e/test_loading.c.
*/
#ifndef ONPAGE_TABLES_H
#define ONPAGE_TABLES_H

#include <stddef.h>

#include "api/endpoint.h"
#include "vtab/eponymous_table.h"

/* One of the two kinds; the other pointer is NULL. */
struct table_entry {
  const struct endpoint *endpoint;
  const struct eponymous_table *eponymous;
};

extern const struct table_entry tables[];
extern const size_t table_count;

/* Registers all tables with the session's connection. 0 or SQLite's error code. */
CHECKED int tables_register(struct session *session);

#endif
