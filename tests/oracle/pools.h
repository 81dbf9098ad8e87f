/*
** The values that random items and queries are made of: few for each field, so that equal ones meet, and each of them a trap for
** some implementation.
*/
#ifndef ORACLE_POOLS_H
#define ORACLE_POOLS_H

#include <stddef.h>

#include "../e2e/harness.h"

/* The last values of a text's pool: too long for a regex, and equal without case. */
enum { LONG_TEXTS = 2 };

/* A value, and its JSON in an item: what SQLite holds is not read from the JSON. */
struct sample {
  struct bound value;
  const char *json;
};

/* How strange the texts of a world are. */
enum strangeness {
  STRANGE_NOT,
  STRANGE_HALVES, /* some contain half a surrogate pair, which differs from the replacement character it is read as */
  STRANGE_ANY,    /* bytes that aren't UTF-8, numbers and objects instead of texts: it is unknown what the API makes of them */
  STRANGENESSES
};

/* The values of field i of dataset_fields. The first is null. */
struct pool {
  const struct sample *samples;
  size_t count[STRANGENESSES]; /* how many, from the first, are at most that strange */
};

/* Texts of which a crawl has thousands, and an item one: plain, and different from each other even if case is ignored. */
enum { NUMBERED_MAX = 600 };

/* Made on first use; never freed. */
const struct pool *pool_of(int field);
/* The n-th of NUMBERED_MAX; NULL for a field that has none. */
const struct sample *pool_numbered(int field, size_t n);
/* A text of 6,000 letters. */
const struct sample *pool_heavy(void);

/* Values of other types and notations than the columns', for the other side of a comparison. */
extern const struct bound pool_traps[];
extern const size_t pool_trap_count;

#endif
