/*
** What answers take in memory, all of a connection together: those on their way, and those that wait to be read. One more is asked for only
** if it is likely to fit beside the others. The one that a reader waits for always is: so there is an end to waiting.
*/
#ifndef ONPAGE_MEMORY_BUDGET_H
#define ONPAGE_MEMORY_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

struct memory {
  size_t held;     /* bytes; parsers and pages keep it up to date */
  size_t expected; /* of the next answer, by those that came before */
};

/* Whether more is held than answers may take together that nobody waits for yet. */
bool memory_is_full(const struct memory *memory);
/* Whether one more answer is likely to fit beside so many that are on their way. */
bool memory_has_room(const struct memory *memory, int running);
/* Learns from an answer that has taken so much, or from one that had taken as much before its end. */
void memory_note(struct memory *memory, size_t size);
void memory_note_least(struct memory *memory, size_t size);

#endif
