/* Nodes are few, but each is compared with for every item: the children of a node are tried in the order in which they came. */
#include "wire/shape.h"

#include <stdlib.h>
#include <string.h>

/* A response with more of these isn't the API's: its items are kept in another form (packed.c), which bounds the search. */
enum { NODES_MAX = 1000, CHILDREN_MAX = 24, PIECE_MAX = 200 };

int shapes_init(struct shapes *shapes, const struct endpoint *endpoint) {
  *shapes = (struct shapes){.endpoint = endpoint, .nodes = calloc(1, sizeof *shapes->nodes), .count = 1, .capacity = 1};
  return shapes->nodes != NULL ? 0 : -1;
}

void shapes_release(struct shapes *shapes) {
  free(shapes->nodes);
  buffer_release(&shapes->pieces);
}

void shapes_fit(struct shapes *shapes) {
  buffer_fit(&shapes->pieces);
  struct shape_node *nodes = realloc(shapes->nodes, shapes->count * sizeof *nodes);
  if (nodes == NULL) return;
  shapes->nodes = nodes;
  shapes->capacity = shapes->count;
}

size_t shapes_size(const struct shapes *shapes) {
  return shapes->capacity * sizeof *shapes->nodes + shapes->pieces.capacity;
}

static const char *skip_space(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
  return at;
}

/* The column of that name; -1: none. */
static int column_of(const struct endpoint *endpoint, const char *name, size_t size) {
  for (int i = 0; i < endpoint->column_count; i++) {
    const struct column *column = &endpoint->columns[i];
    if (column->role == COLUMN_FIELD && strlen(column->name) == size && memcmp(column->name, name, size) == 0) return i;
  }
  return -1;
}

/* Whether the column belongs to a node on the path to this one. */
static bool is_on_path(const struct shapes *shapes, unsigned node, int column) {
  for (; node != SHAPE_ROOT; node = shapes->nodes[node].parent)
    if (shapes->nodes[node].column == column) return true;
  return false;
}

/* Reads a key, its colon and white space around them; NULL if they aren't complete or have something unusual. */
static const char *pass_key(const char *at, const char *end, const char **name, size_t *size) {
  if (at == end || *at != '"') return NULL;
  *name = ++at;
  while (at < end && (unsigned char)*at >= ' ' && *at != '"' && *at != '\\') at++;
  *size = (size_t)(at - *name);
  if (at == end || *at != '"') return NULL;
  at = skip_space(at + 1, end);
  if (at == end || *at != ':') return NULL;
  at = skip_space(at + 1, end);
  return at < end ? at : NULL;
}

/* Makes a node of the text between at and to. */
static unsigned add_node(struct shapes *shapes, unsigned parent, const char *at, const char *to, int column, bool is_leaf) {
  size_t size = (size_t)(to - at);
  const struct shape_node *above = &shapes->nodes[parent];
  if (size > PIECE_MAX || shapes->count == NODES_MAX || above->children == CHILDREN_MAX) return SHAPE_ROOT;
  if (above->depth == SHAPE_SLOTS_MAX && !is_leaf) return SHAPE_ROOT;
  if (shapes->count == shapes->capacity) {
    size_t capacity = shapes->capacity < 16 ? 16 : shapes->capacity * 2;
    struct shape_node *grown = realloc(shapes->nodes, capacity * sizeof *grown);
    if (grown == NULL) return SHAPE_ROOT;
    shapes->nodes = grown;
    shapes->capacity = capacity;
  }
  char *piece = buffer_extend(&shapes->pieces, size);
  if (piece == NULL) {
    shapes->pieces.failed = false; /* what it has is whole */
    return SHAPE_ROOT;
  }
  memcpy(piece, at, size);
  unsigned node = (unsigned)shapes->count++;
  shapes->nodes[node] = (struct shape_node){.piece = (uint32_t)(shapes->pieces.size - size),
                                            .piece_size = (uint16_t)size,
                                            .parent = (uint16_t)parent,
                                            .depth = (uint8_t)(shapes->nodes[parent].depth + 1),
                                            .column = (int16_t)column,
                                            .is_leaf = is_leaf};
  uint16_t *link = &shapes->nodes[parent].child;
  while (*link != SHAPE_ROOT) link = &shapes->nodes[*link].sibling;
  *link = (uint16_t)node;
  shapes->nodes[parent].children++;
  return node;
}

/* Makes the node that the text needs. */
static unsigned learn(struct shapes *shapes, unsigned parent, const char **at, const char *end) {
  const char *start = *at;
  const char *name = NULL;
  size_t size = 0;
  const char *to = skip_space(start, end);
  bool first = parent == SHAPE_ROOT;
  if (to < end && *to == (first ? '{' : ','))
    to = skip_space(to + 1, end);
  else if (first || to == end || *to != '}')
    return SHAPE_ROOT;
  bool is_leaf = to < end && *to == '}' && (first || *skip_space(start, end) == '}');
  to = is_leaf ? to + 1 : pass_key(to, end, &name, &size);
  if (to == NULL) return SHAPE_ROOT;
  int column = is_leaf ? -1 : column_of(shapes->endpoint, name, size);
  if (column >= 0 && is_on_path(shapes, parent, column)) return SHAPE_ROOT;
  unsigned node = add_node(shapes, parent, start, to, column, is_leaf);
  if (node != SHAPE_ROOT) *at = to;
  return node;
}

unsigned shapes_step(struct shapes *shapes, unsigned from, const char **at, const char *end) {
  size_t left = (size_t)(end - *at);
  for (unsigned node = shapes->nodes[from].child; node != SHAPE_ROOT; node = shapes->nodes[node].sibling) {
    const struct shape_node *child = &shapes->nodes[node];
    if (child->piece_size > left || memcmp(*at, shapes->pieces.data + child->piece, child->piece_size) != 0) continue;
    *at += child->piece_size;
    return node;
  }
  return learn(shapes, from, at, end);
}

size_t shapes_path(const struct shapes *shapes, unsigned leaf, uint16_t path[SHAPE_SLOTS_MAX + 1]) {
  size_t count = shapes->nodes[leaf].depth;
  for (size_t i = count; i > 0; i--) {
    path[i - 1] = (uint16_t)leaf;
    leaf = shapes->nodes[leaf].parent;
  }
  return count;
}
