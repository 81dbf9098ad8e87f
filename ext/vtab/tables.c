#include "vtab/tables.h"

#include "vtab/vtab.h"

const struct table_entry tables[] = {
    {.endpoint = &endpoint_links},
    {.eponymous = &table_columns},
    {.eponymous = &table_requests},
    {.eponymous = &table_crawl},
};
const size_t table_count = sizeof tables / sizeof *tables;

int tables_register(struct session *session) {
  int code = 0;
  for (size_t i = 0; i < table_count && code == 0; i++)
    code = tables[i].endpoint != NULL ? vtab_register(session, tables[i].endpoint)
                                      : eponymous_table_register(session, tables[i].eponymous);
  return code;
}
