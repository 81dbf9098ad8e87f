/*
** Random queries over a world's tables, as trees.
**
** What SQL leaves open is kept out of them: the order of rows without ORDER BY over all columns, the representative of values
** that are equal but look different (NOCASE, 5 and 5.0) in DISTINCT and GROUP BY, bare columns beside aggregates.
*/
#ifndef ORACLE_GENERATE_H
#define ORACLE_GENERATE_H

#include "random.h"
#include "tree.h"
#include "world.h"

/* A table in scope. */
struct source {
  char alias[16];
  bool is_links;
};

enum { SOURCES_MAX = 8, DEPTH_MAX = 3 };

struct generator {
  struct random random;
  const struct world *world;
  struct tree *tree;
  struct source sources[SOURCES_MAX]; /* in scope, outer ones first */
  size_t source_count;
  size_t visible; /* the first source that a condition may name */
  int aliases;    /* given so far */
  int nested;     /* sub-queries around */
  /* Nothing that makes SQLite lose the task of an OR's branch or of an ON: what it folds to false, and COLLATE, for which newer
  ** releases don't take an OR apart. */
  bool task_at_risk;
  bool no_or; /* a task by sub-query: from 3.47 SQLite plans the branches of an OR with it, and then runs them without */
};

/* What the generators are written in: choices, and nodes of constant text. */
static inline size_t below(struct generator *generator, size_t n) {
  return random_below(&generator->random, n);
}
static inline bool chance(struct generator *generator, unsigned percent) {
  return random_chance(&generator->random, percent);
}
static inline struct node *text(struct generator *generator, const char *constant) {
  return tree_text(generator->tree, "%s", constant);
}
#define PICK(generator, array) (array)[below(generator, LENGTH(array))]

/* The n-th query of a seed. */
void generate_query(struct tree *tree, const struct world *world, uint64_t seed, uint64_t n);

/* values.c: one side of a comparison. */
struct bound random_value(struct generator *generator, int field);               /* field -1: of any */
struct node *value_node(struct generator *generator, const struct bound *value); /* literal, parameter, or something around */
struct node *literal_or_parameter(struct generator *generator, const struct bound *value);
struct node *pattern_node(struct generator *generator, const struct bound *text, bool glob);

/* condition.c */
struct node *random_condition(struct generator *generator, int depth);
/* A column of one of the tables of links in scope: of the field, or of any if that is -1. NULL if there is none. */
struct node *links_column(struct generator *generator, int *field);
/* A column of a source in scope, "l1.link_to"; *field is its index in dataset_fields, -1 for a local one. */
struct node *random_column(struct generator *generator, int *field);

/* cell.c: a column of links and a plain value, for a cell of the push-down matrix. compare: by = <> < > IS, which is what a
** scan can check by itself. */
struct node *cell_condition(struct generator *generator, bool compare);
/* Whether the API filters by the column in this world; if not, it can't evaluate regex(). */
bool is_filterable(const struct generator *generator, const char *name);

/* select.c: adds ORDER BY and LIMIT to a query of `columns` columns. */
struct node *ending(struct generator *generator, struct node *query, size_t columns);

/* … and LIMIT and OFFSET alone, as numbers or parameters. */
struct node *limited(struct generator *generator, struct node *query, long rows, long offset);

/* single.c: a query of one crawl in a world of joins, with tree->requests_max set. */
struct node *measured_single(struct generator *generator);

/* rowid.c */
struct node *rowid_query(struct generator *generator);

/* join.c: a query of a world of joins, with tree->requests_max set. */
struct node *measured_join(struct generator *generator);

/* source.c: tables of links. */
enum task_place {
  TASK_IN_WHERE, /* the table may come without its task: *term then names it, for the WHERE or ON */
  TASK_IN_CALL,  /* the table has its task by itself: its ordinary twin is the task's own */
  TASK_IN_TABLE  /* the table must be bound: it is scanned without the terms around it */
};
/* "onpage_links AS l1" in one of its forms, added to the scope. *term is NULL where the form needs none. */
struct node *links_source(struct generator *generator, enum task_place place, struct node **term);
struct node *local_source(struct generator *generator);
/* One task's, in a form that asks for nothing else. */
struct node *crawl_source(struct generator *generator, enum task_place place, size_t task, struct node **term);
/* "l1.task_id = '…'" in one of its forms; from_scope: may take it from another table in scope. */
struct node *task_term(struct generator *generator, const char *alias, bool from_scope);
/* "FROM … WHERE …" of one table of links for a sub-query, with conditions that may name outer tables. */
struct node *links_from_where(struct generator *generator, int depth);

#endif
