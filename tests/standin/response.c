/*
** Writing responses. Every object is opened and closed by json_text.c, so that undocumented keys can turn up in each of them.
*/
#include "response.h"

#include <json-c/json.h>
#include <string.h>

#include "token.h"

/* A body while it is written. */
struct writer {
  struct standin_text *text;
  struct standin_notation notation;
};

static void raw(struct writer *writer, const char *json) {
  standin_text_add_string(writer->text, json);
}

static void write_key(struct writer *writer, const char *key) {
  char last = writer->text->data[writer->text->length - 1];
  if (last != '{' && last != ',') raw(writer, ",");
  standin_write_string(writer->text, &writer->notation, key, strlen(key));
  raw(writer, ":");
}

static void put_integer(struct writer *writer, const char *key, size_t number) {
  write_key(writer, key);
  standin_write_integer(writer->text, &writer->notation, (long long)number);
}

static void put_string(struct writer *writer, const char *key, const char *string) {
  write_key(writer, key);
  standin_write_string(writer->text, &writer->notation, string, strlen(string));
}

static void put_raw(struct writer *writer, const char *key, const char *json) {
  write_key(writer, key);
  raw(writer, json);
}

static void open_object(struct writer *writer) {
  standin_write_open(writer->text, &writer->notation);
}

static void close_object(struct writer *writer) {
  standin_write_close(writer->text, &writer->notation);
}

static void put_status(struct writer *writer, int code, const char *message) {
  put_integer(writer, "status_code", (size_t)code);
  put_string(writer, "status_message", message);
  put_string(writer, "time", "0.0100 sec.");
  put_integer(writer, "cost", 0);
}

/* tasks_error counts as the API counts it, which is not to be relied on: an error of the envelope leaves it 0. */
static void begin_envelope(struct writer *writer, int code, const char *message, size_t tasks, size_t errors) {
  open_object(writer);
  put_string(writer, "version", "0.1.20250425");
  put_status(writer, code, message);
  put_integer(writer, "tasks_count", tasks);
  put_integer(writer, "tasks_error", errors);
  write_key(writer, "tasks");
}

static void put_echo(struct writer *writer, const char *function, const struct standin_links *links) {
  write_key(writer, "data");
  open_object(writer);
  put_string(writer, "api", "on_page");
  put_string(writer, "function", function);
  if (links && links->data) {
    json_object_object_foreach(links->data, key, value) {
      write_key(writer, key);
      const char *json = json_object_to_json_string(value);
      standin_write_json(writer->text, &writer->notation, json, strlen(json));
    }
  }
  close_object(writer);
}

static void begin_task(struct writer *writer, const char *function, const struct standin_links *links, int code,
                       const char *message, size_t results) {
  raw(writer, "[");
  open_object(writer);
  put_string(writer, "id", links && links->id ? links->id : "01010000-1535-0216-0000-000000000000");
  put_status(writer, code, message);
  put_integer(writer, "result_count", results);
  write_key(writer, "path");
  const char *const path[] = {"v3", "on_page", function};
  for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
    raw(writer, i ? "," : "[");
    standin_write_string(writer->text, &writer->notation, path[i], strlen(path[i]));
  }
  raw(writer, "]");
  put_echo(writer, function, links);
  write_key(writer, "result");
}

static void end_task(struct writer *writer) {
  close_object(writer);
  raw(writer, "]");
  close_object(writer);
}

/* Numbers that differ from each other in every state, so that no reader can mix them up unnoticed. */
static void put_crawl_status(struct writer *writer, const struct standin_readings *readings, const struct standin_items *items,
                             enum standin_crawl crawl) {
  size_t crawled = items->columns[STANDIN_FIELD_PAGE_FROM].count;
  switch (readings->progress) {
    case STANDIN_PROGRESS_TRUE:
      put_string(writer, "crawl_progress", crawl == STANDIN_IN_PROGRESS ? "in_progress" : "finished");
      break;
    case STANDIN_PROGRESS_NULL: put_raw(writer, "crawl_progress", "null"); break;
    case STANDIN_PROGRESS_ABSENT: break;
    case STANDIN_PROGRESS_OTHER: put_string(writer, "crawl_progress", "paused"); break;
  }
  write_key(writer, "crawl_status");
  open_object(writer);
  put_integer(writer, "max_crawl_pages", crawled + 100);
  put_integer(writer, "pages_in_queue", crawl == STANDIN_IN_PROGRESS ? 7 : 0);
  put_integer(writer, "pages_crawled", crawled);
  close_object(writer);
}

/* next: what follows this page. */
static void put_token(struct writer *writer, const struct standin_readings *readings, const struct standin_links *links,
                      struct standin_place next, size_t total) {
  bool last = next.position >= total;
  if (last && readings->last_token == STANDIN_TOKEN_ABSENT) return;
  if (last && readings->last_token == STANDIN_TOKEN_NULL) {
    put_raw(writer, "search_after_token", "null");
    return;
  }
  char text[STANDIN_TOKEN_LENGTH + 1];
  struct standin_token token = links->token;
  if (!token.cursor) token.place = next;
  standin_token_write(text, &token, links->fingerprint);
  put_string(writer, "search_after_token", text);
}

static void put_total(struct writer *writer, const struct standin_readings *readings, size_t rows) {
  size_t total = readings->total_cap && rows > readings->total_cap ? readings->total_cap : rows;
  switch (readings->total) {
    case STANDIN_TOTAL_TRUE: put_integer(writer, "total_items_count", total); break;
    case STANDIN_TOTAL_NULL: put_raw(writer, "total_items_count", "null"); break;
    case STANDIN_TOTAL_ABSENT: break;
  }
}

