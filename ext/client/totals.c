/* A ring of keys and totals, small enough for a linear search. */
#include "client/totals.h"

#include <stdlib.h>
#include <string.h>

enum { TOTALS_MAX = 64 };

struct totals {
  struct {
    char *key;
    long long total;
  } known[TOTALS_MAX];
  size_t next;
};

bool total_may_be_cap(long long total) {
  return total > 0 && total % 1000 == 0;
}

struct totals *totals_new(void) {
  return calloc(1, sizeof(struct totals));
}

void totals_clear(struct totals *totals) {
  for (size_t i = 0; i < TOTALS_MAX; i++) free(totals->known[i].key);
  *totals = (struct totals){0};
}

void totals_free(struct totals *totals) {
  if (totals == NULL) return;
  totals_clear(totals);
  free(totals);
}

static size_t find(const struct totals *totals, const char *key) {
  size_t i = 0;
  while (i < TOTALS_MAX && (totals->known[i].key == NULL || strcmp(totals->known[i].key, key) != 0)) i++;
  return i;
}

void totals_note(struct totals *totals, const char *key, long long total) {
  size_t place = find(totals, key);
  if (place == TOTALS_MAX) {
    char *copy = strdup(key);
    if (copy == NULL) return;
    place = totals->next;
    totals->next = (totals->next + 1) % TOTALS_MAX;
    free(totals->known[place].key);
    totals->known[place].key = copy;
  }
  totals->known[place].total = total;
}

long long totals_find(const struct totals *totals, const char *key) {
  size_t place = find(totals, key);
  return place < TOTALS_MAX ? totals->known[place].total : -1;
}
