/*
** The schema of links and the small ones, and looking things up in any.
*/
#include "fields.h"

#include <string.h>

#include "fields_pages.h"

static const struct standin_field links[] = {
    {"type", STANDIN_STRING, STANDIN_LISTED, NULL},
    {"domain_from", STANDIN_STRING, STANDIN_LISTED, NULL},
    {"domain_to", STANDIN_STRING, STANDIN_LISTED, NULL},
    [STANDIN_FIELD_PAGE_FROM] = {"page_from", STANDIN_STRING, STANDIN_LISTED, NULL},
    [STANDIN_FIELD_PAGE_TO] = {"page_to", STANDIN_STRING, STANDIN_LISTED, NULL},
    [STANDIN_FIELD_LINK_FROM] = {"link_from", STANDIN_STRING, STANDIN_LISTED, NULL},
    [STANDIN_FIELD_LINK_TO] = {"link_to", STANDIN_STRING, STANDIN_LISTED, NULL},
    {"link_attribute", STANDIN_ARRAY, STANDIN_LISTED, NULL},
    {"dofollow", STANDIN_BOOLEAN, STANDIN_LISTED, NULL},
    {"page_from_scheme", STANDIN_STRING, STANDIN_LISTED, NULL},
    {"page_to_scheme", STANDIN_STRING, STANDIN_LISTED, NULL},
    {"direction", STANDIN_STRING, STANDIN_LISTED, NULL},
    {"is_broken", STANDIN_BOOLEAN, STANDIN_TOLERATED, NULL},
    {"text", STANDIN_STRING, STANDIN_UNLISTED, NULL},
    {"is_link_relation_conflict", STANDIN_BOOLEAN, STANDIN_UNLISTED, NULL},
    {"page_to_status_code", STANDIN_NUMBER, STANDIN_LISTED, NULL},
    {"image_alt", STANDIN_STRING, STANDIN_UNLISTED, NULL},
    {"image_src", STANDIN_STRING, STANDIN_UNLISTED, NULL},
    {"is_valid_hreflang", STANDIN_BOOLEAN, STANDIN_UNLISTED, NULL},
    {"hreflang", STANDIN_STRING, STANDIN_UNLISTED, NULL},
};

static const struct standin_field non_indexable[] = {
    {"url", STANDIN_STRING, STANDIN_LISTED, NULL},
    {"reason", STANDIN_STRING, STANDIN_LISTED, NULL},
};

static const struct standin_field redirect_chains[] = {
    {"is_redirect_loop", STANDIN_BOOLEAN, STANDIN_LISTED, NULL},
    {"chain", STANDIN_ARRAY, STANDIN_UNOFFERED, NULL},
};

#define SCHEMA(fields)                                                                                                         \
  { fields, sizeof(fields) / sizeof *(fields) }

const struct standin_schema standin_schemas[STANDIN_TABLE_COUNT] = {
    [STANDIN_LINKS] = SCHEMA(links),
    [STANDIN_PAGES] = {standin_page_fields, STANDIN_PAGE_FIELDS},
    [STANDIN_RESOURCES] = {standin_resource_fields, STANDIN_RESOURCE_FIELDS},
    [STANDIN_NON_INDEXABLE] = SCHEMA(non_indexable),
    [STANDIN_REDIRECT_CHAINS] = SCHEMA(redirect_chains),
};

size_t standin_field_find(const struct standin_schema *schema, const char *name) {
  for (size_t i = 0; i < schema->count; i++)
    if (!strcmp(schema->fields[i].name, name)) return i;
  return STANDIN_NO_FIELD;
}

size_t standin_field_at(const struct standin_schema *schema, const char *path, bool *leads) {
  size_t length = strlen(path);
  *leads = false;
  for (size_t i = 0; i < schema->count; i++) {
    const char *candidate = schema->fields[i].path ? schema->fields[i].path : schema->fields[i].name;
    if (strncmp(candidate, path, length) != 0) continue;
    if (!candidate[length]) return i;
    *leads = *leads || candidate[length] == '.';
  }
  return STANDIN_NO_FIELD;
}

bool standin_field_filterable(const struct standin_field *field, const struct standin_readings *readings) {
  switch (field->offer) {
    case STANDIN_LISTED: return true;
    case STANDIN_TOLERATED: return !readings->is_broken_rejected;
    case STANDIN_UNLISTED: return readings->more_fields;
    case STANDIN_UNOFFERED: return false;
  }
  return false;
}

bool standin_field_listed(const struct standin_field *field, const struct standin_readings *readings) {
  return field->offer != STANDIN_TOLERATED && standin_field_filterable(field, readings);
}

const char *standin_type_name(enum standin_type type) {
  switch (type) {
    case STANDIN_STRING: return "str";
    case STANDIN_NUMBER: return "num";
    case STANDIN_BOOLEAN: return "bool";
    case STANDIN_ARRAY: return "array.str";
    case STANDIN_TIME: return "time";
  }
  return "";
}
