/* The last requests of one connection, newest last: what onpage_requests shows. */
#ifndef ONPAGE_REQUEST_LOG_H
#define ONPAGE_REQUEST_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bounds on what is kept: records, and bytes of all their texts. The newest record is kept whatever its size. */
enum { REQUEST_LOG_MAX = 1000, REQUEST_LOG_BYTES_MAX = 16 << 20 };

/* An HTTP request, or a response taken from the cache. The log owns its texts once it is appended. */
struct request_record {
  int64_t seq;           /* from 1 */
  int64_t started_at_ms; /* since 1970, UTC */
  char *table_name;
  char *task_id; /* or NULL */
  const char *method;
  char *url;
  char *body; /* JSON as sent, or NULL */
  int attempt;
  long http_status; /* 0: no response */
  int status_code;  /* the API's; 0: none */
  char *status_message;
  int64_t items;             /* -1: no result */
  int64_t total_items_count; /* -1: unknown */
  int64_t bytes;
  int64_t duration_ms;
  double cost; /* USD; -1: unknown */
  bool from_cache;
  char *error; /* or NULL */
};

struct request_log;

struct request_log *request_log_new(void);
void request_log_free(struct request_log *log); /* also for NULL */
/* Takes the record over with its texts, and numbers it; drops the oldest to make room. */
void request_log_append(struct request_log *log, struct request_record *record);
/* i = 0 is the oldest; NULL past the newest. Valid until the next append. */
const struct request_record *request_log_get(const struct request_log *log, size_t i);
/* How many requests were sent, including those no longer kept; responses from the cache don't count. */
int64_t request_log_sent(const struct request_log *log);
void request_record_release(struct request_record *record);

#endif
