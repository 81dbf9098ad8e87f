/*
** duplicate_tags: the pages of a crawl that share a title or description, grouped. Limit and offset count pages, so that a group may be
** split between two responses.
*/
#include <stdlib.h>
#include <string.h>

#include "response.h"
#include "writer.h"

/* A page in a group. */
struct member {
  uint32_t row;
  uint32_t number; /* of the value that it shares */
  size_t total;    /* pages in the group */
};

static bool is_html(const struct standin_items *pages, size_t row) {
  const struct standin_value *type = standin_items_value(pages, row, standin_field_find(pages->schema, "resource_type"));
  return type && type->length == 4 && !memcmp(type->bytes, "html", 4);
}

/* Groups in the order of their first pages; an empty title is none. The caller frees them. */
static struct member *find_members(const struct standin_items *pages, const struct standin_query *query, size_t *count) {
  const char *name = !strcmp(query->word, "duplicate_title") ? "meta.title" : "meta.description";
  const struct standin_column *column = &pages->columns[standin_field_find(pages->schema, name)];
  struct member *members = standin_allocate(pages->file_rows + 1, sizeof *members);
  *count = 0;
  for (uint32_t number = 1; number <= column->count; number++) {
    const struct standin_value *value = &column->values[number - 1];
    bool wanted = !query->text || (value->length == query->text_length && !memcmp(value->bytes, query->text, value->length));
    if (!wanted || !value->length) continue;
    size_t first = *count;
    for (uint32_t row = 0; row < pages->file_rows; row++)
      if (column->numbers[row] == number && is_html(pages, row)) members[(*count)++] = (struct member){row, number, 0};
    if (*count - first < 2) *count = first;
    for (size_t i = first; i < *count; i++) members[i].total = *count - first;
  }
  return members;
}

static void put_group(struct standin_writer *writer, const struct standin_items *pages, const struct standin_query *query,
                      const struct member *members, size_t count) {
  const char *name = !strcmp(query->word, "duplicate_title") ? "meta.title" : "meta.description";
  const struct standin_value *value = standin_items_value(pages, members->row, standin_field_find(pages->schema, name));
  standin_open(writer);
  standin_put_key(writer, "accumulator");
  standin_write_string(writer->text, &writer->notation, value->bytes, value->length);
  standin_put_integer(writer, "total_count", members->total);
  standin_put_raw(writer, "pages", "[");
  for (size_t i = 0; i < count; i++) {
    if (i) standin_raw(writer, ",");
    standin_item_write(pages, members[i].row, writer->text, &writer->notation);
  }
  standin_raw(writer, "]");
  standin_close_object(writer);
}

static size_t group_end(const struct member *members, size_t first, size_t end) {
  size_t i = first;
  while (i < end && members[i].number == members[first].number) i++;
  return i;
}

static size_t count_groups(const struct member *members, size_t first, size_t end) {
  size_t groups = 0;
  for (; first < end; first = group_end(members, first, end)) groups++;
  return groups;
}

void standin_response_groups(struct standin_response *response, const struct standin_readings *readings,
                             const struct standin_query *query, const struct standin_held *held) {
  const struct standin_items *pages = held->tables[STANDIN_PAGES];
  size_t count, first;
  struct member *members = find_members(pages, query, &count);
  if (!count && readings->no_rows_code) {
    standin_response_failure(response, readings, query, &(struct standin_failure){.code = readings->no_rows_code});
    free(members);
    return;
  }
  size_t end = standin_page_end(response, readings, query, &first, count);
  struct standin_writer writer = {&response->body, standin_notation_of(readings)};
  standin_begin_result(&writer, query->endpoint->name, query, query->id, 1);
  standin_raw(&writer, "[");
  standin_open(&writer);
  standin_put_crawl(&writer, readings, held);
  standin_put_total(&writer, readings, "total_pages_count", count);
  standin_put_integer(&writer, "pages_count", end - first);
  standin_put_integer(&writer, "items_count", count_groups(members, first, end));
  standin_put_raw(&writer, "items", first == end && readings->items_null_when_none ? "null" : "[");
  for (size_t at = first; at < end; at = group_end(members, at, end)) {
    if (at > first) standin_raw(&writer, ",");
    put_group(&writer, pages, query, &members[at], group_end(members, at, end) - at);
  }
  if (first < end || !readings->items_null_when_none) standin_raw(&writer, "]");
  standin_close_object(&writer);
  standin_raw(&writer, "]");
  standin_end_task(&writer);
  free(members);
}
