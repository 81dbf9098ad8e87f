/* Records of the request log, made from calls. When memory runs out, a text is missing there. */
#include "client/call_log.h"

#include <stdio.h>

#include "base/clock.h"
#include "client/account.h"

/* What every record has; page: the response if it was a success, else NULL. */
static struct request_record make_record(const struct call *call, const char *body, const struct page *page) {
  struct crawl_state state = {.total_items = -1};
  struct error ignored;
  bool has_result = page != NULL && page_crawl_state(page, &state, &ignored) == 0;
  return (struct request_record){
      .table_name = call_copy_text(call->endpoint->table),
      .task_id = call_copy_text(call->task_id),
      .method = call->method,
      .url = call_copy_text(call->url),
      .body = call_copy_text(body),
      .items = has_result ? (int64_t)page_item_count(page) : -1,
      .total_items_count = has_result ? state.total_items : -1,
  };
}

void call_log_attempt(const struct call *call, const struct http_result *result, const struct page *page,
                      const struct verdict *verdict) {
  double price = account_price(result);
  bool success = verdict->reaction == REACTION_SUCCESS;
  struct request_record record = make_record(call, call->sent, success ? page : NULL);
  record.started_at_ms = call->started_at_ms;
  record.attempt = call->attempts;
  record.http_status = verdict->http_status;
  record.status_code = verdict->code;
  record.status_message = call_copy_text(result->outcome == HTTP_DONE ? verdict->message : NULL);
  record.bytes = result->bytes;
  record.duration_ms = call->duration_ms;
  record.cost = price >= 0 || page == NULL ? price : page_cost(page);
  record.error = call_copy_text(success ? NULL : verdict->message);
  request_log_append(call->client->log, &record);
}

void call_log_cut_off(const struct call *call, const char *why) {
  struct http_result result = {.outcome = HTTP_TRANSIENT, .status = 0, .retry_after_s = -1};
  struct verdict verdict = {.reaction = REACTION_STOP};
  if (call->state == CALL_RECEIVED && !call->put_off) {
    result = *http_result_of(call->transfer);
    result.outcome = HTTP_TRANSIENT; /* its message isn't the API's */
    verdict.http_status = result.status;
  }
  snprintf(verdict.message, sizeof verdict.message, "cut off: %s", why);
  call_log_attempt(call, &result, NULL, &verdict);
}

void call_log_cached(const struct call *call, const struct page *page) {
  struct request_record record = make_record(call, call->body, page);
  record.started_at_ms = clock_wall_ms();
  record.attempt = 1;
  record.status_code = page_status(page);
  record.from_cache = true;
  request_log_append(call->client->log, &record);
}
