/*
** Finds the items of a response in its bytes while they arrive: the objects that are elements of tasks[0].result[0].items.
**
** It follows brackets, strings and keys, and checks nothing else: that the bytes are JSON is checked by the parser, which reads
** them as well. Item bytes are not passed to this module.
*/
#ifndef ONPAGE_ITEM_PATH_H
#define ONPAGE_ITEM_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum { ITEM_PATH_ARRAYS = 3, ITEM_PATH_KEY_SIZE = 8 };

/* Zeroed, it is at the start of a response. */
struct item_path {
  size_t depth;                   /* open objects and arrays */
  size_t on_path;                 /* … how many of them, from the outermost, lead to the items */
  size_t index[ITEM_PATH_ARRAYS]; /* of the current element in each array on the path */
  bool begun;                     /* an array of items has begun; the caller resets it */
  bool in_string;
  bool escaped;                 /* after a backslash */
  int digits;                   /* of \uXXXX, still to come */
  unsigned code;                /* … its value so far */
  char key[ITEM_PATH_KEY_SIZE]; /* the last string, cut */
  size_t key_size;
};

/* Reads until an item begins or the bytes end; returns how many bytes it has read. *found: the next byte is an item's brace. */
size_t item_path_next(struct item_path *path, const char *bytes, size_t size, bool *found);
/* The item's index in its array. */
size_t item_path_index(const struct item_path *path);

#endif