/* Most items of the page. Where pages are short is a matter of their place, so that asking again shows the same. */
static size_t page_size(const struct standin_readings *readings, const struct standin_links *links) {
  size_t size = links->limit, position = links->start.position;
  uint64_t chance = standin_hash(0, &position, sizeof position) >> 8;
  if (readings->empty_every && chance % readings->empty_every == 0 && !links->start.passed_empty) return 0;
  if (readings->page_cap && size > readings->page_cap) size = readings->page_cap;
  return readings->pages_vary ? 1 + (size_t)(chance >> 16) % size : size;
}

static void put_items(struct writer *writer, const struct standin_readings *readings, const struct standin_items *items,
                      const struct standin_rows *rows, size_t first, size_t end) {
  if (first == end && readings->items_null_when_none) {
    put_raw(writer, "items", "null");
    return;
  }
  put_raw(writer, "items", "[");
  for (size_t i = first; i < end; i++) {
    if (i > first) raw(writer, ",");
    standin_item_write(items, rows->rows ? rows->rows[i] : i, writer->text, &writer->notation);
  }
  raw(writer, "]");
}

void standin_response_page(struct standin_response *response, const struct standin_readings *readings,
                           const struct standin_links *links, const struct standin_items *items, enum standin_crawl crawl) {
  struct standin_rows *rows = standin_matches_find(items, &links->filter, &links->selection);
  size_t first = links->start.position < rows->count ? links->start.position : rows->count;
  size_t size = page_size(readings, links);
  size_t end = rows->count - first < size ? rows->count : first + size;
  response->next = (struct standin_place){.position = end, .passed_empty = end == first};

  struct writer writer = {&response->body, standin_notation_of(readings)};
  begin_envelope(&writer, 20000, standin_status_message(20000), 1, 0);
  begin_task(&writer, "links", links, 20000, standin_status_message(20000), 1);
  raw(&writer, "[");
  open_object(&writer);
  put_crawl_status(&writer, readings, items, crawl);
  put_token(&writer, readings, links, response->next, rows->count);
  if (readings->no_current_offset)
    put_raw(&writer, "current_offset", "null");
  else
    put_integer(&writer, "current_offset", links->start.position);
  put_total(&writer, readings, rows->count);
  put_integer(&writer, "items_count", end - first);
  put_items(&writer, readings, items, rows, first, end);
  close_object(&writer);
  raw(&writer, "]");
  end_task(&writer);
  standin_rows_release(items, rows);

  response->http_status = 200;
  response->code = 20000;
  response->items = end - first;
}

/* Shapes in which a gateway fails by itself. */
static void answer_by_gateway(struct standin_response *response, const struct standin_failure *failure) {
  const char *shape = "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"invalid_body\",\"message\":\"The body has "
                      "the wrong form\",\"request_id\":\"req_0001\"}}";
  if (failure->http_status == 422) shape = "{\"message\":\"Request body does not match the published schema\"}";
  if (failure->http_status == 413) shape = "<html><head><title>413 Request Entity Too Large</title></head></html>";
  if (failure->http_status == 504) shape = "{\"error\":\"upstream request timeout\"}";
  standin_text_add_string(&response->body, shape);
}

void standin_response_failure(struct standin_response *response, const struct standin_readings *readings,
                              const struct standin_links *links, const struct standin_failure *failure) {
  struct writer writer = {&response->body, standin_notation_of(readings)};
  struct standin_text message = {0};
  standin_text_add(&message, failure->message.data, failure->message.length);
  if (!message.length) standin_text_add_string(&message, standin_status_message(failure->code));
  standin_text_add(&message, "", 1);

  response->http_status = failure->http_status ? failure->http_status : 200;
  response->code = failure->level == STANDIN_AT_GATEWAY ? 0 : failure->code;
  switch (failure->level) {
    case STANDIN_AT_GATEWAY: answer_by_gateway(response, failure); break;
    case STANDIN_AT_ENVELOPE:
      begin_envelope(&writer, failure->code, message.data, 0, 0);
      raw(&writer, "null");
      close_object(&writer);
      break;
    case STANDIN_AT_TASK:
      begin_envelope(&writer, 20000, standin_status_message(20000), 1, 1);
      begin_task(&writer, "links", links, failure->code, message.data, 0);
      raw(&writer, "null");
      end_task(&writer);
      break;
  }
  standin_text_release(&message);
}

void standin_response_filters(struct standin_response *response, const struct standin_readings *readings) {
  struct writer writer = {&response->body, standin_notation_of(readings)};
  begin_envelope(&writer, 20000, standin_status_message(20000), 1, 0);
  begin_task(&writer, "available_filters", NULL, 20000, standin_status_message(20000), 1);
  raw(&writer, "[");
  open_object(&writer);
  write_key(&writer, "resources"); /* other endpoints have filters too: a reader must look under its own name */
  open_object(&writer);
  put_string(&writer, "text", "str");
  close_object(&writer);
  write_key(&writer, "links");
  open_object(&writer);
  for (int field = 0; field < STANDIN_FIELD_COUNT; field++)
    if (standin_field_listed((enum standin_field_index)field, readings))
      put_string(&writer, standin_fields[field].name, standin_type_name(standin_fields[field].type));
  close_object(&writer);
  close_object(&writer);
  raw(&writer, "]");
  end_task(&writer);
  response->http_status = 200;
  response->code = 20000;
}
