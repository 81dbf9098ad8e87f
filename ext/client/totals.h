/* How many rows were found for what was asked: what responses say in passing, remembered for the planner. */
#ifndef ONPAGE_TOTALS_H
#define ONPAGE_TOTALS_H

#include <stdbool.h>

struct totals;

/* Whether a total may be a bound on counting instead of a count. Search engines count up to a round number (10,000 is a customary
** default), and all that are in use are whole thousands; of true totals one in a thousand is, which is then asked about once more. */
bool total_may_be_cap(long long total);

struct totals *totals_new(void);         /* NULL when memory ran out */
void totals_free(struct totals *totals); /* also for NULL */
void totals_clear(struct totals *totals);
/* Remembers a total in the place of the one that has been there for longest. Quietly does nothing when memory runs out. */
void totals_note(struct totals *totals, const char *key, long long total);
/* The total of a key; -1: not known. */
long long totals_find(const struct totals *totals, const char *key);

#endif
