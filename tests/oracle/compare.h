/* A query run over both sides, and the report when they differ. */
#ifndef ORACLE_COMPARE_H
#define ORACLE_COMPARE_H

#include "tree.h"
#include "world.h"

enum verdict {
  VERDICT_SAME,
  VERDICT_FAILED_BOTH, /* both sides gave an error */
  VERDICT_REFUSED,     /* SQLite passed no task, and onpage reported it */
  VERDICT_DIFFERENT
};

/* What one run cost; requests are those to on_page/links. */
struct cost {
  size_t requests;
  size_t accepted; /* of them, not refused */
  bool pushed;     /* some body had filters or a page */
  bool error;      /* the side of onpage gave an error */
  bool dear;       /* it took more requests than it may */
};

enum verdict compare(struct world *world, const struct tree *tree, struct cost *cost);
/* Runs the query again and writes everything that helps to understand the difference. What the connection learnt by the first run
** is in force, which may hide it. */
void compare_report(struct world *world, const struct tree *tree);
/* Leaves out of the tree whatever the difference does not need. */
void reduce(struct world *world, struct tree *tree);

#endif
