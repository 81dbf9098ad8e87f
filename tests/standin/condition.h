/*
** One condition of a filter: `["field", "operator", value]`, checked as strictly as the API checks it, and its meaning under
** the readings of what the documents leave unknown.
*/
#ifndef STANDIN_CONDITION_H
#define STANDIN_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

#include "fields.h"

struct json_object;
struct standin_readings;
struct standin_value;
struct standin_condition;

/* array: the three elements. NULL when the API would reject it. */
struct standin_condition *standin_condition_new(struct json_object *array, const struct standin_readings *readings);
/* The request's own parameters: a string field equals the bytes, whatever the readings. */
struct standin_condition *standin_condition_equal(enum standin_field_index field, const char *bytes, size_t length);
void standin_condition_free(struct standin_condition *condition); /* also for NULL */

enum standin_field_index standin_condition_field(const struct standin_condition *condition);
/* Whether an item with the value is kept. NULL: the field is null or missing. */
bool standin_condition_keeps(const struct standin_condition *condition, const struct standin_value *value);

#endif
