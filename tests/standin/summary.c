/*
** summary: one object about the crawl, counted from its tables.
*/
#include <string.h>

#include "response.h"
#include "writer.h"

/* Rows whose field has the value; TRUE for a boolean. */
static size_t count_rows(const struct standin_items *items, const char *name, const char *wanted) {
  size_t field = standin_field_find(items->schema, name), count = 0;
  bool is_boolean = items->schema->fields[field].type == STANDIN_BOOLEAN;
  for (size_t row = 0; row < items->file_rows; row++) {
    const struct standin_value *value = standin_items_value(items, row, field);
    if (!value) continue;
    count += is_boolean ? value->truth : value->length == strlen(wanted) && !memcmp(value->bytes, wanted, value->length);
  }
  return count * items->copies;
}

static void put_string_of(struct standin_writer *writer, const char *key, const struct standin_items *items, const char *name) {
  const struct standin_column *column = &items->columns[standin_field_find(items->schema, name)];
  standin_put_key(writer, key);
  if (column->count)
    standin_write_string(writer->text, &writer->notation, column->values->bytes, column->values->length);
  else
    standin_raw(writer, "null");
}

static void put_domain(struct standin_writer *writer, const struct standin_held *held) {
  const struct standin_items *links = held->tables[STANDIN_LINKS];
  bool empty = held->crawl == STANDIN_NO_RESULTS;
  standin_put_key(writer, "domain_info");
  standin_open(writer);
  put_string_of(writer, "name", links, "domain_from");
  standin_put_raw(writer, "cms", "null");
  standin_put_string(writer, "ip", "192.0.2.7");
  standin_put_string(writer, "server", "althttpd");
  standin_put_string(writer, "crawl_start", "2026-11-01 10:00:00 +00:00");
  standin_put_string(writer, "crawl_end", held->crawl == STANDIN_IN_PROGRESS ? NULL : "2026-11-01 10:20:00 +00:00");
  standin_put_string(writer, "extended_crawl_status", empty ? "forbidden_http_header" : "no_errors");
  standin_put_key(writer, "ssl_info");
  standin_open(writer);
  standin_put_boolean(writer, "valid_certificate", true);
  standin_put_string(writer, "certificate_issuer", "CN=R3, O=Let's Encrypt, C=US");
  standin_put_string(writer, "certificate_subject", "CN=sqlite.org");
  standin_put_integer(writer, "certificate_version", 3);
  standin_put_string(writer, "certificate_hash", "8D6B3F24D6DB9A2A65CEB2D8B3E21E86AE18AF4B");
  standin_put_string(writer, "certificate_expiration_date", "2027-01-20 09:12:31 +00:00");
  standin_close_object(writer);
  standin_put_key(writer, "checks");
  standin_open(writer);
  standin_put_boolean(writer, "sitemap", false);
  standin_put_boolean(writer, "robots_txt", true);
  standin_put_boolean(writer, "ssl", true);
  standin_put_boolean(writer, "http2", false);
  standin_put_boolean(writer, "test_canonicalization", true);
  standin_put_boolean(writer, "test_directory_browsing", true);
  standin_put_boolean(writer, "test_https_redirect", true);
  standin_put_boolean(writer, "test_page_not_found", true);
  standin_put_boolean(writer, "test_hidden_server_signature", false);
  standin_close_object(writer);
  standin_put_integer(writer, "total_pages", empty ? 0 : standin_items_count(held->tables[STANDIN_PAGES]));
  standin_put_integer(writer, "total_uncrawlable_resources", 0);
  standin_put_integer(writer, "page_not_found_status_code", 404);
  standin_put_integer(writer, "canonicalization_status_code", 301);
  standin_put_integer(writer, "directory_browsing_status_code", 403);
  standin_put_raw(writer, "www_redirect_status_code", "null");
  put_string_of(writer, "main_domain", links, "domain_from");
  standin_close_object(writer);
}

static void put_metrics(struct standin_writer *writer, const struct standin_held *held) {
  const struct standin_items *links = held->tables[STANDIN_LINKS], *pages = held->tables[STANDIN_PAGES];
  static const char checks[] = "checks.";
  static const char *const flags[] = {"duplicate_title", "duplicate_description", "duplicate_content", "broken_links",
                                      "broken_resources"};
  standin_put_key(writer, "page_metrics");
  standin_open(writer);
  standin_put_integer(writer, "links_external", count_rows(links, "direction", "external"));
  standin_put_integer(writer, "links_internal", count_rows(links, "direction", "internal"));
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    standin_put_integer(writer, flags[i], count_rows(pages, flags[i], ""));
  standin_put_integer(writer, "links_relation_conflict", count_rows(links, "is_link_relation_conflict", ""));
  standin_put_integer(writer, "redirect_loop", count_rows(held->tables[STANDIN_REDIRECT_CHAINS], "is_redirect_loop", ""));
  standin_put_real(writer, "onpage_score", 87.54);
  standin_put_integer(writer, "non_indexable", standin_items_count(held->tables[STANDIN_NON_INDEXABLE]));
  standin_put_key(writer, "checks");
  standin_open(writer);
  for (size_t field = 0; field < pages->schema->count; field++) {
    const struct standin_field *check = &pages->schema->fields[field];
    const char *path = check->path ? check->path : check->name;
    if (!strncmp(path, checks, sizeof checks - 1))
      standin_put_integer(writer, path + sizeof checks - 1, count_rows(pages, check->name, ""));
  }
  standin_close_object(writer);
  standin_close_object(writer);
}

void standin_response_summary(struct standin_response *response, const struct standin_readings *readings, const char *task_id,
                              const struct standin_held *held) {
  struct standin_writer writer = {&response->body, standin_notation_of(readings)};
  bool empty = held->crawl == STANDIN_NO_RESULTS;
  standin_begin_result(&writer, "summary", NULL, task_id, 1);
  standin_raw(&writer, "[");
  standin_open(&writer);
  standin_put_crawl(&writer, readings, held);
  standin_put_string(&writer, "crawl_gateway_address", "192.0.2.99");
  standin_put_string(&writer, "crawl_stop_reason", held->crawl == STANDIN_IN_PROGRESS ? NULL : "empty_queue");
  put_domain(&writer, held);
  if (empty)
    standin_put_raw(&writer, "page_metrics", "null");
  else
    put_metrics(&writer, held);
  standin_close_object(&writer);
  standin_raw(&writer, "]");
  standin_end_task(&writer);
  response->http_status = 200;
  response->code = 20000;
  response->items = 1;
}
