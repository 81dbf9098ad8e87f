/*
** See tree.h. Nodes belong to their tree and are never shared between two places of it.
*/
#include "tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory) {
  if (!memory) {
    fprintf(stderr, "oracle: out of memory\n");
    exit(2);
  }
  return memory;
}

void tree_release(struct tree *tree) {
  for (size_t i = 0; i < tree->count; i++) {
    sqlite3_free(tree->all[i]->text[0]);
    sqlite3_free(tree->all[i]->text[1]);
    free(tree->all[i]->child);
    free(tree->all[i]);
  }
  for (size_t i = 0; i < tree->bound_count; i++) free((void *)tree->bounds[i].bytes);
  free(tree->all);
  free(tree->bounds);
  memset(tree, 0, sizeof *tree);
}

static struct node *new_node(struct tree *tree, enum node_kind kind) {
  if (tree->count == tree->capacity) {
    tree->capacity = tree->capacity ? 2 * tree->capacity : 64;
    tree->all = checked(realloc(tree->all, tree->capacity * sizeof(struct node *)));
  }
  struct node *node = checked(calloc(1, sizeof *node));
  node->kind = kind;
  tree->all[tree->count++] = node;
  return node;
}

static void add_child(struct node *node, struct node *child) {
  node->child = checked(realloc(node->child, (node->child_count + 1) * sizeof(struct node *)));
  node->child[node->child_count++] = child;
}

struct node *tree_text(struct tree *tree, const char *format, ...) {
  struct node *node = new_node(tree, NODE_PLAIN);
  va_list arguments;
  va_start(arguments, format);
  node->text[0] = checked(sqlite3_vmprintf(format, arguments));
  va_end(arguments);
  node->is_leaf = true;
  return node;
}

struct node *tree_sides(struct tree *tree, const char *onpage, const char *reference) {
  struct node *node = new_node(tree, NODE_PLAIN);
  node->text[SIDE_ONPAGE] = checked(sqlite3_mprintf("%s", onpage));
  node->text[SIDE_REFERENCE] = checked(sqlite3_mprintf("%s", reference));
  node->is_leaf = true;
  return node;
}

struct node *tree_parameter(struct tree *tree, const struct bound *bound) {
  tree->bounds = checked(realloc(tree->bounds, (tree->bound_count + 1) * sizeof *tree->bounds));
  struct bound *copy = &tree->bounds[tree->bound_count++];
  *copy = *bound;
  if (bound->bytes) {
    if (copy->size < 0) copy->size = (int)strlen(bound->bytes);
    char *bytes = checked(calloc((size_t)copy->size + 1, 1));
    memcpy(bytes, bound->bytes, (size_t)copy->size);
    copy->bytes = bytes;
  }
  return tree_text(tree, "?%d", (int)tree->bound_count);
}

struct node *tree_frame(struct tree *tree, enum node_kind kind, const char *frame, ...) {
  struct node *node = new_node(tree, kind);
  node->text[0] = checked(sqlite3_mprintf("%s", frame));
  va_list children;
  va_start(children, frame);
  for (struct node *child; (child = va_arg(children, struct node *));) add_child(node, child);
  va_end(children);
  return node;
}

void tree_frame_of_reference(struct node *node, const char *frame) {
  node->text[SIDE_REFERENCE] = checked(sqlite3_mprintf("%s", frame));
}

struct node *tree_list(struct tree *tree, const char *separator, size_t minimum) {
  struct node *node = new_node(tree, NODE_LIST);
  node->separator = separator;
  node->minimum = minimum;
  return node;
}

void tree_list_add(struct node *list, struct node *child) {
  add_child(list, child);
}

static void write_node(const struct tree *tree, const struct node *node, enum side side, bool with_limit, sqlite3_str *out) {
  if (node->dropped || (node == tree->limit && !with_limit)) return;
  if (node->instead) {
    write_node(tree, node->instead, side, with_limit, out);
    return;
  }
  if (node->kind == NODE_LIST) {
    bool first = true;
    for (size_t i = 0; i < node->child_count; i++) {
      if (node->child[i]->dropped) continue;
      if (!first) sqlite3_str_appendall(out, node->separator);
      write_node(tree, node->child[i], side, with_limit, out);
      first = false;
    }
    return;
  }
  const char *text = node->text[side] ? node->text[side] : node->text[0];
  if (node->is_leaf) {
    sqlite3_str_appendall(out, text);
    return;
  }
  size_t next = 0;
  for (const char *mark; (mark = strchr(text, '%')); text = mark + 1) {
    sqlite3_str_append(out, text, (int)(mark - text));
    if (next < node->child_count) write_node(tree, node->child[next++], side, with_limit, out);
  }
  sqlite3_str_appendall(out, text);
}

char *tree_sql(const struct tree *tree, enum side side, bool with_limit) {
  sqlite3_str *out = sqlite3_str_new(NULL);
  write_node(tree, tree->root, side, with_limit, out);
  return checked(sqlite3_str_finish(out));
}

bool tree_is_ordered(const struct tree *tree) {
  return tree->order && !tree->order->dropped;
}

bool tree_is_limited(const struct tree *tree) {
  return tree->limit && !tree->limit->dropped;
}
