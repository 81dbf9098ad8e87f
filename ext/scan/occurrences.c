/* An open-addressing hash table from hash to count. A slot stays in use when its count falls to 0. Hashes are random bits, so
** their lowest are the place. */
#include "scan/occurrences.h"

#include <stdlib.h>

struct slot {
  uint64_t hash;
  uint64_t count;
  bool used;
};

struct occurrences {
  struct slot *slots;
  size_t size; /* a power of two */
  size_t used;
};

static const size_t first_size = 256;

struct occurrences *occurrences_new(void) {
  struct occurrences *occurrences = calloc(1, sizeof *occurrences);
  if (occurrences == NULL) return NULL;
  occurrences->size = first_size;
  occurrences->slots = calloc(first_size, sizeof *occurrences->slots);
  if (occurrences->slots == NULL) {
    free(occurrences);
    return NULL;
  }
  return occurrences;
}

void occurrences_free(struct occurrences *occurrences) {
  if (occurrences == NULL) return;
  free(occurrences->slots);
  free(occurrences);
}

/* The slot of the hash, or the free one where it belongs. */
static struct slot *find(const struct occurrences *occurrences, uint64_t hash) {
  size_t i = (size_t)hash & (occurrences->size - 1);
  while (occurrences->slots[i].used && occurrences->slots[i].hash != hash) i = (i + 1) & (occurrences->size - 1);
  return &occurrences->slots[i];
}

static int grow(struct occurrences *occurrences) {
  struct occurrences larger = {.size = occurrences->size * 2, .used = occurrences->used};
  larger.slots = calloc(larger.size, sizeof *larger.slots);
  if (larger.slots == NULL) return -1;
  for (size_t i = 0; i < occurrences->size; i++)
    if (occurrences->slots[i].used) *find(&larger, occurrences->slots[i].hash) = occurrences->slots[i];
  free(occurrences->slots);
  *occurrences = larger;
  return 0;
}

int occurrences_add(struct occurrences *occurrences, uint64_t hash, uint64_t *before) {
  if (occurrences->used * 4 >= occurrences->size * 3 && grow(occurrences) != 0) return -1;
  struct slot *slot = find(occurrences, hash);
  if (!slot->used) {
    *slot = (struct slot){.hash = hash, .used = true};
    occurrences->used++;
  }
  if (before != NULL) *before = slot->count;
  slot->count++;
  return 0;
}

bool occurrences_has(const struct occurrences *occurrences, uint64_t hash) {
  return find(occurrences, hash)->used;
}

bool occurrences_remove(struct occurrences *occurrences, uint64_t hash) {
  struct slot *slot = find(occurrences, hash);
  if (!slot->used || slot->count == 0) return false;
  slot->count--;
  return true;
}
