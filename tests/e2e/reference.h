/*
** A crawl with troublesome items beside an ordinary table with the same rows: what the tests of push-down compare.
*/
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stddef.h>

#include "harness.h"

/* Set-up: the items of both files as TASK at the stand-in, and in the table reference of the connection. */
int reference_set_up(void **state);
#define reference_test(function) cmocka_unit_test_setup_teardown(function, reference_set_up, harness_tear_down)

/* On the connection db, the rows of TASK under this WHERE are the reference's. */
void check_same(struct harness *harness, sqlite3 *db, const char *where);

/* A WHERE and the conditions it sends, as check_conditions has them; NULL: not part of the contract. */
struct reference_cell {
  const char *where;
  const char *conditions;
};
/* Each gives the reference's rows, and its first request has those conditions. */
void check_cells(struct harness *harness, const struct reference_cell *cells, size_t count);

#endif
