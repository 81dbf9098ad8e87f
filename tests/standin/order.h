/*
** order_by: rows sorted by the values of fields.
*/
#ifndef STANDIN_ORDER_H
#define STANDIN_ORDER_H

#include <stdint.h>

struct standin_items;
struct standin_query;
struct standin_rows;

/* The rows' numbers in the order that the query asks for; the caller frees them. NULL: it asks for none. */
uint32_t *standin_order_rows(const struct standin_items *items, const struct standin_query *query,
                             const struct standin_rows *rows);

#endif
