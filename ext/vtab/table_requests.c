/*
** onpage_requests: one row for each HTTP request of the connection that is still in the log, oldest first.
**
** The log may grow and drop its oldest records while it is read, when the same statement makes requests. So a cursor ends at the
** request that was the newest when it started, goes from one sequence number to the next, and copies the record that it is on.
**
** Tests: tests/e2e/test_eponymous_tables.c.
*/
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/request_log.h"
#include "vtab/eponymous_table.h"

enum {
  REQUEST_SEQ,
  REQUEST_STARTED_AT,
  REQUEST_TABLE_NAME,
  REQUEST_TASK_ID,
  REQUEST_METHOD,
  REQUEST_URL,
  REQUEST_BODY,
  REQUEST_ATTEMPT,
  REQUEST_HTTP_STATUS,
  REQUEST_STATUS_CODE,
  REQUEST_STATUS_MESSAGE,
  REQUEST_ITEMS,
  REQUEST_TOTAL_ITEMS_COUNT,
  REQUEST_BYTES,
  REQUEST_DURATION_MS,
  REQUEST_COST,
  REQUEST_FROM_CACHE,
  REQUEST_ERROR,
  REQUEST_COLUMNS
};

/* clang-format off */
static const struct eponymous_column columns[REQUEST_COLUMNS] = {
  [REQUEST_SEQ] = {.name = "seq", .type = "INTEGER",
    .description = "number of the request on this connection, from 1"},
  [REQUEST_STARTED_AT] = {.name = "started_at", .type = "TEXT",
    .description = "when it was sent: ISO 8601, UTC, milliseconds"},
  [REQUEST_TABLE_NAME] = {.name = "table_name", .type = "TEXT",
    .description = "table that it was made for"},
  [REQUEST_TASK_ID] = {.name = "task_id", .type = "TEXT",
    .description = "the crawl's task id; NULL when it was about none"},
  [REQUEST_METHOD] = {.name = "method", .type = "TEXT",
    .description = "HTTP method"},
  [REQUEST_URL] = {.name = "url", .type = "TEXT",
    .description = "address that it went to"},
  [REQUEST_BODY] = {.name = "body", .type = "TEXT",
    .description = "JSON as sent; NULL when there was none"},
  [REQUEST_ATTEMPT] = {.name = "attempt", .type = "INTEGER",
    .description = "1 for the first time that it was sent, 2 for the second …"},
  [REQUEST_HTTP_STATUS] = {.name = "http_status", .type = "INTEGER",
    .description = "HTTP status of the response; NULL when none came"},
  [REQUEST_STATUS_CODE] = {.name = "status_code", .type = "INTEGER",
    .description = "the API's status code, 20000 for success; NULL when it gave none"},
  [REQUEST_STATUS_MESSAGE] = {.name = "status_message", .type = "TEXT",
    .description = "the API's words for it"},
  [REQUEST_ITEMS] = {.name = "items", .type = "INTEGER",
    .description = "links in the response; NULL when it had no result"},
  [REQUEST_TOTAL_ITEMS_COUNT] = {.name = "total_items_count", .type = "INTEGER",
    .description = "links that match what was sent, as the response has it"},
  [REQUEST_BYTES] = {.name = "bytes", .type = "INTEGER",
    .description = "bytes received, as they came over the wire"},
  [REQUEST_DURATION_MS] = {.name = "duration_ms", .type = "INTEGER",
    .description = "milliseconds from sending to the end of the response"},
  [REQUEST_COST] = {.name = "cost", .type = "REAL",
    .description = "price in USD; NULL when the response doesn't say"},
  [REQUEST_FROM_CACHE] = {.name = "from_cache", .type = "BOOLEAN",
    .description = "1 when the response came from the cache, without a request"},
  [REQUEST_ERROR] = {.name = "error", .type = "TEXT",
    .description = "what went wrong; NULL when nothing did"},
};
/* clang-format on */

struct requests_cursor {
  const struct request_log *log;
  int64_t last;                 /* seq of the newest request when the reading began; 0: there was none */
  struct request_record record; /* a copy; seq 0 before the first */
  char started_at[32];
};

static int start(struct session *session, const char *input, void **started, struct error *error) {
  (void)input;
  struct requests_cursor *cursor = calloc(1, sizeof *cursor);
  if (cursor == NULL) return error_no_memory(error);
  cursor->log = session->log;
  const struct request_record *record;
  for (size_t i = 0; (record = request_log_get(cursor->log, i)) != NULL; i++) cursor->last = record->seq;
  *started = cursor;
  return 0;
}

