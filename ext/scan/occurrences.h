/* How often each item has been seen, by its hash: equal items are told apart by the number of their occurrence. */
#ifndef ONPAGE_OCCURRENCES_H
#define ONPAGE_OCCURRENCES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct occurrences;

struct occurrences *occurrences_new(void);              /* NULL when memory ran out */
void occurrences_free(struct occurrences *occurrences); /* also for NULL */
/* Counts one more; *before, unless NULL, is how often it had been seen. -1 when memory ran out. */
CHECKED int occurrences_add(struct occurrences *occurrences, uint64_t hash, uint64_t *before);
/* Whether it has been seen at all. */
bool occurrences_has(const struct occurrences *occurrences, uint64_t hash);
/* Counts one less; false if there is none. */
bool occurrences_remove(struct occurrences *occurrences, uint64_t hash);

#endif
