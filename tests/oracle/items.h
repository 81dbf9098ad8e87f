/* The items of a crawl, twice: as the stand-in API sends them, and as the rows that an ordinary table has for them. Both are
** made of samples; nothing here reads JSON. */
#ifndef ORACLE_ITEMS_H
#define ORACLE_ITEMS_H

#include <sqlite3.h>

#include "../e2e/dataset.h"
#include "pools.h"
#include "random.h"

struct world;

struct items {
  const struct sample *(*rows)[FIELD_COUNT]; /* owned; a NULL in it: the item lacks the field */
  size_t count;
  char *json; /* NDJSON, owned */
};

/* `count` random items of what the world has chosen, about a third of them equal to an earlier one. */
void items_make(struct items *items, const struct world *world, struct random *random, size_t count);
void items_release(struct items *items);
/* Inserts the rows into a table of dataset_create_table's columns. Code of SQLite. */
int items_insert(const struct items *items, sqlite3 *db, const char *table, const char *task_id);

#endif
