/* What the request log learns of a call. Where memory runs out, a text is missing there. */
#include "client/call_log.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

char *call_copy_text(const char *text) {
  return text != NULL ? strdup(text) : NULL;
}

void call_log_attempt(const struct call *call, const struct http_result *result, const struct page *page,
                      const struct verdict *verdict) {
  struct crawl_state state = {.total_items = -1};
  struct error ignored;
  int64_t items = -1;
  if (page != NULL && verdict->reaction == REACTION_SUCCESS && page_crawl_state(page, &state, &ignored) == 0)
    items = (int64_t)page_item_count(page);
  struct request_record record = {
      .started_at_ms = call->started_at_ms,
      .table_name = call_copy_text(call->endpoint->table),
      .task_id = call_copy_text(call->task_id),
      .method = call->method,
      .url = call_copy_text(call->url),
      .body = call_copy_text(call->sent),
      .attempt = call->attempt,
      .http_status = verdict->http_status,
      .status_code = verdict->code,
      .status_message = call_copy_text(result->outcome == HTTP_DONE ? verdict->message : NULL),
      .items = items,
      .total_items_count = items >= 0 ? state.total_items : -1,
      .bytes = result->bytes,
      .duration_ms = call->duration_ms,
      .cost = result->price >= 0 || page == NULL ? result->price : page_cost(page),
      .error = call_copy_text(verdict->reaction == REACTION_SUCCESS ? NULL : verdict->message),
  };
  request_log_append(call->client->log, &record);
}

/* A request whose response was cut off has been made all the same. */
void call_log_cut_off(const struct call *call, const char *why) {
  const struct http_result result = {.outcome = HTTP_PASSING, .status = 0, .retry_after_s = -1, .price = -1};
  struct verdict verdict = {.reaction = REACTION_STOP};
  snprintf(verdict.message, sizeof verdict.message, "cut off: %s", why);
  call_log_attempt(call, &result, NULL, &verdict);
}

void call_log_cached(const struct call *call, const struct page *page) {
  struct crawl_state state = {.total_items = -1};
  struct error ignored;
  if (page_crawl_state(page, &state, &ignored) != 0) state.total_items = -1; /* logged without a total */
  struct request_record record = {
      .started_at_ms = clock_wall_ms(),
      .table_name = call_copy_text(call->endpoint->table),
      .task_id = call_copy_text(call->task_id),
      .method = call->method,
      .url = call_copy_text(call->url),
      .body = call_copy_text(call->body),
      .attempt = 1,
      .status_code = page_status(page),
      .items = (int64_t)page_item_count(page),
      .total_items_count = state.total_items,
      .from_cache = true,
  };
  request_log_append(call->client->log, &record);
}
