/* How often each item has been seen, by its hash: equal items are told apart by the number of their occurrence. */
#ifndef ONPAGE_OCCURRENCES_H
#define ONPAGE_OCCURRENCES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct occurrences;

struct occurrences *occurrences_new(void);              /* NULL when memory ran out */
void occurrences_free(struct occurrences *occurrences); /* also for NULL */
/* Adds 1 to the count; *before, unless NULL, is the count before that. -1 when memory ran out. */
CHECKED int occurrences_add(struct occurrences *occurrences, uint64_t hash, uint64_t *before);
/* Whether it was ever added. */
bool occurrences_has(const struct occurrences *occurrences, uint64_t hash);
/* Subtracts 1 from the count; false if it is 0. */
bool occurrences_remove(struct occurrences *occurrences, uint64_t hash);

#endif
