/*
** What both kinds of virtual tables have in common: they are registered with a descriptor of their own, and tell SQLite their
** columns.
**
** Tests: tests/e2e/test_columns.c.
*/
#ifndef ONPAGE_MODULE_H
#define ONPAGE_MODULE_H

#include <sqlite3ext.h>
#include <stdbool.h>

#include "vtab/session.h"

/* What xCreate and xConnect get as their context. */
struct module {
  struct session *session; /* a reference */
  const void *descriptor;  /* of the table: static */
};

/* A column as SQLite sees it. */
struct module_column {
  const char *name;
  const char *type; /* declared in SQL */
  bool hidden;      /* not in SELECT *; hidden columns are the arguments of the function form */
};

/* Registers a table with the session's connection. 0 or SQLite's error code. */
CHECKED int module_register(struct session *session, const char *table, const sqlite3_module *methods, const void *descriptor);
/* Declares the columns of a table that is being connected; column_at gives the i-th. 0 or SQLite's error code, then with the
** message for SQLite unless memory ran out. */
CHECKED int module_declare(sqlite3 *db, const char *table, const void *descriptor, int column_count,
                           struct module_column (*column_at)(const void *descriptor, int i), char **message);

#endif
