/* Numbers from a seed: the same ones on every machine, so that a seed reproduces a failure. */
#ifndef ORACLE_RANDOM_H
#define ORACLE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
  uint64_t state;
};

/* A generator of its own for the n-th thing of a kind. */
struct random random_of(uint64_t seed, uint64_t kind, uint64_t n);
uint64_t random_next(struct random *random);
/* From 0 to n - 1; n is not 0. */
size_t random_below(struct random *random, size_t n);
bool random_chance(struct random *random, unsigned percent);

#endif
