/*
** Eponymous tables: read-only virtual tables that exist as soon as the extension is loaded, and can't be created. Each is a
** descriptor, with its columns as data and four functions that give its rows; eponymous_table.c has SQLite's methods for all.
**
** Tests: tests/e2e/test_eponymous_tables.c.
*/
#ifndef ONPAGE_EPONYMOUS_TABLE_H
#define ONPAGE_EPONYMOUS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/value.h"
#include "vtab/session.h"

struct eponymous_column {
  const char *name;
  const char *type; /* declared in SQL */
  bool hidden;      /* not in SELECT *; hidden columns are the arguments of the function form */
  bool input;       /* `=` gives the table's input; columns with this flag are aliases of the one input */
  const char *description;
};

struct eponymous_table {
  const char *name;
  const struct eponymous_column *columns;
  int column_count;
  /* Starts to read, before the first row; *cursor is then the table's own state. The input, which must be copied, is NULL when none
  ** is given. In a table with an input, all columns with that flag have its value in each row. */
  CHECKED int (*start)(struct session *session, const char *input, void **cursor, struct error *error);
  /* Goes to the next row, or the first; *row is false when there is none. *rowid differs from that of every other row of the
  ** table, whatever the input, and is the same in each reading. */
  CHECKED int (*next)(void *cursor, bool *row, int64_t *rowid, struct error *error);
  /* The value of a column of the present row; texts are valid until the next call of next or stop. */
  struct value (*cell)(const void *cursor, int column);
  /* Ends the reading and frees the cursor. */
  void (*stop)(void *cursor);
};

extern const struct eponymous_table table_columns;
extern const struct eponymous_table table_requests;
extern const struct eponymous_table table_crawl;

/* Registers the table with the session's connection. 0 or SQLite's error code. */
CHECKED int eponymous_table_register(struct session *session, const struct eponymous_table *table);

/* A cell with a number; NULL where it is negative: unknown. */
struct value eponymous_count(int64_t count);

#endif
