/*
** Reduction: each part of the tree is left out in turn, and stays out if the sides still differ. Each attempt starts from a
** fresh connection, so that none depends on what the extension learnt from the one before.
*/
#include <time.h>

#include "compare.h"

enum { ATTEMPTS_MAX = 1500, SECONDS_MAX = 60 };

struct reduction {
  struct world *world;
  struct tree *tree;
  struct cost cost; /* the difference is an error, or dear: that, and not any other, is to stay */
  int attempts;
  time_t start;
  bool progress;
};

static bool is_tired(const struct reduction *reduction) {
  return reduction->attempts > ATTEMPTS_MAX || time(NULL) - reduction->start > SECONDS_MAX;
}

static bool still_differs(struct reduction *reduction) {
  reduction->attempts++;
  struct cost cost;
  world_connect(reduction->world);
  return compare(reduction->world, reduction->tree, &cost) == VERDICT_DIFFERENT && cost.error == reduction->cost.error &&
         cost.dear == reduction->cost.dear;
}

static size_t present(const struct node *list) {
  size_t count = 0;
  for (size_t i = 0; i < list->child_count; i++) count += !list->child[i]->dropped;
  return count;
}

static void drop(struct reduction *reduction, struct node *node) {
  node->dropped = true;
  if (still_differs(reduction))
    reduction->progress = true;
  else
    node->dropped = false;
}

static bool give_way(struct reduction *reduction, struct node *node, struct node *instead) {
  node->instead = instead;
  if (still_differs(reduction)) return reduction->progress = true;
  node->instead = NULL;
  return false;
}

/* Tries the conditions below the node in the place of it. */
static bool give_way_to_inner(struct reduction *reduction, struct node *node, struct node *below) {
  for (size_t i = 0; i < below->child_count; i++) {
    struct node *child = below->child[i];
    if (child->dropped) continue;
    if (child->kind == NODE_CONDITION && give_way(reduction, node, child)) return true;
    if (give_way_to_inner(reduction, node, child)) return true;
  }
  return false;
}

static void visit(struct reduction *reduction, struct node *node) {
  if (node->dropped || is_tired(reduction)) return;
  if (node->instead) {
    visit(reduction, node->instead);
    return;
  }
  if (node->kind == NODE_OPTIONAL) drop(reduction, node);
  if (node->dropped) return;
  if (node->kind == NODE_CONDITION && node->child_count > 0) {
    if (give_way(reduction, node, tree_text(reduction->tree, "1"))) return;
    if (give_way_to_inner(reduction, node, node)) return;
  }
  if (node->kind == NODE_LIST)
    for (size_t i = 0; i < node->child_count; i++)
      if (!node->child[i]->dropped && !node->child[i]->needed && present(node) > node->minimum) drop(reduction, node->child[i]);
  for (size_t i = 0; i < node->child_count; i++) visit(reduction, node->child[i]);
}

void reduce(struct world *world, struct tree *tree) {
  struct reduction reduction = {.world = world, .tree = tree, .start = time(NULL)};
  world_connect(world);
  if (compare(world, tree, &reduction.cost) != VERDICT_DIFFERENT)
    return; /* it needed what the connection had learnt, and that is gone */
  do {
    reduction.progress = false;
    visit(&reduction, tree->root);
  } while (reduction.progress && !is_tired(&reduction));
}
