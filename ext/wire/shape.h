/*
** The shapes of items: the text of an item without its values. Items of a page have few shapes, so each is stored once, and an item
** is its shape's number and its values.
**
**   item     {"type":"link","dofollow":true}
**   shape    {"type":      ,"dofollow":    }
**
** A shape is the path from the root of a tree to a leaf. Each node is a piece of text that leads to a value, and a leaf is the one
** that ends the item; shapes that begin in the same way share nodes.
**
** Tests: tests/unit/wire/test_packed.c.
*/
#ifndef ONPAGE_SHAPE_H
#define ONPAGE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "base/buffer.h"

enum {
  SHAPE_ROOT = 0,      /* also: no node */
  SHAPE_SLOTS_MAX = 64 /* members of an item that has a shape */
};

struct shape_node {
  uint32_t piece; /* offset in pieces */
  uint16_t piece_size;
  uint16_t parent;
  uint16_t child;   /* the first */
  uint16_t sibling; /* the next child of the same parent */
  uint8_t depth;    /* nodes above it, without the root */
  uint8_t children; /* how many */
  int16_t column;   /* that has the member's name, a COLUMN_FIELD; -1: none */
  bool is_leaf;
};

struct shapes {
  const struct endpoint *endpoint;
  struct shape_node *nodes;
  size_t count;
  size_t capacity;
  struct buffer pieces;
};

/* -1 when memory ran out. */
int shapes_init(struct shapes *shapes, const struct endpoint *endpoint);
void shapes_release(struct shapes *shapes);
/* Frees memory that was allocated for more nodes. */
void shapes_fit(struct shapes *shapes);
/* Bytes of memory. */
size_t shapes_size(const struct shapes *shapes);
/* Reads from *at, at most to end, up to the next value or to the end of the item, and moves *at there. from is the node of the last
** value. Returns the node; SHAPE_ROOT when the text isn't complete, has no shape (a key with an escape, a column's key twice, too
** many shapes), or memory ran out. */
unsigned shapes_step(struct shapes *shapes, unsigned from, const char **at, const char *end);
/* The nodes on the path to a leaf, which is the last; returns how many. */
size_t shapes_path(const struct shapes *shapes, unsigned leaf, uint16_t path[SHAPE_SLOTS_MAX + 1]);

#endif
