/* The largest of the last answers is what the next one is expected to take: a large one is forgotten in the course of some dozen small. */
#include "client/memory_budget.h"

/* Beside it there may be an answer of max_answer_mb, the one that is waited for. 30 pages of 1,000 links take some 40 MB. */
static const size_t memory_max = (size_t)56 << 20;

bool memory_is_full(const struct memory *memory) {
  return memory->held > memory_max;
}

bool memory_has_room(const struct memory *memory, int running) {
  size_t more = (size_t)running + 1;
  return memory->held <= memory_max && memory->expected <= (memory_max - memory->held) / more;
}

void memory_note_least(struct memory *memory, size_t size) {
  if (size > memory->expected) memory->expected = size;
}

void memory_note(struct memory *memory, size_t size) {
  memory->expected -= memory->expected / 8;
  memory_note_least(memory, size);
}
