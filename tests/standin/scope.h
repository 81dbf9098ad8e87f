/*
** Requests for the rows of one page, or of some pages.
*/
#ifndef STANDIN_SCOPE_H
#define STANDIN_SCOPE_H

#include <stdbool.h>

struct standin_held;
struct standin_items;
struct standin_query;

/* Whether the page that the query names, if it does, is one of the crawl. */
bool standin_scope_knows(const struct standin_query *query, const struct standin_held *held);
/* Adds a condition to the query's filter, or gives a table to take rows from instead of the task's, which the caller frees. */
struct standin_items *standin_scope_apply(struct standin_query *query, const struct standin_held *held);

#endif
