/*
** The table of fields.
*/
#include "fields.h"

#include <string.h>

#include "standin.h"

const struct standin_field standin_fields[STANDIN_FIELD_COUNT] = {
    [STANDIN_FIELD_TYPE] = {"type", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_DOMAIN_FROM] = {"domain_from", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_DOMAIN_TO] = {"domain_to", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_PAGE_FROM] = {"page_from", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_PAGE_TO] = {"page_to", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_LINK_FROM] = {"link_from", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_LINK_TO] = {"link_to", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_LINK_ATTRIBUTE] = {"link_attribute", STANDIN_ARRAY, STANDIN_LISTED},
    [STANDIN_FIELD_DOFOLLOW] = {"dofollow", STANDIN_BOOLEAN, STANDIN_LISTED},
    [STANDIN_FIELD_PAGE_FROM_SCHEME] = {"page_from_scheme", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_PAGE_TO_SCHEME] = {"page_to_scheme", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_DIRECTION] = {"direction", STANDIN_STRING, STANDIN_LISTED},
    [STANDIN_FIELD_IS_BROKEN] = {"is_broken", STANDIN_BOOLEAN, STANDIN_TOLERATED},
    [STANDIN_FIELD_TEXT] = {"text", STANDIN_STRING, STANDIN_UNLISTED},
    [STANDIN_FIELD_IS_LINK_RELATION_CONFLICT] = {"is_link_relation_conflict", STANDIN_BOOLEAN, STANDIN_UNLISTED},
    [STANDIN_FIELD_PAGE_TO_STATUS_CODE] = {"page_to_status_code", STANDIN_NUMBER, STANDIN_LISTED},
    [STANDIN_FIELD_IMAGE_ALT] = {"image_alt", STANDIN_STRING, STANDIN_UNLISTED},
    [STANDIN_FIELD_IMAGE_SRC] = {"image_src", STANDIN_STRING, STANDIN_UNLISTED},
    [STANDIN_FIELD_IS_VALID_HREFLANG] = {"is_valid_hreflang", STANDIN_BOOLEAN, STANDIN_UNLISTED},
    [STANDIN_FIELD_HREFLANG] = {"hreflang", STANDIN_STRING, STANDIN_UNLISTED},
};

enum standin_field_index standin_field_find(const char *name) {
  for (int i = 0; i < STANDIN_FIELD_COUNT; i++)
    if (!strcmp(standin_fields[i].name, name)) return (enum standin_field_index)i;
  return STANDIN_FIELD_COUNT;
}

bool standin_field_filterable(enum standin_field_index field, const struct standin_readings *readings) {
  switch (standin_fields[field].offer) {
    case STANDIN_LISTED: return true;
    case STANDIN_TOLERATED: return !readings->is_broken_rejected;
    case STANDIN_UNLISTED: return readings->more_fields;
  }
  return false;
}

bool standin_field_listed(enum standin_field_index field, const struct standin_readings *readings) {
  return standin_fields[field].offer != STANDIN_TOLERATED && standin_field_filterable(field, readings);
}

const char *standin_type_name(enum standin_type type) {
  switch (type) {
    case STANDIN_STRING: return "str";
    case STANDIN_NUMBER: return "num";
    case STANDIN_BOOLEAN: return "bool";
    case STANDIN_ARRAY: return "array.str";
  }
  return "";
}
