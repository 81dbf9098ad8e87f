/*
** The items of a response as rows. When an item has arrived, the values of the columns that will be read are copied from json-c's
** tree, which can then be freed; the item's text is kept, from which its hash is computed on demand.
**
** Tests: tests/unit/wire/test_page_items.c.
*/
#ifndef ONPAGE_ITEMS_H
#define ONPAGE_ITEMS_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "base/error.h"
#include "base/value.h"

struct items;

/* columns: bits of those that are kept. NULL when memory ran out. */
struct items *items_new(const struct endpoint *endpoint, uint64_t columns);
void items_free(struct items *items); /* also for NULL */
/* Removes all items. */
void items_clear(struct items *items);

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
/* page_value and page_item_hash of page.h, for an item that exists. */
CHECKED int items_value(struct items *items, size_t item, int column, struct value *value, struct error *error);
uint64_t items_hash(const struct items *items, size_t item);

#endif
