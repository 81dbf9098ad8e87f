/*
** Small tables: read-only virtual tables that are there as soon as the extension is loaded, and can't be created. Each is a
** descriptor, its columns as data and four functions that give its rows; eponymous_table.c is the glue that all of them share.
*/
#ifndef ONPAGE_EPONYMOUS_TABLE_H
#define ONPAGE_EPONYMOUS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/value.h"
#include "vtab/session.h"

struct small_column {
  const char *name;
  const char *type; /* declared in SQL */
  bool hidden;      /* no part of SELECT *; hidden columns are the arguments of the function form */
  bool input;       /* `=` gives the table's input; columns with this flag are names for one and the same */
  const char *description;
};

struct eponymous_table {
  const char *name;
  const struct small_column *columns;
  int column_count;
  /* Begins to read, before the first row. *rows is the reader's state, made by the table. The input is NULL when none is given;
  ** it is to be copied. A table with an input column must have the input as value in all of them. */
  int (*start)(struct session *session, const char *input, void **rows, struct error *error);
  /* Goes to the next row, or the first; *row is false when there is none. *rowid differs from that of every other row of the
  ** table, whatever the input, and is the same in each reading. */
  int (*next)(void *rows, bool *row, int64_t *rowid, struct error *error);
  /* The value of a column of the present row; texts are valid until the next call of next or stop. */
  struct value (*cell)(const void *rows, int column);
  /* Ends the reading and frees rows. */
  void (*stop)(void *rows);
};

extern const struct eponymous_table table_columns;
extern const struct eponymous_table table_requests;
extern const struct eponymous_table table_crawl;
/* All of them, NULL behind the last. They stand in table_columns.c, which is about all tables. */
extern const struct eponymous_table *const small_tables[];

/* Registers the table with the session's connection. 0 or SQLite's error code. */
CHECKED int small_table_register(struct session *session, const struct eponymous_table *table);

/* A cell of a number; NULL where it is negative: unknown. */
struct value small_count(int64_t count);

#endif
