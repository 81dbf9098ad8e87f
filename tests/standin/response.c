/*
** Writing responses whose result has items, failures, and the list of filters.
*/
#include "response.h"

#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "token.h"
#include "writer.h"

/* Numbers that differ from each other in every state, so that no reader can mix them up unnoticed. */
void standin_put_crawl(struct standin_writer *writer, const struct standin_readings *readings,
                       const struct standin_held *held) {
  enum standin_crawl crawl = held->crawl;
  size_t crawled = crawl == STANDIN_NO_RESULTS ? 0 : held->tables[STANDIN_LINKS]->columns[STANDIN_FIELD_PAGE_FROM].count;
  switch (readings->progress) {
    case STANDIN_PROGRESS_TRUE:
      standin_put_string(writer, "crawl_progress", crawl == STANDIN_IN_PROGRESS ? "in_progress" : "finished");
      break;
    case STANDIN_PROGRESS_NULL: standin_put_raw(writer, "crawl_progress", "null"); break;
    case STANDIN_PROGRESS_ABSENT: break;
    case STANDIN_PROGRESS_OTHER: standin_put_string(writer, "crawl_progress", "paused"); break;
  }
  standin_put_key(writer, "crawl_status");
  standin_open(writer);
  standin_put_integer(writer, "max_crawl_pages", crawled + 100);
  standin_put_integer(writer, "pages_in_queue", crawl == STANDIN_IN_PROGRESS ? 7 : 0);
  standin_put_integer(writer, "pages_crawled", crawled);
  standin_close_object(writer);
}

/* next: what follows this page. */
static void put_token(struct standin_writer *writer, const struct standin_readings *readings, const struct standin_query *query,
                      struct standin_place next, size_t total) {
  bool last = next.position >= total;
  if (last && readings->last_token == STANDIN_TOKEN_ABSENT) return;
  if (last && readings->last_token == STANDIN_TOKEN_NULL) {
    standin_put_raw(writer, "search_after_token", "null");
    return;
  }
  char text[STANDIN_TOKEN_LENGTH + 1];
  struct standin_token token = query->token;
  if (!token.cursor) token.place = next;
  standin_token_write(text, &token, query->fingerprint);
  standin_put_string(writer, "search_after_token", text);
}

void standin_put_total(struct standin_writer *writer, const struct standin_readings *readings, const char *key, size_t rows) {
  size_t total = readings->total_cap && rows > readings->total_cap ? readings->total_cap : rows;
  switch (readings->total) {
    case STANDIN_TOTAL_TRUE: standin_put_integer(writer, key, total); break;
    case STANDIN_TOTAL_NULL: standin_put_raw(writer, key, "null"); break;
    case STANDIN_TOTAL_ABSENT: break;
  }
}

/* Most items of the page. Where pages are short is a matter of their place, so that asking again shows the same. */
static size_t page_size(const struct standin_readings *readings, const struct standin_query *query) {
  size_t size = query->limit, position = query->start.position;
  uint64_t chance = standin_hash(0, &position, sizeof position) >> 8;
  if (query->endpoint->has_token && readings->empty_every && chance % readings->empty_every == 0 && !query->start.passed_empty)
    return 0;
  if (readings->page_cap && size > readings->page_cap) size = readings->page_cap;
  return readings->pages_vary ? 1 + (size_t)(chance >> 16) % size : size;
}

/* numbers: of the rows; NULL: row i is i. */
static void put_items(struct standin_writer *writer, const struct standin_readings *readings, const struct standin_items *items,
                      const uint32_t *numbers, size_t first, size_t end) {
  if (first == end && readings->items_null_when_none) {
    standin_put_raw(writer, "items", "null");
    return;
  }
  standin_put_raw(writer, "items", "[");
  for (size_t i = first; i < end; i++) {
    if (i > first) standin_raw(writer, ",");
    standin_item_write(items, numbers ? numbers[i] : i, writer->text, &writer->notation);
  }
  standin_raw(writer, "]");
}

size_t standin_page_end(struct standin_response *response, const struct standin_readings *readings,
                        const struct standin_query *query, size_t *first, size_t total) {
  *first = query->start.position < total ? query->start.position : total;
  size_t size = page_size(readings, query);
  size_t end = total - *first < size ? total : *first + size;
  response->next = (struct standin_place){.position = end, .passed_empty = end == *first};
  response->items = end - *first;
  response->http_status = 200;
  response->code = 20000;
  return end;
}

