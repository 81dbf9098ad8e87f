/*
** The base of every end-to-end test: a stand-in API, a connection with the extension loaded, and the rows of a statement
** as text in which types and NULLs show.
**
** Memory that a function hands out is SQLite's (sqlite3_free). Running out of it, or a stand-in that doesn't start, ends
** the program: no test is about that.
*/
#ifndef HARNESS_H
#define HARNESS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "../standin/standin.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

struct harness {
  struct standin *standin;
  sqlite3 *db; /* a connection that knows the stand-in's URL and key */
};

/* A value for a parameter of a statement. */
struct bound {
  int type; /* SQLITE_INTEGER … SQLITE_NULL */
  sqlite3_int64 integer;
  double real;
  const char *bytes; /* SQLITE_TEXT, SQLITE_BLOB */
  int size;          /* -1: up to the zero */
};

/* Rows of one statement. A row is its cells joined by "|": 42, 1.5, 'it''s', x'00ff', NULL. In texts a backslash is doubled
** and control characters are \xNN. */
struct rows {
  int code; /* SQLITE_DONE, or the error's extended code */
  char *error;
  char **row;
  size_t count;
};

/* The row of a table of cases that is being checked, for the report of a failure; NULL: none. */
extern const char *harness_present_case;

/* cmocka's set-up and tear-down of one test: *state is a struct harness with a fresh stand-in and connection. */
int harness_set_up(void **state);
int harness_tear_down(void **state);
/* Adds a crawl of dataset_numbered's items to the stand-in; 0 when that is done. */
int harness_add_numbered(struct harness *harness, const char *task_id, enum standin_crawl crawl, size_t count,
                         size_t broken_every);

/* Removes every environment variable that the extension or libcurl would read. */
void harness_clean_environment(void);
/* An in-memory database with the extension loaded; nothing is configured. */
sqlite3 *harness_load(void);
/* Loads the extension into an open database; returns SQLite's code, the caller frees *message (may be NULL). */
int harness_load_into(sqlite3 *db, char **message);
/* The same, base_url and api_key set to the stand-in's. The cache is off: what a test asks for is requested. */
sqlite3 *harness_connect(struct standin *standin);
/* Closes the connection; false when something of it was left open. */
bool harness_close(sqlite3 *db);

void harness_bind(sqlite3_stmt *statement, int position, const struct bound *bound); /* position from 1 */
/* Runs one statement. Never NULL. */
struct rows *harness_query(sqlite3 *db, const char *sql, const struct bound *bounds, size_t bound_count);
void rows_free(struct rows *rows);
/* Sorts the rows by their text: the rows as a multiset. */
void rows_sort(struct rows *rows);
/* The rows, one a line. */
char *rows_text(const struct rows *rows);

/* The detail lines of EXPLAIN QUERY PLAN, one a line; the error's text if there is one. */
char *harness_plan(sqlite3 *db, const char *sql, const struct bound *bounds, size_t bound_count);
/* Runs statements that must succeed, whatever they return. */
void harness_run(sqlite3 *db, const char *sql);
/* Sets an option by onpage_config; must succeed. */
void harness_config(sqlite3 *db, const char *name, const char *value);

/* Sets base_url to that of a server that responds as the stand-in does, and the key. */
void harness_set_url(sqlite3 *db, const char *scheme, const char *host, unsigned port);

/* The n-th request (from 0) since the log was cleared whose path ends so; NULL beyond the end. */
const struct standin_request *harness_request(struct standin *standin, const char *path_end, size_t n);
size_t harness_request_count(struct standin *standin, const char *path_end);
/* The most requests to on_page/links that were under way at once. */
size_t harness_most_in_flight(struct standin *standin);

#endif
