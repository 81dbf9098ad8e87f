/*
** A scan: the rows of one query, in the order in which the API gives them. Pages are fetched as the reader advances, none
** before the first row is asked for and none after the scan is closed.
*/
#ifndef ONPAGE_SCAN_H
#define ONPAGE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "client/client.h"
#include "plan/query.h"

struct scan;

/* Takes over the content of *query (which is then empty), also when it fails. Makes no request. */
CHECKED int scan_open(struct client *client, struct query *query, struct scan **scan, struct error *error);
void scan_close(struct scan *scan); /* cancels what is under way; also for NULL */

/* Goes to the next row, or the first; *row is false when there is none. */
CHECKED int scan_next(struct scan *scan, bool *row, struct error *error);
/* Says that all rows will be read, whatever limit the query had. */
void scan_read_all(struct scan *scan);
/* The value of a column of the present row; texts have a zero behind them, and are valid until the next call of scan_next or
** scan_close. */
CHECKED int scan_value(struct scan *scan, int column, struct value *value, struct error *error);
/* A number for the present row, of 53 bits, that is the same in every scan of any query over the same task in this process, and another
** for every other row of it, equal items included. */
CHECKED int scan_rowid(struct scan *scan, int64_t *rowid, struct error *error);

/* How many rows the query's conditions have, if an earlier response told it; -1 if not. Makes no request; resolves the query. */
long long scan_known_total(struct client *client, struct query *query);
/* Requests that were made for the scan so far; responses from the cache are none. */
long long scan_requests(const struct scan *scan);
/* Rows that were given so far, but for those that were only counted. */
long long scan_rows(const struct scan *scan);
/* Whether the reader came to the end of the rows, and read them all. */
bool scan_has_ended(const struct scan *scan);
/* Whether the crawl had finished by the page at hand. */
bool scan_is_finished(const struct scan *scan);

#endif
