/*
** The inner side of a join: a table that is filtered again for each outer row, with some of the values changing. Asking the API
** each time would take a request for each outer row. So after as many requests as reading the inner side once would take, it is
** read, kept, and probed from then on. No join costs more than about twice the better of the two ways. The same bound holds when
** the condition can't be sent; otherwise the same rows would be read again for each outer row.
**
** Rows are kept in memory up to cache_mb, for all tables of the connection together, and beyond it in a temporary database.
**
** Tests: tests/e2e/test_joins.c.
*/
#ifndef ONPAGE_INNER_SIDES_H
#define ONPAGE_INNER_SIDES_H

#include <stdbool.h>

#include "base/error.h"
#include "client/client.h"
#include "plan/query.h"
#include "scan/probe.h"
#include "scan/row_index.h"
#include "scan/scan.h"

/* What the tables of a connection share: the memory for rows. */
struct inner_side_pool;
/* The inner sides of one table. */
struct inner_sides;
/* Queries that differ in nothing but values, and the rows that are kept for them. */
struct inner_side;

/* Rows that don't fit into memory go to a spill with these methods. NULL when memory ran out. */
struct inner_side_pool *inner_side_pool_new(struct client *client, const struct spill_methods *spill);
void inner_side_pool_free(struct inner_side_pool *pool); /* no inner_sides may be left; also for NULL */

struct inner_sides *inner_sides_new(struct inner_side_pool *pool); /* NULL when memory ran out */
void inner_sides_free(struct inner_sides *inner_sides);            /* every inner side must have been left; also for NULL */
/* To be called before the first cursor of the table opens and after the last one has closed: forgets rows that must not outlive a
** statement (of a crawl that is still running, in a spill, older than cache_ttl_s, or from before the cache was cleared). */
void inner_sides_expire(struct inner_sides *inner_sides);

/* Enters the query's inner side, which the caller leaves by inner_sides_leave; NULL: it has none, as when memory ran out. May read
** the inner side first. If its rows are kept, *probe gives the query's among them and has taken the query over; else it is NULL,
** and the query has to be scanned. After an error there is nothing to leave. The plan is the text that the query was made from. */
CHECKED int inner_sides_enter(struct inner_sides *inner_sides, const char *plan, struct query *query, struct inner_side **inner,
                              struct probe **probe, struct error *error);
/* Leaves an inner side, with the scan of the query that entered it, or NULL. Also for NULL. */
void inner_sides_leave(struct inner_side *inner, const struct scan *scan);

#endif
