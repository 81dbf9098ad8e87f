/* A ring of the last requests, bounded in bytes as well as in number: a body may have a megabyte. */
#include "client/request_log.h"

#include <stdlib.h>
#include <string.h>

struct request_log {
  struct request_record records[REQUEST_LOG_MAX];
  size_t first; /* the oldest */
  size_t count;
  size_t bytes; /* of all records */
  int64_t last_seq;
  int64_t sent;
};

struct request_log *request_log_new(void) {
  return calloc(1, sizeof(struct request_log));
}

void request_record_release(struct request_record *record) {
  free(record->table_name);
  free(record->task_id);
  free(record->url);
  free(record->body);
  free(record->status_message);
  free(record->error);
  *record = (struct request_record){0};
}

void request_log_free(struct request_log *log) {
  if (log == NULL) return;
  for (size_t i = 0; i < log->count; i++) request_record_release(&log->records[(log->first + i) % REQUEST_LOG_MAX]);
  free(log);
}

static size_t record_size(const struct request_record *record) {
  const char *const texts[] = {record->table_name, record->task_id, record->url,
                               record->body,       record->error,   record->status_message};
  size_t size = sizeof *record;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) size += texts[i] != NULL ? strlen(texts[i]) + 1 : 0;
  return size;
}

static void drop_oldest(struct request_log *log) {
  struct request_record *oldest = &log->records[log->first];
  log->bytes -= record_size(oldest);
  request_record_release(oldest);
  log->first = (log->first + 1) % REQUEST_LOG_MAX;
  log->count--;
}

void request_log_append(struct request_log *log, struct request_record *record) {
  size_t size = record_size(record);
  while (log->count > 0 && (log->count == REQUEST_LOG_MAX || log->bytes + size > REQUEST_LOG_BYTES_MAX)) drop_oldest(log);
  struct request_record *place = &log->records[(log->first + log->count++) % REQUEST_LOG_MAX];
  *place = *record;
  *record = (struct request_record){0};
  log->bytes += size;
  place->seq = ++log->last_seq;
  if (!place->from_cache) log->sent++;
}

const struct request_record *request_log_get(const struct request_log *log, size_t i) {
  return i < log->count ? &log->records[(log->first + i) % REQUEST_LOG_MAX] : NULL;
}

int64_t request_log_sent(const struct request_log *log) {
  return log->sent;
}
