/*
** A field of an item as a value of its column.
**
** A number or boolean may be written as text. A field that its column can't hold is NULL, as it is for the API's filters, so that
** one bad field doesn't make a crawl unreadable; the column item shows what was sent.
**
** Tests: tests/unit/wire/test_page_items.c.
*/
#ifndef ONPAGE_FIELD_H
#define ONPAGE_FIELD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/endpoint.h"
#include "base/buffer.h"
#include "base/value.h"

/* Sets *value, which is NULL before, to the field's. A text belongs to the field or to scratch. text: the item's, where numbers
** that json-c has cut are looked up. False when memory ran out. */
bool field_value(const struct column *column, struct json_object *field, const char *text, size_t size, struct buffer *scratch,
                 struct value *value);

#endif
