/*
** The fields of a link item as the API documents them: their types, and whether a filter may name them. The one table that
** loading, filtering and available_filters read.
*/
#ifndef STANDIN_FIELDS_H
#define STANDIN_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct standin_readings;

/* Bits, so that an operator can name the types it takes. */
enum standin_type { STANDIN_STRING = 1, STANDIN_NUMBER = 2, STANDIN_BOOLEAN = 4, STANDIN_ARRAY = 8 };

enum standin_offer {
  STANDIN_LISTED,    /* in the documents' list of filters */
  STANDIN_TOLERATED, /* not in the list, but clients use it with success */
  STANDIN_UNLISTED   /* unknown; filterable under the reading more_fields */
};

enum standin_field_index {
  STANDIN_FIELD_TYPE,
  STANDIN_FIELD_DOMAIN_FROM,
  STANDIN_FIELD_DOMAIN_TO,
  STANDIN_FIELD_PAGE_FROM,
  STANDIN_FIELD_PAGE_TO,
  STANDIN_FIELD_LINK_FROM,
  STANDIN_FIELD_LINK_TO,
  STANDIN_FIELD_LINK_ATTRIBUTE,
  STANDIN_FIELD_DOFOLLOW,
  STANDIN_FIELD_PAGE_FROM_SCHEME,
  STANDIN_FIELD_PAGE_TO_SCHEME,
  STANDIN_FIELD_DIRECTION,
  STANDIN_FIELD_IS_BROKEN,
  STANDIN_FIELD_TEXT,
  STANDIN_FIELD_IS_LINK_RELATION_CONFLICT,
  STANDIN_FIELD_PAGE_TO_STATUS_CODE,
  STANDIN_FIELD_IMAGE_ALT,
  STANDIN_FIELD_IMAGE_SRC,
  STANDIN_FIELD_IS_VALID_HREFLANG,
  STANDIN_FIELD_HREFLANG,
  STANDIN_FIELD_COUNT
};

struct standin_field {
  const char *name;
  enum standin_type type;
  enum standin_offer offer;
};

extern const struct standin_field standin_fields[STANDIN_FIELD_COUNT];

/* STANDIN_FIELD_COUNT when there is none of that name. */
enum standin_field_index standin_field_find(const char *name);
/* Whether a filter may name the field, and whether available_filters lists it. */
bool standin_field_filterable(enum standin_field_index field, const struct standin_readings *readings);
bool standin_field_listed(enum standin_field_index field, const struct standin_readings *readings);
/* "str", "num", "bool", "array.str": available_filters' name of the type. */
const char *standin_type_name(enum standin_type type);

#endif
