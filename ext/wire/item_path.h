/*
** Finds the items of a response in its bytes while they arrive: the objects that are elements of tasks[0].result[0].items.
**
** It follows brackets, strings and keys and judges nothing: whether the bytes are JSON is for the parser to say, which reads them
** as well. The items themselves are not to be shown to it.
*/
#ifndef ONPAGE_ITEM_PATH_H
#define ONPAGE_ITEM_PATH_H

#include <stdbool.h>
#include <stddef.h>

enum { ITEM_PATH_ARRAYS = 3, ITEM_PATH_KEY_SIZE = 8 };

/* Zeroed, it is at a response's start. */
struct item_path {
  size_t depth;                   /* objects and arrays that are open, */
  size_t on_path;                 /* … the outermost ones of them that lead to the items */
  size_t index[ITEM_PATH_ARRAYS]; /* in each of the arrays on the path: of its present element */
  bool begun;                     /* an array of items has begun; for the reader to reset */
  bool in_string;
  bool escaped;                 /* behind a backslash */
  int digits;                   /* of \uXXXX, yet to come */
  unsigned code;                /* of its digits so far */
  char key[ITEM_PATH_KEY_SIZE]; /* the last string, cut */
  size_t key_size;
};

/* Reads on until an item begins or the bytes end, and says how many it has read. *found: bytes[that number] is an item's brace. */
size_t item_path_next(struct item_path *path, const char *bytes, size_t size, bool *found);
/* Which element of the items' array that item is. */
size_t item_path_index(const struct item_path *path);

#endif
