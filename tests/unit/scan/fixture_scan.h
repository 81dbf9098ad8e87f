/*
** For the tests of scan.h: a client.h that gives computed links, in place of the extension's. It holds the scan
** to the rules of tokens and keeps every body. (The stand-in API knows all filters; this one knows two, and needs no server and
** no SQLite.)
*/
#ifndef FIXTURE_SCAN_H
#define FIXTURE_SCAN_H

#include "scan/scan.h"

#include "../unit.h"

enum last_token { TOKEN_NULL, TOKEN_ABSENT, TOKEN_PRESENT };
enum { BODIES_MAX = 64, NO_TOTAL = -2 };

/* Link n has dofollow where n is even, and status 404 where n is a multiple of 5. */
struct api {
  long long links;
  long long alike; /* links that follow each other and are equal; 0: none */
  enum last_token last_token;
  bool no_tokens;  /* on no page */
  long long total; /* the total_items_count it states; 0: the true one, NO_TOTAL: null */
  bool in_progress;
  const char *rejects; /* a body that contains this text gets 40501 */
  size_t nth;          /* the request (from 1) with a fault; 0: none */
  enum { FAULT_ERROR, FAULT_NO_RESULTS, FAULT_TOO_LONG, FAULT_NO_TOTAL, FAULT_TYPE } fault;
  bool newest_first; /* responses overtake each other */
  bool remembers;    /* totals, until the next test begins */
  unsigned long long available;
  /* What came in: */
  char *bodies[BODIES_MAX];
  size_t requests;
  size_t asked_available;
  int live; /* calls that were not ended */
};
extern struct api api;
extern struct error failure; /* of the last function that failed */

/* Starts a test with such an API and a fresh client; api_end checks that every call was ended. */
void api_begin(const struct api *with);
void api_end(void);

/* Queries for all links, and for those with dofollow. scan_open takes what they hold. */
struct query everything(void);
struct query dofollow(void);
void add_term(struct query *query, const char *column, enum sql_operator op, struct value value);

/* These fail the test on an error. */
struct scan *open_scan(struct query *query);
bool go_on(struct scan *scan);        /* whether there is another row */
long long link_at(struct scan *scan); /* the number in the current row's link_to */
long long count_rows(struct query *query);
/* scan_known_total; releases the query. */
long long known_total(struct query *query);
/* Reads a scan to its end, but doesn't look at the rows that its OFFSET skips. Returns the number of rows after them, which
** must be first, first + step …; -1 for an error. */
long long read_all(struct query *query, long long first, long long step);
void check_request(size_t i, const char *expected);

#endif
