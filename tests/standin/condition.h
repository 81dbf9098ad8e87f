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
struct standin_condition *standin_condition_new(const struct standin_schema *schema, struct json_object *array,
                                                const struct standin_readings *readings);
/* The request's own parameters: a string field equals one of the strings that standin_condition_allow adds, whatever the readings; a
** chain, which is an array of objects, has one as link_from or link_to. Without any it keeps nothing. */
struct standin_condition *standin_condition_among(const struct standin_schema *schema, size_t field);
void standin_condition_allow(struct standin_condition *condition, const char *bytes, size_t length);
void standin_condition_free(struct standin_condition *condition); /* also for NULL */

size_t standin_condition_field(const struct standin_condition *condition);
/* Whether an item with the value is kept. NULL: the field is null or missing. */
bool standin_condition_keeps(const struct standin_condition *condition, const struct standin_value *value);

#endif
