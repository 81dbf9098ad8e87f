/* Comparing a response with its request. No message shows a token: it may name the account. */
#include "client/response_check.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/excerpt.h"

#define FOREIGN "the response belongs to another request: "

static bool differs(int64_t echoed, int64_t asked) {
  return echoed >= 0 && echoed != asked;
}

bool response_is_foreign(const struct asked *asked, const struct page_echo *echo, char *message, size_t size) {
  const struct position *position = &asked->position;
  bool placed = position->limit > 0;
  if (echo->id != NULL && asked->task_id != NULL && strcasecmp(echo->id, asked->task_id) != 0) {
    char id[100];
    excerpt_text(id, sizeof id, echo->id, strlen(echo->id));
    snprintf(message, size, FOREIGN "it echoes the id '%s'", id);
  } else if (placed && differs(echo->limit, position->limit)) {
    snprintf(message, size, FOREIGN "it echoes the limit %lld instead of %d", (long long)echo->limit, position->limit);
  } else if (placed && differs(echo->offset, position->offset)) {
    snprintf(message, size, FOREIGN "it echoes the offset %lld instead of %lld", (long long)echo->offset, position->offset);
  } else if (placed && echo->token != NULL && (position->token == NULL || strcmp(echo->token, position->token) != 0)) {
    snprintf(message, size, FOREIGN "it echoes another search_after_token");
  } else {
    return false;
  }
  return true;
}

bool response_is_garbled(const struct asked *asked, const struct page *page, char *message, size_t size) {
  struct crawl_state state;
  struct error ignored;
  if (asked->position.limit == 0 || page_has_items(page)) return false;
  if (page_crawl_state(page, &state, &ignored) != 0 || state.total_items <= asked->position.rows_before) return false;
  snprintf(message, size, "the response promises %lld links, but its items are null", (long long)state.total_items);
  return true;
}
