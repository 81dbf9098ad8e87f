/*
** Items, packed: of each its values and the number of its shape (shape.h), from which the values of all columns are unpacked and
** the text is put together again. Nothing is kept twice, so that items take about half of what their JSON takes.
**
** They are shared by the pages that show them, and don't change once a page has them.
**
** Tests: tests/unit/wire/test_packed.c, tests/unit/wire/test_packed_random.c.
*/
#ifndef ONPAGE_PACKED_H
#define ONPAGE_PACKED_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/endpoint.h"
#include "base/buffer.h"
#include "base/value.h"

enum {
  PACKED_SMALL = 4096,    /* bytes of an item's text: the hash of a larger one is made when it is added */
  PACKED_MEMBERS_MAX = 64 /* of an item that has a shape */
};

struct packed;

/* Belongs to the caller, who releases it; NULL when memory ran out. */
struct packed *packed_new(const struct endpoint *endpoint);
/* One more owner. */
struct packed *packed_share(struct packed *packed);
/* One less; the last one frees it. Also for NULL. */
void packed_release(struct packed *packed);
/* Removes all items. */
void packed_clear(struct packed *packed);
/* Frees memory that was allocated for more items. */
void packed_fit(struct packed *packed);
size_t packed_count(const struct packed *packed);
/* Bytes of memory. */
size_t packed_size(const struct packed *packed);

/* How an item is added. */
enum packed_outcome {
  PACKED_ADDED,
  PACKED_NOT_PLAIN, /* nothing was added: the item isn't complete, is too large, or has something unusual */
  PACKED_NO_MEMORY  /* nothing was added */
};
/* Adds the item that the bytes begin with, if it is plain JSON: members with strings without escapes, integers, booleans, nulls and
** arrays of such strings, each of its column's class. *taken: its bytes. An item larger than size_max is left alone. */
enum packed_outcome packed_add_plain(struct packed *packed, const char *bytes, size_t size, size_t size_max, size_t *taken);
/* Adds an item of any content, which json-c has parsed from the text. */
enum packed_outcome packed_add(struct packed *packed, const char *text, size_t size, struct json_object *object);
/* The same for an item without a shape, or one of which not all is needed: keeps the columns of these bits, and the text if it is
** small or needs_text. */
enum packed_outcome packed_add_columns(struct packed *packed, const char *text, size_t size, struct json_object *object,
                                       uint64_t columns, bool needs_text);

/* The values of an item: of columns that aren't fields or aren't kept, NULL. Texts belong to the items. Zeroed, it has none. */
struct unpacked {
  unsigned leaf;                       /* of the item's shape; 0: of none, and all values may be set */
  size_t count;                        /* members in that shape, */
  int16_t columns[PACKED_MEMBERS_MAX]; /* … and their columns */
  struct value values[ENDPOINT_COLUMNS_MAX];
};
/* Unpacks an item over another of the same packed items, or over none: for the next one of the same shape there is less to do. */
void packed_unpack(const struct packed *packed, size_t item, struct unpacked *unpacked);
/* The item's text, as it was sent: belongs to the items or to scratch. "" if it isn't kept. -1 when memory ran out. */
int packed_text(const struct packed *packed, size_t item, struct buffer *scratch, const char **text, size_t *size);
/* page_item_hash. */
uint64_t packed_hash(const struct packed *packed, size_t item);

#endif
