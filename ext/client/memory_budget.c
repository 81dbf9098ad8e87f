/* The next response is expected to be as large as the largest of late; a large one counts for less with each smaller one that
** follows. */
#include "client/memory_budget.h"

/* The response that a reader waits for (up to max_response_mb) comes on top of this. 30 pages of 1,000 links take some 40 MB. */
static const size_t memory_max = (size_t)56 << 20;

/* A page of 1,000 links has half a megabyte, and takes more once it is parsed. */
static const size_t unparsed_max = (size_t)8 << 20;

bool memory_budget_has_backlog(const struct memory_budget *memory) {
  return memory->unparsed > unparsed_max;
}

bool memory_budget_is_full(const struct memory_budget *memory) {
  return memory->held > memory_max;
}

bool memory_budget_has_room(const struct memory_budget *memory, int running) {
  size_t more = (size_t)running + 1;
  return memory->held <= memory_max && memory->expected_next <= (memory_max - memory->held) / more;
}

void memory_budget_note_least(struct memory_budget *memory, size_t size) {
  if (size > memory->expected_next) memory->expected_next = size;
}

void memory_budget_note(struct memory_budget *memory, size_t size) {
  memory->expected_next -= memory->expected_next / 8;
  memory_budget_note_least(memory, size);
}
