/*
** The fields of the API's items as the API documents them: their types, their paths, and whether a filter may name them. The tables
** here are all that loading, filtering and available_filters know of them.
*/
#ifndef STANDIN_FIELDS_H
#define STANDIN_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "standin.h"

/* Bits, so that an operator can name the types it takes. */
enum standin_type {
  STANDIN_STRING = 1,
  STANDIN_NUMBER = 2,
  STANDIN_BOOLEAN = 4,
  STANDIN_ARRAY = 8,
  STANDIN_TIME = 16, /* "yyyy-mm-dd hh:mm:ss", with or without " +00:00" */
};

enum standin_offer {
  STANDIN_LISTED,    /* in the documents' list of filters */
  STANDIN_TOLERATED, /* not in the list, but clients use it with success */
  STANDIN_UNLISTED,  /* unknown; filterable under the reading more_fields */
  STANDIN_UNOFFERED  /* no filter takes it; the stand-in itself reads it */
};

struct standin_field {
  const char *name; /* as filters name it: a path of names joined by dots */
  enum standin_type type;
  enum standin_offer offer;
  const char *path; /* in the item; NULL: the name */
};

/* The fields of one table's items. */
struct standin_schema {
  const struct standin_field *fields;
  size_t count;
};

extern const struct standin_schema standin_schemas[STANDIN_TABLE_COUNT];

/* Places in the schema of links. */
enum { STANDIN_FIELD_PAGE_FROM = 3, STANDIN_FIELD_PAGE_TO, STANDIN_FIELD_LINK_FROM, STANDIN_FIELD_LINK_TO };

#define STANDIN_NO_FIELD ((size_t)-1)

/* STANDIN_NO_FIELD when there is none of that name. */
size_t standin_field_find(const struct standin_schema *schema, const char *name);
/* The same by the path in an item. *leads: fields lie below the path. */
size_t standin_field_at(const struct standin_schema *schema, const char *path, bool *leads);
/* Whether a filter may name the field, and whether available_filters lists it. */
bool standin_field_filterable(const struct standin_field *field, const struct standin_readings *readings);
bool standin_field_listed(const struct standin_field *field, const struct standin_readings *readings);
/* "str", "num", "bool", "array.str", "time": available_filters' name of the type. */
const char *standin_type_name(enum standin_type type);

#endif
