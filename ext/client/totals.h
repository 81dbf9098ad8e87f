/* total_items_count of earlier responses, by request: the planner uses them for its estimates. */
#ifndef ONPAGE_TOTALS_H
#define ONPAGE_TOTALS_H

#include <stdbool.h>

struct totals;

/* Whether a total may be the number at which the API stopped counting. Search engines count up to a round number (10,000 is a
** common default); all bounds in use are whole thousands. So is one true total in a thousand, which then costs another request. */
bool total_may_be_cap(long long total);

struct totals *totals_new(void);         /* NULL when memory ran out */
void totals_free(struct totals *totals); /* also for NULL */
void totals_clear(struct totals *totals);
/* Notes a total; a new key replaces the oldest of 64. Does nothing when memory runs out. */
void totals_note(struct totals *totals, const char *key, long long total);
/* The total of a key; -1: unknown. */
long long totals_find(const struct totals *totals, const char *key);

#endif
