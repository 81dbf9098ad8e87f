/*
** The inner side of a join: a table that is filtered again and again, with nothing but the value of one `=` changing. Asking the API
** for each value would take a request each; so once as many requests have been made as reading all that stays the same would
** take, that is read, and answers from memory from then on. No join costs more than about twice the better of the two ways.
** What is kept takes cache_mb at most for each table; a larger part is asked for value by value.
*/
#ifndef ONPAGE_LOOKUP_H
#define ONPAGE_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "error.h"
#include "query.h"

/* The series of one table. */
struct lookups;
/* The queries that differ by one value. */
struct series;
/* The rows of one query out of memory. */
struct probe;

struct lookups *lookups_new(struct client *client); /* NULL when memory ran out */
void lookups_free(struct lookups *lookups);         /* no cursor may be in a series; also for NULL */
/* To be called before the first cursor of the table opens and when the last one has closed: forgets rows that are not to outlive a
** statement (of a crawl that is still running, older than cache_ttl_s, or of before the cache was cleared). */
void lookups_rest(struct lookups *lookups);

/* Finds the series of a query, to be left by lookups_leave; NULL: none is kept. If the series is answered from memory, *probe is
** the query's rows, else NULL and the query is to be scanned. May read the constant part of the series first. The query stays the
** caller's. With -1 no series is to be left. */
int lookups_enter(struct lookups *lookups, const char *plan, const struct query *query, struct series **series,
                  struct probe **probe, struct error *error);
/* Leaves a series, with the requests that the scan took. Also for NULL. */
void lookups_leave(struct series *series, long long requests);

bool probe_next(struct probe *probe); /* goes to the next row, or the first; false at the end */
/* The value of a column of the present row; texts have a zero behind them, and are valid until the probe is closed. Fails for a
** column that was not announced. */
int probe_value(const struct probe *probe, int column, struct value *value, struct error *error);
int64_t probe_rowid(const struct probe *probe);
void probe_close(struct probe *probe); /* also for NULL */

#endif
