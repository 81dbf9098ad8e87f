/*
** What responses take in memory, all of a connection together: those on their way, and those that wait to be read. One more is asked for only
** if it is likely to fit beside the others. The one that a reader waits for always is: so there is an end to waiting.
*/
#ifndef ONPAGE_MEMORY_BUDGET_H
#define ONPAGE_MEMORY_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

struct memory_budget {
  size_t held;     /* bytes; parsers and pages keep it up to date */
  size_t expected; /* of the next response, by those that came before */
};

/* Whether more is held than responses may take together that nobody waits for yet. */
bool memory_budget_is_full(const struct memory_budget *memory);
/* Whether one more response is likely to fit beside so many that are on their way. */
bool memory_budget_has_room(const struct memory_budget *memory, int running);
/* Learns from a response that has taken so much, or from one that had taken as much before its end. */
void memory_budget_note(struct memory_budget *memory, size_t size);
void memory_budget_note_least(struct memory_budget *memory, size_t size);

#endif
