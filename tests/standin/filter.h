/*
** The filters of a request: the grammar of nested arrays, checked strictly.
**
**   filters   := condition | list
**   condition := [ "field", "operator", value ]
**   list      := [ filters ] | [ filters, join, filters, join, filters ... ]      one join throughout a list
**   join      := "and" | "or"
**
** A list that mixes the joins is rejected, since the documents don't say how it would be grouped.
*/
#ifndef STANDIN_FILTER_H
#define STANDIN_FILTER_H

#include <stddef.h>

#include "condition.h"

enum { STANDIN_CONDITIONS = 8, STANDIN_PARAMETERS = 4 };

enum standin_join { STANDIN_LEAF, STANDIN_AND, STANDIN_OR };

/* A node of the tree; a leaf holds the number of a condition. */
struct standin_node {
  enum standin_join join;
  size_t condition;
  const struct standin_node *first; /* part of a join */
  const struct standin_node *next;  /* part of the same join */
};

/* Items must satisfy the tree (none: all do) and each of the parameters. All zero keeps every item. */
struct standin_filter {
  struct standin_condition *conditions[STANDIN_CONDITIONS + STANDIN_PARAMETERS];
  size_t count;      /* conditions in use: those of the tree, then the parameters */
  size_t tree_count; /* conditions of the tree */
  struct standin_node nodes[2 * STANDIN_CONDITIONS];
  size_t node_count;
  const struct standin_node *tree;
};

/* What the filters of an endpoint may be. */
struct standin_grammar {
  const struct standin_schema *schema;
  size_t conditions; /* most */
  const struct standin_readings *readings;
};

/* Reads filters into an all-zero filter, which must not move afterwards. -1 when the API would reject them. */
int standin_filter_read(struct standin_filter *filter, struct json_object *filters, const struct standin_grammar *grammar);
/* Adds a parameter of the request and takes it over. Call it after standin_filter_read. */
void standin_filter_require(struct standin_filter *filter, struct standin_condition *condition);
void standin_filter_release(struct standin_filter *filter);

#endif
