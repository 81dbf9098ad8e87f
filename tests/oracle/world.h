/*
** A world: three crawls with random items, a reading of the API's unknowns, options of the extension, and a connection in which
** every table of links has an ordinary twin with the same rows.
*/
#ifndef ORACLE_WORLD_H
#define ORACLE_WORLD_H

#include "../e2e/dataset.h"
#include "../e2e/harness.h"
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
/* The first is the task. It is compared with nothing but tasks: SQLite carries constants over (l.task_id = o.task AND o.task = 5),
** and a task that doesn't exist is an error of the API. */
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
  bool pushdown;      /* the extension's option, beside others in: */
  char *options;      /* SQL that sets the extension's options, for the report too */
  char *items[TASKS]; /* NDJSON */
  size_t item_count[TASKS];
  char *local;                                  /* SQL that fills the local table */
  struct bound chosen[FIELD_COUNT][CHOSEN_MAX]; /* the values that this world's items are made of */
  size_t chosen_count[FIELD_COUNT];
  bool lengthy; /* texts are too long for what makes `=` of a text exact */
  bool large;   /* thousands of rows: only queries that stay linear */
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

#endif
