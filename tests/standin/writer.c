/*
** Writing members, and the envelope around each result.
*/
#include "writer.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "query.h"

void standin_raw(struct standin_writer *writer, const char *json) {
  standin_text_add_string(writer->text, json);
}

void standin_put_key(struct standin_writer *writer, const char *key) {
  char last = writer->text->data[writer->text->length - 1];
  if (last != '{' && last != ',') standin_raw(writer, ",");
  standin_write_string(writer->text, &writer->notation, key, strlen(key));
  standin_raw(writer, ":");
}

void standin_put_integer(struct standin_writer *writer, const char *key, size_t number) {
  standin_put_key(writer, key);
  standin_write_integer(writer->text, &writer->notation, (long long)number);
}

void standin_put_string(struct standin_writer *writer, const char *key, const char *string) {
  standin_put_key(writer, key);
  if (string)
    standin_write_string(writer->text, &writer->notation, string, strlen(string));
  else
    standin_raw(writer, "null");
}

void standin_put_real(struct standin_writer *writer, const char *key, double number) {
  char digits[32];
  standin_put_key(writer, key);
  snprintf(digits, sizeof digits, "%.6f", number);
  standin_write_json(writer->text, &writer->notation, digits, strlen(digits));
}

void standin_put_boolean(struct standin_writer *writer, const char *key, bool truth) {
  standin_put_raw(writer, key, truth ? "true" : "false");
}

void standin_put_raw(struct standin_writer *writer, const char *key, const char *json) {
  standin_put_key(writer, key);
  standin_raw(writer, json);
}

void standin_open(struct standin_writer *writer) {
  standin_write_open(writer->text, &writer->notation);
}

void standin_close_object(struct standin_writer *writer) {
  standin_write_close(writer->text, &writer->notation);
}

static void put_status(struct standin_writer *writer, int code, const char *message) {
  standin_put_integer(writer, "status_code", (size_t)code);
  standin_put_string(writer, "status_message", message);
  standin_put_string(writer, "time", "0.0100 sec.");
  standin_put_integer(writer, "cost", 0);
}

/* tasks_error counts as the API counts it, which is not to be relied on: an error of the envelope leaves it 0. */
void standin_begin_envelope(struct standin_writer *writer, int code, const char *message, size_t tasks, size_t errors) {
  standin_open(writer);
  standin_put_string(writer, "version", "0.1.20250425");
  put_status(writer, code, message);
  standin_put_integer(writer, "tasks_count", tasks);
  standin_put_integer(writer, "tasks_error", errors);
  standin_put_key(writer, "tasks");
}

static void put_echo(struct standin_writer *writer, const char *function, const struct standin_query *query) {
  standin_put_key(writer, "data");
  standin_open(writer);
  standin_put_string(writer, "api", "on_page");
  standin_put_string(writer, "function", function);
  if (query && query->data) {
    json_object_object_foreach(query->data, key, value) {
      standin_put_key(writer, key);
      const char *json = json_object_to_json_string(value);
      standin_write_json(writer->text, &writer->notation, json, strlen(json));
    }
  }
  standin_close_object(writer);
}

void standin_begin_task(struct standin_writer *writer, const char *function, const struct standin_query *query, const char *id,
                        int code, const char *message, size_t results) {
  standin_raw(writer, "[");
  standin_open(writer);
  standin_put_string(writer, "id", id ? id : "01010000-1535-0216-0000-000000000000");
  put_status(writer, code, message);
  standin_put_integer(writer, "result_count", results);
  standin_put_key(writer, "path");
  const char *const path[] = {"v3", "on_page", function};
  for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
    standin_raw(writer, i ? "," : "[");
    standin_write_string(writer->text, &writer->notation, path[i], strlen(path[i]));
  }
  standin_raw(writer, "]");
  put_echo(writer, function, query);
  standin_put_key(writer, "result");
}

void standin_end_task(struct standin_writer *writer) {
  standin_close_object(writer);
  standin_raw(writer, "]");
  standin_close_object(writer);
}

void standin_begin_result(struct standin_writer *writer, const char *function, const struct standin_query *query,
                          const char *id, size_t results) {
  const char *message = standin_status_message(20000);
  standin_begin_envelope(writer, 20000, message, 1, 0);
  standin_begin_task(writer, function, query, id, 20000, message, results);
}
