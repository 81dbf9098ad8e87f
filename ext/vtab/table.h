/*
** A connected table over an endpoint: vtab.c makes it, best_index.c plans over it, arguments.c fills its queries.
**
** Tests: tests/e2e/test_naming_a_crawl.c.
*/
#ifndef ONPAGE_TABLE_H
#define ONPAGE_TABLE_H

#include <sqlite3ext.h>

#include "api/endpoint.h"
#include "scan/inner_sides.h"
#include "vtab/session.h"

/* Base class, must be first. */
struct table {
  sqlite3_vtab base;
  struct session *session; /* a reference */
  const struct endpoint *endpoint;
  char *name;                /* in SQL */
  char *inputs[INPUT_COUNT]; /* given in CREATE VIRTUAL TABLE; NULL: not given */
  struct inner_sides *inner_sides;
  int cursors; /* that are open */
  bool ranged; /* a text column had a >= when best_index was last called: see find_replacement */
};

#endif
