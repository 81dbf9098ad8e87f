/*
** What a request says about pages, where the rows are of another table: it becomes a condition on the rows, or a table of those that
** are meant.
*/
#include "scope.h"

#include <stdlib.h>
#include <string.h>

#include "items.h"
#include "json_read.h"
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

static bool same_value(const struct standin_value *left, const struct standin_value *right) {
  return left && right && left->length == right->length && !memcmp(left->bytes, right->bytes, left->length);
}

/* Rows of links. */
struct uses {
  size_t *rows; /* owned */
  size_t count;
};

/* By the number of the value of link_from: whether the page is asked for. The caller frees it. */
static bool *wanted_pages(const struct standin_query *query, const struct standin_held *held) {
  const struct standin_items *links = held->tables[STANDIN_LINKS], *pages = held->tables[STANDIN_PAGES];
  const struct standin_column *from = &links->columns[STANDIN_FIELD_LINK_FROM];
  const struct standin_value asked = {.bytes = query->url, .length = query->url ? strlen(query->url) : 0};
  size_t url = standin_field_find(pages->schema, "url");
  bool *wanted = standin_allocate(from->count + 1, sizeof *wanted);
  struct standin_rows *rows = standin_matches_find(pages, &query->page_filter, &query->selection);
  for (size_t i = 0; i < rows->count; i++) {
    const struct standin_value *page = standin_items_value(pages, rows->rows ? rows->rows[i] : i, url);
    if (query->url && !same_value(page, &asked)) continue;
    for (size_t j = 0; j < from->count; j++)
      if (same_value(&from->values[j], page)) wanted[j + 1] = true;
  }
  standin_rows_release(pages, rows);
  return wanted;
}

/* The links on the pages that are asked for. */
static struct uses find_uses(const struct standin_query *query, const struct standin_held *held) {
  const struct standin_items *links = held->tables[STANDIN_LINKS];
  bool *wanted = wanted_pages(query, held);
  struct uses uses = {.rows = standin_allocate(links->file_rows + 1, sizeof *uses.rows)};
  for (size_t row = 0; row < links->file_rows; row++)
    if (wanted[links->columns[STANDIN_FIELD_LINK_FROM].numbers[row]]) uses.rows[uses.count++] = row;
  free(wanted);
  return uses;
}

/* The value of a member, whose name is a path, in the JSON of an item; of type STANDIN_JSON_INVALID when it isn't there. */
static struct standin_json member(struct standin_json object, const char *path) {
  size_t length = strcspn(path, ".");
  struct standin_json none = {.type = STANDIN_JSON_INVALID};
  if (object.type != STANDIN_JSON_OBJECT) return none;
  char *name = standin_copy(path, length);
  struct standin_json_walk walk = standin_json_enter(&object);
  bool found = false;
  while (!found && standin_json_next(&walk)) found = standin_json_is(&walk.key, name);
  free(name);
  return !found ? none : path[length] ? member(walk.value, path + length + 1) : walk.value;
}

static struct standin_json item_of(const struct standin_items *items, size_t row) {
  return (struct standin_json){
      .type = STANDIN_JSON_OBJECT, .bytes = items->text.data + items->items[row].start, .length = items->items[row].length};
}

/* A link that brings the resource in: an image in it, or a <link>. False when there is none. */
static bool find_use(const struct standin_items *links, const struct uses *uses, const struct standin_value *url, size_t *row) {
  size_t image = standin_field_find(links->schema, "image_src"), type = standin_field_find(links->schema, "type");
  const struct standin_value link = {.bytes = "link", .length = 4};
  for (size_t i = 0; i < uses->count; i++) {
    *row = uses->rows[i];
    if (same_value(standin_items_value(links, *row, image), url)) return true;
    bool is_link = same_value(standin_items_value(links, *row, type), &link);
    if (is_link && same_value(standin_items_value(links, *row, STANDIN_FIELD_LINK_TO), url)) return true;
  }
  return false;
}

/* The item, with the alternative text that the page of the link gives it. */
static void write_resource(struct standin_text *text, struct standin_json item, struct standin_json link) {
  struct standin_json old = member(item, "meta.alternative_text"), new = member(link, "image_alt");
  const char *end = item.bytes + item.length;
  if (old.type == STANDIN_JSON_INVALID || new.type == STANDIN_JSON_INVALID) {
    standin_text_add(text, item.bytes, item.length);
  } else {
    standin_text_add(text, item.bytes, (size_t)(old.bytes - item.bytes));
    standin_text_add(text, new.bytes, new.length);
    standin_text_add(text, old.bytes + old.length, (size_t)(end - old.bytes) - old.length);
  }
  standin_text_add(text, "\n", 1);
}

/* A table of the resources that the wanted pages use. Where one page is asked for, they are as on that page. */
static struct standin_items *resources_of_pages(const struct standin_query *query, const struct standin_held *held) {
  const struct standin_items *links = held->tables[STANDIN_LINKS], *resources = held->tables[STANDIN_RESOURCES];
  size_t url = standin_field_find(resources->schema, "url");
  struct standin_text text = {0};
  struct uses uses = find_uses(query, held);
  for (size_t row = 0; row < resources->file_rows; row++) {
    size_t use;
    const struct standin_json none = {.type = STANDIN_JSON_INVALID};
    if (find_use(links, &uses, standin_items_value(resources, row, url), &use))
      write_resource(&text, item_of(resources, row), query->url ? item_of(links, use) : none);
  }
  free(uses.rows);
  return standin_items_new(resources->schema, &text, 1);
}

struct standin_items *standin_scope_apply(struct standin_query *query, const struct standin_held *held) {
  if (query->endpoint->table == STANDIN_RESOURCES && (query->url || query->page_filter.count))
    return resources_of_pages(query, held);
  if (query->endpoint->table == STANDIN_REDIRECT_CHAINS && query->url) {
    const struct standin_schema *schema = &standin_schemas[STANDIN_REDIRECT_CHAINS];
    struct standin_condition *condition = standin_condition_among(schema, standin_field_find(schema, "chain"));
    standin_condition_allow(condition, query->url, strlen(query->url));
    standin_filter_require(&query->filter, condition);
  }
  return NULL;
}
