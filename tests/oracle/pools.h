/*
** The values that random items and queries are made of: few for each field, so that equal ones meet, and each of them a trap for
** somebody.
*/
#ifndef ORACLE_POOLS_H
#define ORACLE_POOLS_H

#include <stddef.h>

#include "../e2e/harness.h"

/* The last values of a text's pool: too long for a regex, and equal without case. */
enum { LONG_TEXTS = 2 };

/* Field i of dataset_fields: the values as JSON and as SQL, in step. The first is null. */
struct pool {
  const struct bound *values;
  const char *const *json;
  size_t count;
};

/* Made on first use; never freed. */
const struct pool *pool_of(int field);

/* Values of other types and notations than the columns', for the other side of a comparison. */
extern const struct bound pool_traps[];
extern const size_t pool_trap_count;

#endif