static void stop(void *started) {
  struct requests_cursor *cursor = started;
  request_record_release(&cursor->record);
  free(cursor);
}

/* Replaces a text by a copy; false when memory ran out. */
static bool copy_text(char **text) {
  if (*text == NULL) return true;
  *text = strdup(*text);
  return *text != NULL;
}

static int copy_record(const struct request_record *record, struct request_record *copy, struct error *error) {
  *copy = *record;
  bool copied = copy_text(&copy->table_name);
  copied = copy_text(&copy->task_id) && copied;
  copied = copy_text(&copy->url) && copied;
  copied = copy_text(&copy->body) && copied;
  copied = copy_text(&copy->status_message) && copied;
  copied = copy_text(&copy->error) && copied;
  if (copied) return 0;
  request_record_release(copy);
  return error_no_memory(error);
}

/* The oldest record with a number above seq, or NULL. Numbers in the log have no gaps. */
static const struct request_record *record_after(const struct request_log *log, int64_t seq) {
  const struct request_record *oldest = request_log_get(log, 0);
  if (oldest == NULL || oldest->seq > seq) return oldest;
  return request_log_get(log, (size_t)(seq + 1 - oldest->seq));
}

/* 2024-01-31T23:59:59.999Z */
static void write_time(int64_t ms, char *text, size_t size) {
  time_t seconds = (time_t)(ms / 1000);
  unsigned fraction = (unsigned)(ms % 1000);
  struct tm utc;
  text[0] = '\0';
  if (ms < 0 || gmtime_r(&seconds, &utc) == NULL) return;
  size_t length = strftime(text, size - sizeof ".999Z", "%Y-%m-%dT%H:%M:%S", &utc);
  const char end[] = {'.', (char)('0' + fraction / 100), (char)('0' + fraction / 10 % 10), (char)('0' + fraction % 10), 'Z', 0};
  memcpy(text + length, end, sizeof end);
}

static int next(void *started, bool *row, int64_t *rowid, struct error *error) {
  struct requests_cursor *cursor = started;
  const struct request_record *record = record_after(cursor->log, cursor->record.seq);
  *row = record != NULL && record->seq <= cursor->last;
  if (!*row) return 0;
  request_record_release(&cursor->record);
  if (copy_record(record, &cursor->record, error) != 0) return -1;
  write_time(cursor->record.started_at_ms, cursor->started_at, sizeof cursor->started_at);
  *rowid = cursor->record.seq;
  return 0;
}

/* 0: there is none. */
static struct value status_value(int64_t status) {
  return eponymous_count(status != 0 ? status : -1);
}

static struct value cell(const void *started, int column) {
  const struct requests_cursor *cursor = started;
  const struct request_record *record = &cursor->record;
  switch (column) {
    case REQUEST_SEQ: return eponymous_count(record->seq);
    case REQUEST_STARTED_AT: return value_of_text(cursor->started_at);
    case REQUEST_TABLE_NAME: return value_of_text(record->table_name);
    case REQUEST_TASK_ID: return value_of_text(record->task_id);
    case REQUEST_METHOD: return value_of_text(record->method);
    case REQUEST_URL: return value_of_text(record->url);
    case REQUEST_BODY: return value_of_text(record->body);
    case REQUEST_ATTEMPT: return eponymous_count(record->attempt);
    case REQUEST_HTTP_STATUS: return status_value(record->http_status);
    case REQUEST_STATUS_CODE: return status_value(record->status_code);
    case REQUEST_STATUS_MESSAGE: return value_of_text(record->status_message);
    case REQUEST_ITEMS: return eponymous_count(record->items);
    case REQUEST_TOTAL_ITEMS_COUNT: return eponymous_count(record->total_items_count);
    case REQUEST_BYTES: return eponymous_count(record->bytes);
    case REQUEST_DURATION_MS: return eponymous_count(record->duration_ms);
    case REQUEST_COST: return record->cost < 0 ? value_of_text(NULL) : (struct value){.type = VALUE_REAL, .real = record->cost};
    case REQUEST_FROM_CACHE: return eponymous_count(record->from_cache);
    case REQUEST_ERROR: return value_of_text(record->error);
    default: return value_of_text(NULL);
  }
}

const struct eponymous_table table_requests = {
    .name = "onpage_requests",
    .columns = columns,
    .column_count = REQUEST_COLUMNS,
    .start = start,
    .next = next,
    .cell = cell,
    .stop = stop,
};
