/*
** The inner side of a join: a table that is filtered again and again, with some of the values changing. Asking the API for each would
** take a request each; so once as many requests have been made as reading all that stays the same would take, that is read, kept,
** and served from then on. No join costs more than about twice the better of the two ways. Nor does one of which nothing can be
** sent, and whose inner side would be read again for each outer row.
**
** What is kept is in memory up to cache_mb, for all tables of the connection together, and beyond it in a temporary database.
*/
#ifndef ONPAGE_LOOKUP_H
#define ONPAGE_LOOKUP_H

#include <stdbool.h>

#include "base/error.h"
#include "client/client.h"
#include "plan/query.h"
#include "scan/probe.h"
#include "scan/row_index.h"
#include "scan/scan.h"

/* What the tables of a connection share: the memory for rows. */
struct lookup_room;
/* The inner of one table. */
struct lookups;
/* The queries that differ by nothing but values. */
struct inner_side;

/* Rows that don't fit go to a spill of these methods. NULL when memory ran out. */
struct lookup_room *lookup_room_new(struct client *client, const struct spill_methods *spill);
void lookup_room_free(struct lookup_room *room); /* no lookups may be left; also for NULL */

struct lookups *lookups_new(struct lookup_room *room); /* NULL when memory ran out */
void lookups_free(struct lookups *lookups);            /* no cursor may be in a inner; also for NULL */
/* To be called before the first cursor of the table opens and when the last one has closed: forgets rows that are not to outlive a
** statement (of a crawl that is still running, in a spill, older than cache_ttl_s, or of before the cache was cleared). */
void lookups_expire(struct lookups *lookups);

/* Finds the inner of a query, to be left by lookups_leave; NULL: none is kept. If the inner is answered from what is kept, *probe is
** the query's rows and has taken it over; else it is NULL, and the query is to be scanned. May read what stays the same in the inner
** first. With -1 no inner is to be left. */
CHECKED int lookups_enter(struct lookups *lookups, const char *plan, struct query *query, struct inner_side **inner,
                          struct probe **probe, struct error *error);
/* Leaves a inner, with the scan of the query that entered it, or NULL. Also for NULL. */
void lookups_leave(struct inner_side *inner, const struct scan *scan);

#endif
