/*
** A scan: the rows of one query, out of the pages that a feed (feed.h) brings from one stream (stream.h) or several. Pages are
** fetched as the reader advances: none before the first row is read, none after the scan is closed.
**
** Tests: tests/unit/scan/test_scan_pages.c.
*/
#ifndef ONPAGE_SCAN_H
#define ONPAGE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "client/client.h"
#include "plan/query.h"

struct scan;

/* Takes over the content of *query, which is empty afterwards, also on failure. Makes no request. */
CHECKED int scan_open(struct client *client, struct query *query, struct scan **scan, struct error *error);
void scan_close(struct scan *scan); /* cancels what is in flight; also for NULL */

/* Goes to the next row, at first to the first; *row is false when there is none. */
CHECKED int scan_next(struct scan *scan, bool *row, struct error *error);
/* Drops the query's limit: all rows will be read. */
void scan_read_all(struct scan *scan);
/* The value of a column of the current row; texts end with a zero, and are valid until the next call of scan_next or scan_close. */
CHECKED int scan_value(struct scan *scan, int column, struct value *value, struct error *error);
/* A number of 53 bits for the current row: the same in every scan of any query over the same task in this process, and different
** for every other row of the task, equal items included. */
CHECKED int scan_rowid(struct scan *scan, int64_t *rowid, struct error *error);

/* How many rows satisfy the query's conditions, if an earlier response said so; -1 if not. Makes no request; resolves the query. */
long long scan_known_total(struct client *client, struct query *query);
/* Requests that were made for the scan so far; responses from the cache don't count. */
long long scan_requests(const struct scan *scan);
/* Rows that were returned so far, without those that were only counted. */
long long scan_rows(const struct scan *scan);
/* Whether the scan is at its end, and not by counting only. */
bool scan_has_ended(const struct scan *scan);
/* Whether the crawl had finished, by the current page. */
bool scan_is_finished(const struct scan *scan);

#endif
