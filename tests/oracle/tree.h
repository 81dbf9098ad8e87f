/*
** A query as a tree of pieces of SQL, so that one text can be written for either side and parts can be left out while a failing
** query is being reduced.
**
** The sides differ in the names of tables only: onpage_links and the ordinary table with the same rows.
*/
#ifndef ORACLE_TREE_H
#define ORACLE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "../e2e/harness.h"

enum side { SIDE_ONPAGE, SIDE_REFERENCE, SIDE_COUNT };

enum node_kind {
  NODE_PLAIN,
  NODE_CONDITION, /* a truth value: may give way to 1, or to a condition inside it */
  NODE_LIST,      /* children with a separator: all but `minimum` of them may be left out */
  NODE_OPTIONAL   /* may go */
};

struct node {
  enum node_kind kind;
  char *text[SIDE_COUNT]; /* a leaf's text (the second is NULL when both sides have the same), or the frame: % is a child */
  struct node **child;
  size_t child_count;
  const char *separator; /* NODE_LIST; static */
  size_t minimum;
  bool is_leaf;
  bool needed; /* a list never drops it: without it the query is another one */

  /* The state of a reduction. */
  bool dropped;
  struct node *instead;
};

struct tree {
  struct node *root;
  struct node *order; /* ORDER BY over all columns of the result, or NULL; optional */
  struct node *limit; /* LIMIT and OFFSET, or NULL; optional */
  long limit_rows, offset_rows;
  long requests_max; /* to on_page/links that the extension may take; -1: any number */

  struct node **all; /* owned */
  size_t count, capacity;
  struct bound *bounds; /* of parameter ?1, ?2 …; owned with their bytes */
  size_t bound_count;
};

void tree_release(struct tree *tree);

/* Leaves. */
struct node *tree_text(struct tree *tree, const char *format, ...);
struct node *tree_sides(struct tree *tree, const char *onpage, const char *reference);
struct node *tree_parameter(struct tree *tree, const struct bound *bound); /* bytes are copied */
/* A piece with children: each % of the frame is one. The last argument is NULL. */
struct node *tree_frame(struct tree *tree, enum node_kind kind, const char *frame, ...);
/* The frame that the side of the reference has instead. */
void tree_frame_of_reference(struct node *node, const char *frame);
struct node *tree_list(struct tree *tree, const char *separator, size_t minimum);
void tree_list_add(struct node *list, struct node *child);

/* The SQL of a side; to be freed with sqlite3_free. with_limit: false leaves tree->limit out. */
char *tree_sql(const struct tree *tree, enum side side, bool with_limit);
bool tree_is_ordered(const struct tree *tree);
bool tree_is_limited(const struct tree *tree);

#endif