static void put_page(struct standin_response *response, const struct standin_readings *readings,
                     const struct standin_query *query, const struct standin_held *held, const struct standin_rows *rows) {
  const struct standin_items *items = held->tables[query->endpoint->table];
  size_t first, end = standin_page_end(response, readings, query, &first, rows->count);
  struct standin_writer writer = {&response->body, standin_notation_of(readings)};
  standin_begin_result(&writer, query->endpoint->name, query, query->id, 1);
  standin_raw(&writer, "[");
  standin_open(&writer);
  standin_put_crawl(&writer, readings, held);
  if (query->endpoint->has_token) put_token(&writer, readings, query, response->next, rows->count);
  if (query->endpoint->has_token && readings->no_current_offset)
    standin_put_raw(&writer, "current_offset", "null");
  else if (query->endpoint->has_token)
    standin_put_integer(&writer, "current_offset", query->start.position);
  standin_put_total(&writer, readings, "total_items_count", rows->count);
  standin_put_integer(&writer, "items_count", end - first);
  uint32_t *ordered = standin_order_rows(items, query, rows);
  put_items(&writer, readings, items, ordered ? ordered : rows->rows, first, end);
  free(ordered);
  standin_close_object(&writer);
  standin_raw(&writer, "]");
  standin_end_task(&writer);
}

void standin_response_page(struct standin_response *response, const struct standin_readings *readings,
                           const struct standin_query *query, const struct standin_held *held) {
  const struct standin_items *items = held->tables[query->endpoint->table];
  struct standin_rows *rows = standin_matches_find(items, &query->filter, &query->selection);
  if (rows->count || !readings->no_rows_code)
    put_page(response, readings, query, held, rows);
  else
    standin_response_failure(response, readings, query, &(struct standin_failure){.code = readings->no_rows_code});
  standin_rows_release(items, rows);
}

/* Shapes in which a gateway fails by itself. */
static void answer_by_gateway(struct standin_response *response, const struct standin_failure *failure) {
  const char *shape = "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"invalid_body\",\"message\":\"The body has "
                      "the wrong form\",\"request_id\":\"req_0001\"}}";
  if (failure->http_status == 422) shape = "{\"message\":\"Request body does not match the published schema\"}";
  if (failure->http_status == 413) shape = "<html><head><title>413 Request Entity Too Large</title></head></html>";
  if (failure->http_status == 404) shape = "<html><head><title>404 Not Found</title></head><body>No such route</body></html>";
  if (failure->http_status == 504) shape = "{\"error\":\"upstream request timeout\"}";
  standin_text_add_string(&response->body, shape);
  if (*shape == '<') response->content_type = "text/html";
}

void standin_response_failure(struct standin_response *response, const struct standin_readings *readings,
                              const struct standin_query *query, const struct standin_failure *failure) {
  struct standin_writer writer = {&response->body, standin_notation_of(readings)};
  const char *name = query && query->endpoint ? query->endpoint->name : "links";
  struct standin_text message = {0};
  standin_text_add(&message, failure->message.data, failure->message.length);
  if (!message.length) standin_text_add_string(&message, standin_status_message(failure->code));
  standin_text_add(&message, "", 1);

  response->http_status = failure->http_status ? failure->http_status : 200;
  response->code = failure->level == STANDIN_AT_GATEWAY ? 0 : failure->code;
  switch (failure->level) {
    case STANDIN_AT_GATEWAY: answer_by_gateway(response, failure); break;
    case STANDIN_AT_ENVELOPE:
      standin_begin_envelope(&writer, failure->code, message.data, 0, 0);
      standin_raw(&writer, "null");
      standin_close_object(&writer);
      break;
    case STANDIN_AT_TASK:
      standin_begin_envelope(&writer, 20000, standin_status_message(20000), 1, 1);
      standin_begin_task(&writer, name, query, query ? query->id : NULL, failure->code, message.data, 0);
      standin_raw(&writer, "null");
      standin_end_task(&writer);
      break;
  }
  standin_text_release(&message);
}

void standin_response_filters(struct standin_response *response, const struct standin_readings *readings) {
  struct standin_writer writer = {&response->body, standin_notation_of(readings)};
  standin_begin_result(&writer, "available_filters", NULL, NULL, 1);
  standin_raw(&writer, "[");
  standin_open(&writer);
  for (size_t i = STANDIN_ENDPOINT_COUNT; i-- > 0;) { /* links, which is asked for most, comes last */
    const struct standin_descriptor *endpoint = &standin_descriptors[i];
    const struct standin_schema *schema = &standin_schemas[endpoint->table];
    if (!endpoint->conditions) continue;
    standin_put_key(&writer, endpoint->name);
    standin_open(&writer);
    for (size_t field = 0; field < schema->count; field++)
      if (standin_field_listed(&schema->fields[field], readings))
        standin_put_string(&writer, schema->fields[field].name, standin_type_name(schema->fields[field].type));
    standin_close_object(&writer);
  }
  standin_close_object(&writer);
  standin_raw(&writer, "]");
  standin_end_task(&writer);
  response->http_status = 200;
  response->code = 20000;
}
