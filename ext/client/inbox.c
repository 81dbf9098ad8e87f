/* One buffer, whose parsed start is cut off now and then. */
#include "client/inbox.h"

#include <string.h>

enum { CUT_MIN = 1 << 18 }; /* parsed bytes that are worth moving the others for */

bool inbox_append(struct inbox *inbox, struct memory_budget *memory, const char *bytes, size_t size) {
  buffer_append(&inbox->bytes, bytes, size);
  if (inbox->bytes.failed) {
    inbox->bytes.failed = false; /* what it holds is whole */
    return false;
  }
  memory->held += size;
  memory->unparsed += size;
  if (inbox->bytes.size > inbox->peak) inbox->peak = inbox->bytes.size;
  return true;
}

const char *inbox_unparsed(const struct inbox *inbox, size_t *size) {
  *size = inbox->bytes.size - inbox->parsed;
  return *size > 0 ? inbox->bytes.data + inbox->parsed : "";
}

/* Forgets what has been parsed. */
static void cut(struct inbox *inbox, struct memory_budget *memory) {
  size_t left = inbox->bytes.size - inbox->parsed;
  if (inbox->parsed == 0) return;
  memory->held -= inbox->parsed;
  if (left > 0) memmove(inbox->bytes.data, inbox->bytes.data + inbox->parsed, left);
  inbox->bytes.size = left;
  inbox->parsed = 0;
  if (inbox->bytes.capacity > CUT_MIN && left < CUT_MIN / 2) buffer_fit(&inbox->bytes);
}

void inbox_pass(struct inbox *inbox, struct memory_budget *memory, size_t size) {
  inbox->parsed += size;
  memory->unparsed -= size;
  if (inbox->parsed == inbox->bytes.size || inbox->parsed >= CUT_MIN) cut(inbox, memory);
}

void inbox_release(struct inbox *inbox, struct memory_budget *memory) {
  memory->held -= inbox->bytes.size;
  memory->unparsed -= inbox->bytes.size - inbox->parsed;
  buffer_release(&inbox->bytes);
  *inbox = (struct inbox){0};
}
