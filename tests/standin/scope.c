/*
** What a request says about pages, where the rows are of another table: it becomes a condition on the rows.
*/
#include "scope.h"

#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "matches.h"
#include "response.h"

static bool has_value(const struct standin_items *items, size_t field, const char *string) {
  const struct standin_column *column = &items->columns[field];
  size_t length = strlen(string);
  for (size_t i = 0; i < column->count; i++)
    if (column->values[i].length == length && !memcmp(column->values[i].bytes, string, length)) return true;
  return false;
}

bool standin_scope_knows(const struct standin_query *query, const struct standin_held *held) {
  const struct standin_items *pages = held->tables[STANDIN_PAGES];
  return !query->url || has_value(pages, standin_field_find(pages->schema, "url"), query->url);
}

/* By the number of the value of link_from: whether the page is asked for. The caller frees it. */
static bool *wanted_pages(const struct standin_query *query, const struct standin_held *held) {
  const struct standin_items *links = held->tables[STANDIN_LINKS], *pages = held->tables[STANDIN_PAGES];
  const struct standin_column *from = &links->columns[STANDIN_FIELD_LINK_FROM];
  size_t url = standin_field_find(pages->schema, "url");
  bool *wanted = standin_allocate(from->count + 1, sizeof *wanted);
  struct standin_rows *rows = standin_matches_find(pages, &query->page_filter, &query->selection);
  for (size_t i = 0; i < rows->count; i++) {
    const struct standin_value *page = standin_items_value(pages, rows->rows ? rows->rows[i] : i, url);
    if (!page || (query->url && (strlen(query->url) != page->length || memcmp(query->url, page->bytes, page->length) != 0)))
      continue;
    for (size_t j = 0; j < from->count; j++)
      if (from->values[j].length == page->length && !memcmp(from->values[j].bytes, page->bytes, page->length))
        wanted[j + 1] = true;
  }
  standin_rows_release(pages, rows);
  return wanted;
}

/* Resources of a page are the images that it shows as links, and what its <link> elements name. */
static struct standin_condition *resources_of_pages(const struct standin_query *query, const struct standin_held *held) {
  const struct standin_items *links = held->tables[STANDIN_LINKS];
  const struct standin_schema *schema = links->schema;
  size_t image = standin_field_find(schema, "image_src"), type = standin_field_find(schema, "type");
  const struct standin_schema *resources = &standin_schemas[STANDIN_RESOURCES];
  struct standin_condition *condition = standin_condition_among(resources, standin_field_find(resources, "url"));
  const size_t fields[] = {image, STANDIN_FIELD_LINK_TO};
  bool *wanted = wanted_pages(query, held);
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    const struct standin_column *column = &links->columns[fields[i]];
    bool *taken = standin_allocate(column->count + 1, sizeof *taken);
    for (size_t row = 0; row < links->file_rows; row++) {
      const struct standin_value *kind = standin_items_value(links, row, type);
      bool is_link = kind && kind->length == 4 && !memcmp(kind->bytes, "link", 4);
      uint32_t number = column->numbers[row];
      if (!wanted[links->columns[STANDIN_FIELD_LINK_FROM].numbers[row]] || !number || taken[number]) continue;
      if (fields[i] == STANDIN_FIELD_LINK_TO && !is_link) continue;
      taken[number] = true;
      standin_condition_allow(condition, column->values[number - 1].bytes, column->values[number - 1].length);
    }
    free(taken);
  }
  free(wanted);
  return condition;
}

void standin_scope_apply(struct standin_query *query, const struct standin_held *held) {
  if (query->endpoint->table == STANDIN_RESOURCES && (query->url || query->page_filter.count))
    standin_filter_require(&query->filter, resources_of_pages(query, held));
  if (query->endpoint->table == STANDIN_REDIRECT_CHAINS && query->url) {
    const struct standin_schema *schema = &standin_schemas[STANDIN_REDIRECT_CHAINS];
    struct standin_condition *condition = standin_condition_among(schema, standin_field_find(schema, "chain"));
    standin_condition_allow(condition, query->url, strlen(query->url));
    standin_filter_require(&query->filter, condition);
  }
}
