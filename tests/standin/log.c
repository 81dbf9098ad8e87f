/*
** The log of requests, in memory and as lines of JSON in a file.
*/
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"

static const char *copy_string(const char *string) {
  return standin_copy(string ? string : "", string ? strlen(string) : 0);
}

struct standin_request *standin_log_add(struct standin_log *log, const struct standin_request *request) {
  if (log->count == log->capacity) {
    log->capacity = log->capacity ? 2 * log->capacity : 64;
    log->requests = standin_resize(log->requests, log->capacity, sizeof *log->requests);
  }
  struct standin_request *entry = standin_allocate(1, sizeof *entry);
  *entry = *request;
  entry->method = copy_string(request->method);
  entry->path = copy_string(request->path);
  entry->body = copy_string(request->body);
  entry->authorization = copy_string(request->authorization);
  entry->user_agent = copy_string(request->user_agent);
  return log->requests[log->count++] = entry;
}

/* A body need not be UTF-8, so bytes beyond ASCII that aren't are shown as "?". */
static void print_string(struct standin_text *line, const char *key, const char *string) {
  static const struct standin_notation plain = {0};
  struct standin_text shown = {0};
  standin_text_add_string(&shown, string);
  bool valid = standin_is_utf8(shown.data, shown.length);
  for (size_t i = 0; !valid && i < shown.length; i++)
    if ((unsigned char)shown.data[i] >= 0x80) shown.data[i] = '?';
  standin_text_print(line, "\"%s\":", key);
  standin_write_string(line, &plain, shown.data, shown.length);
  standin_text_add(line, ",", 1);
  standin_text_release(&shown);
}

void standin_log_print(const struct standin_log *log, const struct standin_request *request) {
  if (!log->file) return;
  struct standin_text line = {0};
  standin_text_add(&line, "{", 1);
  print_string(&line, "method", request->method);
  print_string(&line, "path", request->path);
  print_string(&line, "body", request->body);
  standin_text_print(&line, "\"http_status\":%d,\"code\":%d,\"items\":%zu,", request->http_status, request->code,
                     request->items);
  standin_text_print(&line, "\"connection\":%zu,\"in_flight\":%zu,\"latency_ms\":%u,\"bytes\":%zu}\n", request->connection,
                     request->in_flight, request->latency_ms, request->bytes);
  fwrite(line.data, 1, line.length, log->file);
  fflush(log->file);
  standin_text_release(&line);
}

void standin_log_empty(struct standin_log *log) {
  for (size_t i = 0; i < log->count; i++) {
    struct standin_request *entry = log->requests[i];
    const char *const strings[] = {entry->method, entry->path, entry->body, entry->authorization, entry->user_agent};
    for (size_t j = 0; j < sizeof strings / sizeof *strings; j++) free((char *)strings[j]);
    free(entry);
  }
  log->count = 0;
  log->generation++;
}

int standin_log_open(struct standin_log *log, const char *path) {
  if (log->file) fclose(log->file);
  log->file = path ? fopen(path, "w") : NULL;
  if (!path || log->file) return 0;
  fprintf(stderr, "stand-in API: %s: %s\n", path, strerror(errno));
  return -1;
}

void standin_log_release(struct standin_log *log) {
  standin_log_empty(log);
  standin_log_open(log, NULL);
  free(log->requests);
  *log = (struct standin_log){0};
}
