/*
** Sorting by up to three fields. Strings compare by bytes and rows without a value come last: the documents say neither.
*/
#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "matches.h"
#include "query.h"

static int compare_values(enum standin_type type, const struct standin_value *left, const struct standin_value *right) {
  if (type == STANDIN_NUMBER || type == STANDIN_TIME) return (left->number > right->number) - (left->number < right->number);
  if (type == STANDIN_BOOLEAN) return left->truth - right->truth;
  size_t length = left->length < right->length ? left->length : right->length;
  int order = memcmp(left->bytes, right->bytes, length);
  return order ? order : (left->length > right->length) - (left->length < right->length);
}

static int compare_rows(const struct standin_items *items, const struct standin_query *query, uint32_t left, uint32_t right) {
  for (size_t i = 0; i < query->order_count; i++) {
    size_t field = query->order[i].field;
    const struct standin_value *a = standin_items_value(items, left, field), *b = standin_items_value(items, right, field);
    int order = a && b ? compare_values(items->schema->fields[field].type, a, b) : !a - !b;
    if (order) return a && b && query->order[i].descending ? -order : order;
  }
  return 0;
}

/* Merge sort, which keeps rows that tie in the crawl's order. */
static void sort_rows(const struct standin_items *items, const struct standin_query *query, uint32_t *rows, uint32_t *spare,
                      size_t count) {
  if (count < 2) return;
  size_t half = count / 2, left = 0, right = half;
  sort_rows(items, query, rows, spare, half);
  sort_rows(items, query, rows + half, spare, count - half);
  memcpy(spare, rows, count * sizeof *rows);
  for (size_t i = 0; i < count; i++) {
    bool from_left = right == count || (left < half && compare_rows(items, query, spare[left], spare[right]) <= 0);
    rows[i] = spare[from_left ? left++ : right++];
  }
}

uint32_t *standin_order_rows(const struct standin_items *items, const struct standin_query *query,
                             const struct standin_rows *rows) {
  if (!query->order_count) return NULL;
  uint32_t *ordered = standin_allocate(rows->count + 1, sizeof *ordered),
           *spare = standin_allocate(rows->count + 1, sizeof *spare);
  for (size_t i = 0; i < rows->count; i++) ordered[i] = rows->rows ? rows->rows[i] : (uint32_t)i;
  sort_rows(items, query, ordered, spare, rows->count);
  free(spare);
  return ordered;
}
