/*
** The items of a response as rows: of those that were packed (packed.h), the values of the columns that are read.
**
** Tests: tests/unit/wire/test_page_items.c.
*/
#ifndef ONPAGE_ITEMS_H
#define ONPAGE_ITEMS_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "base/error.h"
#include "base/value.h"
#include "wire/packed.h"

struct items;

/* columns: bits of those that are read. NULL when memory ran out. */
struct items *items_new(const struct endpoint *endpoint, uint64_t columns);
/* The same with items that have been packed, of which it becomes an owner. */
struct items *items_of_packed(struct packed *packed, const struct endpoint *endpoint, uint64_t columns);
void items_free(struct items *items); /* also for NULL */
/* Removes all items. */
void items_clear(struct items *items);
/* Whether all of each item is kept, from now on: what other columns show, and texts of any size. */
void items_keep_all(struct items *items, bool keep_all);
/* The packed items, which stay theirs; NULL unless all of each item has been kept. */
struct packed *items_packed(struct items *items);

/* Appends the item that the bytes begin with, if it is plain (packed.h); *taken: its bytes. */
enum packed_outcome items_add_plain(struct items *items, const char *bytes, size_t size, size_t *taken);
/* Appends bytes of the text of the item that is being parsed. */
void items_add_text(struct items *items, const char *bytes, size_t size);
/* Removes that text. */
void items_drop_text(struct items *items);
/* Appends the item, an object, whose text has been added. -1 when memory ran out, also while json-c made the object: then it lacks
** something of the text. */
CHECKED int items_add(struct items *items, struct json_object *object);

/* Frees memory that was allocated for more items. */
void items_fit(struct items *items);
size_t items_count(const struct items *items);
/* Bytes of memory for the items. */
size_t items_size(const struct items *items);
/* The value of a column that is read, if this is the item whose value was read last: the quick way. */
bool items_has_value(const struct items *items, size_t item, int column, struct value *value);
/* page_value and page_item_hash of page.h, for an item that exists. */
CHECKED int items_value(struct items *items, size_t item, int column, struct value *value, struct error *error);
uint64_t items_hash(const struct items *items, size_t item);

#endif
