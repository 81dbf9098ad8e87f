/*
** The fields of pages and resources, whose lists are long: fields.c makes schemas of them.
*/
#ifndef STANDIN_FIELDS_PAGES_H
#define STANDIN_FIELDS_PAGES_H

#include "fields.h"

enum { STANDIN_PAGE_FIELDS = 139, STANDIN_RESOURCE_FIELDS = 40 };

extern const struct standin_field standin_page_fields[STANDIN_PAGE_FIELDS];
extern const struct standin_field standin_resource_fields[STANDIN_RESOURCE_FIELDS];

#endif
