/*
** A world: three crawls with random items, a reading of the API's unknowns, options of the extension, and a connection in which
** every table of links has an ordinary twin with the same rows.
*/
#ifndef ORACLE_WORLD_H
#define ORACLE_WORLD_H

#include "../e2e/dataset.h"
#include "../e2e/harness.h"
#include "items.h"
#include "pools.h"
#include "random.h"

enum { TASKS = 3, LOCAL_COLUMNS = 7, CHOSEN_MAX = 8 };

extern const char *const world_tasks[TASKS];
extern const char *const world_task_names[TASKS]; /* a, b, c: bound_a, reference_a … */

/* The columns of the local table `local`, beside id: each of another affinity or collation. */
struct local_column {
  const char *name, *declaration;
  bool fixed_form; /* equal values are equal to the byte: may stand in DISTINCT, GROUP BY and ORDER BY */
};
extern const struct local_column local_columns[LOCAL_COLUMNS];
/* Which field holds what such a column holds: what joins compare. */
struct local_partner {
  const char *column, *field;
};
extern const struct local_partner local_partners[];
extern const size_t local_partner_count;
enum { LOCAL_PLAIN = 2 }; /* the first of them: of a column and a field of text, with values that any API takes */
/* The first column is the task. It is compared with nothing but tasks: SQLite carries constants over (l.task_id = o.task AND
** o.task = 5), and a task that doesn't exist is an error of the API. */
enum { LOCAL_TASK = 0 };

/* What the tables of links are compared with. */
enum opponent {
  OPPONENT_ONPAGE,
  OPPONENT_COPY,   /* another ordinary table: proves that the generator's SQL is valid */
  OPPONENT_SPOILED /* … with one row changed: proves that a difference is seen */
};

struct world {
  enum opponent opponent;
  struct standin *standin;
  struct standin_readings readings;
  sqlite3 *db;
  bool pushdown, counts; /* the extension's options, and */
  long page_size;        /* another, beside more in: */
  char *options;         /* SQL that sets the extension's options, for the report too */
  struct items items[TASKS];
  char *local; /* SQL that fills the local table */
  size_t local_count;
  struct sample chosen[FIELD_COUNT][CHOSEN_MAX]; /* the values that this world's items are made of */
  size_t chosen_count[FIELD_COUNT];
  enum strangeness strangeness;
  bool lengthy; /* texts are too long for what makes `=` of a text exact */
  bool large;   /* thousands of rows */
  /* Made for joins whose requests are counted: crawls of many pages, a local table of any size, with statistics or without. How
  ** many values the numbered fields have beside the chosen ones; 0: a world of another kind. */
  size_t spread;
  bool linear; /* large, or made for joins: no other query may read the rows of one table times those of another */
  bool heavy;  /* each item is so long that a crawl is larger than a cache of 1 MB */
};

/* Makes the n-th world of a seed and sets the stand-in up for it. */
void world_make(struct world *world, struct standin *standin, enum opponent opponent, uint64_t seed, uint64_t n);
/* Opens the connection anew: what the extension had learnt is gone. */
void world_connect(struct world *world);
void world_release(struct world *world);
/* The readings and options, one line; to be freed with sqlite3_free. */
char *world_describe(const struct world *world);
/* Writes a value as SQL; false if it has no literal (a text with a zero in it). */
bool world_literal(const struct bound *value, sqlite3_str *out);

/* local.c: SQL that makes the local table with that many rows. The caller frees it with sqlite3_free. */
char *local_make(const struct world *world, struct random *random, size_t count);

#endif
