/*
** Assertions of the end-to-end tests: about the rows of a statement, its error, its plan, and the requests that it made.
** Each reports the place of its caller and shows the statement or body.
**
** "The n-th body" is that of the n-th request to on_page/links, from 0, since harness_forget; the array form is
** unwrapped.
*/
#ifndef CHECKS_H
#define CHECKS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

/* The rows, one a line as struct rows has them, in this order. */
#define check_rows(harness, sql, expected) check_rows_at((harness)->db, sql, NULL, 0, expected, __FILE__, __LINE__)
#define check_rows_with(harness, sql, bounds, count, expected)                                                                 \
  check_rows_at((harness)->db, sql, bounds, count, expected, __FILE__, __LINE__)
/* The same, of another connection than the harness's. */
#define check_rows_on(db, sql, expected) check_rows_at(db, sql, NULL, 0, expected, __FILE__, __LINE__)
/* The statement fails and its message contains each of the texts, whatever their case. */
#define check_error(harness, sql, ...) check_error_at((harness)->db, sql, __FILE__, __LINE__, __VA_ARGS__, (const char *)NULL)
#define check_error_on(db, sql, ...) check_error_at(db, sql, __FILE__, __LINE__, __VA_ARGS__, (const char *)NULL)
/* The number of requests to on_page/links. */
#define check_requests(harness, count) check_requests_at(harness, count, __FILE__, __LINE__)
/* The whole n-th body as JSON, keys in any order. */
#define check_body(harness, n, expected) check_body_at(harness, n, expected, __FILE__, __LINE__)
/* One key of the n-th body as JSON; NULL: it is not there. */
#define check_body_key(harness, n, key, expected) check_body_key_at(harness, n, key, expected, __FILE__, __LINE__)
/* The conditions of the n-th body that are joined by AND, in any order: a JSON array of conditions; "[]": no filters. A null
** as a value matches any value: no filter compares with null. */
#define check_conditions(harness, n, expected) check_conditions_at(harness, n, expected, __FILE__, __LINE__)
/* The plan contains the text, or doesn't. */
#define check_plan(harness, sql, text) check_plan_at((harness)->db, sql, text, true, __FILE__, __LINE__)
#define check_plan_lacks(harness, sql, text) check_plan_at((harness)->db, sql, text, false, __FILE__, __LINE__)

void check_rows_at(sqlite3 *db, const char *sql, const struct bound *bounds, size_t bound_count, const char *expected,
                   const char *file, int line);
void check_error_at(sqlite3 *db, const char *sql, const char *file, int line, ...);
void check_requests_at(struct harness *harness, size_t count, const char *file, int line);
void check_body_at(struct harness *harness, size_t n, const char *expected, const char *file, int line);
void check_body_key_at(struct harness *harness, size_t n, const char *key, const char *expected, const char *file, int line);
void check_conditions_at(struct harness *harness, size_t n, const char *expected, const char *file, int line);
void check_plan_at(sqlite3 *db, const char *sql, const char *text, bool present, const char *file, int line);

/* Names the row of a table of cases that is being checked, for the report of a failure. */
void check_case(const char *text);
/* Forgets the requests so far. */
void harness_forget(struct harness *harness);
/* The n-th body's key as JSON text, "" when it isn't there; the caller frees it with sqlite3_free. */
char *harness_body_key(struct harness *harness, size_t n, const char *key);
/* How many conditions the n-th body has in its filters, at any depth. */
size_t harness_condition_count(struct harness *harness, size_t n);
/* Whether the text occurs in the other, whatever the case of ASCII letters. */
bool harness_contains(const char *text, const char *part);

/* A cmocka test with a fresh stand-in and connection. */
#define e2e_test(function) cmocka_unit_test_setup_teardown(function, harness_set_up, harness_tear_down)

#endif
