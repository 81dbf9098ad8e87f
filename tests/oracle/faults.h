/* Transient faults at random, for the soak: queries must give the same rows in spite of them. */
#ifndef ORACLE_FAULTS_H
#define ORACLE_FAULTS_H

#include "world.h"

/* Lets time pass faster, so that back-offs don't take the soak's time. */
void faults_begin(void);
/* Has the world's connection try again for as long as it takes, and nothing fail for good. */
void faults_endure(struct world *world);
/* Plants those of the n-th query of a seed: about each third of its requests gets one. */
void faults_plant(const struct world *world, uint64_t seed, uint64_t n);

#endif
