/*
** Memory of all responses of a database connection together, those in flight and those that wait to be read. A further request
** is sent only if its response is likely to fit beside the others. The one that a reader waits for is sent in any case, so that
** reading goes on.
*/
#ifndef ONPAGE_MEMORY_BUDGET_H
#define ONPAGE_MEMORY_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

struct memory_budget {
  size_t held;          /* bytes; parsers and pages keep it up to date */
  size_t unparsed;      /* … of responses: received, and not parsed yet */
  size_t expected_next; /* of the next response, estimated from earlier ones */
};

/* Whether the limit for responses that no reader waits for yet is exceeded. */
bool memory_budget_is_full(const struct memory_budget *memory);
/* Whether the limit for unparsed bytes is exceeded. */
bool memory_budget_has_backlog(const struct memory_budget *memory);
/* Whether one more response is likely to fit beside `running` others in flight. */
bool memory_budget_has_room(const struct memory_budget *memory, int running);
/* Updates the estimate with the size of a response. */
void memory_budget_note(struct memory_budget *memory, size_t size);
/* … of one that has reached this size, and isn't complete. */
void memory_budget_note_least(struct memory_budget *memory, size_t size);

#endif
